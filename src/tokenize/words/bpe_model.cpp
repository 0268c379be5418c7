#include "tokenize/words/bpe_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "tokenize/text/byte_alphabet.h"
#include "tokenize/words/merge_word.h"

namespace headlight {
namespace {

using nlohmann::json;
using Pair = BpeModel::Pair;

constexpr std::int32_t kAlone = INT32_MAX;     // no code point
constexpr std::int64_t kMaxPieceId = 1 << 26;  // bounds the table of pieces whatever a file says

/// Of a model without any there are none.
Result<std::vector<Pair>> read_merges(const json& model) {
    const auto found = model.find("merges");
    if (found == model.end()) return std::vector<Pair>();
    const json& list = *found;
    if (!list.is_array()) return fail(ErrorKind::Corrupt, "the model's 'merges' is no list");
    std::vector<Pair> merges;
    merges.reserve(list.size());
    for (const json& entry : list) {
        if (entry.is_string()) {
            const auto& text = entry.get_ref<const std::string&>();
            if (text.starts_with("#version"))
                continue;  // a line of merges.txt, which the reference leaves out
            auto pair = BpeModel::pair_of(text);
            if (!pair) {
                return fail(ErrorKind::Corrupt, "merge {} is '{}', expected two pieces with a space between",
                            merges.size(), text.substr(0, 60));
            }
            merges.push_back(*std::move(pair));
        } else if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string()) {
            merges.emplace_back(entry[0].get<std::string>(), entry[1].get<std::string>());
        } else {
            return fail(ErrorKind::Corrupt, "merge {} is neither \"a b\" nor [\"a\", \"b\"]", merges.size());
        }
    }
    return merges;
}

std::string text_or_empty(const json& model, const char* key) {
    const auto found = model.find(key);
    return found != model.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string piece_of_byte(int byte) {
    std::string piece;
    utf8::append(piece, byte_to_char(static_cast<unsigned char>(byte)));
    return piece;
}

}  // namespace

std::optional<Pair> BpeModel::pair_of(std::string_view merge) {
    const auto space = merge.find(' ');
    if (space == std::string_view::npos || merge.find(' ', space + 1) != std::string_view::npos)
        return std::nullopt;
    return Pair(merge.substr(0, space), merge.substr(space + 1));
}

Result<BpeModel> BpeModel::from_json(const json& model, bool is_byte_level) {
    if (const auto dropout = model.find("dropout");
        dropout != model.end() && dropout->is_number() && dropout->get<double>() > 0) {
        return fail(ErrorKind::Unsupported, "the BPE model has dropout {}: its tokens would be random",
                    dropout->get<double>());
    }
    const auto vocab = model.find("vocab");
    if (vocab == model.end() || !vocab->is_object())
        return fail(ErrorKind::Corrupt, "the model has no object 'vocab'");
    Vocabulary vocabulary;
    vocabulary.reserve(vocab->size());
    for (const auto& [piece, id] : vocab->items()) {
        if (!id.is_number_integer() || id.get<std::int64_t>() < 0 || id.get<std::int64_t>() > kMaxPieceId) {
            return fail(ErrorKind::Corrupt, "the id of '{}' in 'vocab' is no whole number in range",
                        piece.substr(0, 60));
        }
        vocabulary.emplace(piece, id.get<std::int32_t>());
    }
    HEADLIGHT_TRY(const std::vector<Pair> merges, read_merges(model));
    Options options;
    options.ignores_merges = model.value("ignore_merges", false);
    options.has_byte_fallback = model.value("byte_fallback", false);
    options.fuses_unknown = model.value("fuse_unk", false);
    options.unknown = text_or_empty(model, "unk_token");
    options.continuing_prefix = text_or_empty(model, "continuing_subword_prefix");
    options.end_suffix = text_or_empty(model, "end_of_word_suffix");
    options.is_byte_level = is_byte_level && !options.has_byte_fallback &&
                            options.continuing_prefix.empty() && options.end_suffix.empty();
    return create(std::move(vocabulary), merges, std::move(options));
}

Result<BpeModel> BpeModel::with_vocabulary(Vocabulary vocabulary, Options options) {
    BpeModel model;
    model.options_ = std::move(options);
    model.ids_ = std::move(vocabulary);
    std::int32_t most = -1;
    for (const auto& [piece, id] : model.ids_) {
        if (id < 0 || id > kMaxPieceId)
            return fail(ErrorKind::Corrupt, "the id {} of '{}' is out of range", id, piece.substr(0, 60));
        most = std::max(most, id);
    }
    model.pieces_.resize(static_cast<std::size_t>(most + 1));
    for (const auto& [piece, id] : model.ids_)
        model.pieces_[static_cast<std::size_t>(id)] = piece;
    return model;
}

// What follows from vocabulary and merges.
void BpeModel::finish() {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string piece =
            options_.is_byte_level ? piece_of_byte(byte) : fmt::format("<0x{:02X}>", byte);
        byte_ids_[static_cast<std::size_t>(byte)] = id_of(piece);
    }
    note_neighbors();
    if (!options_.unknown.empty()) unknown_id_ = id_of(options_.unknown);
}

Result<BpeModel> BpeModel::create(Vocabulary vocabulary, std::span<const Pair> merges, Options options) {
    HEADLIGHT_TRY(BpeModel model, with_vocabulary(std::move(vocabulary), std::move(options)));
    const std::size_t prefix = model.options_.continuing_prefix.size();
    model.merges_.reserve(merges.size());
    for (std::size_t rank = 0; rank < merges.size(); ++rank) {
        const auto& [left, right] = merges[rank];
        const std::int32_t a = model.id_of(left), b = model.id_of(right);
        const std::int32_t merged = right.size() < prefix ? -1 : model.id_of(left + right.substr(prefix));
        if (a < 0 || b < 0 || merged < 0) {
            return fail(ErrorKind::Corrupt,
                        "merge {} ('{}' and '{}') names a piece that is not in the vocabulary", rank,
                        left.substr(0, 60), right.substr(0, 60));
        }
        model.merges_.insert(a, b, {static_cast<std::uint32_t>(rank), merged});
    }
    model.finish();
    return model;
}

Result<BpeModel> BpeModel::from_ranks(Vocabulary vocabulary) {
    Options options;
    options.is_byte_level = true;
    options.ignores_merges = true;
    HEADLIGHT_TRY(BpeModel model, with_vocabulary(std::move(vocabulary), std::move(options)));
    for (const auto& [piece, id] : model.ids_) {
        for (std::size_t cut = utf8::decode(piece, 0).size_bytes; cut < piece.size();
             cut += utf8::decode(piece, cut).size_bytes) {
            const std::int32_t left = model.id_of(piece.substr(0, cut)),
                               right = left < 0 ? -1 : model.id_of(piece.substr(cut));
            if (right >= 0) model.merges_.insert(left, right, {static_cast<std::uint32_t>(id), id});
        }
    }
    model.finish();
    return model;
}

void BpeModel::note_neighbors() {
    const bool is_decorated = !options_.continuing_prefix.empty() || !options_.end_suffix.empty();
    if (options_.is_byte_level || options_.ignores_merges || is_decorated) return;
    neighbors_.reserve(std::min<std::size_t>(ids_.size(), 1 << 16));
    for (const auto& [piece, id] : ids_) {
        std::int32_t before = -1;
        for (std::size_t i = 0; i < piece.size();) {
            const utf8::Decoded c = utf8::decode(piece, i);
            const auto code = static_cast<std::int32_t>(c.code_point);
            if (before >= 0) neighbors_.insert(before, code, {});
            if (c.size_bytes == piece.size()) neighbors_.insert(code, kAlone, {});
            before = code;
            i += c.size_bytes;
        }
    }
}

std::size_t BpeModel::stretch_end(std::string_view word, std::size_t begin) const {
    if (neighbors_.empty()) return word.size();
    std::int32_t before = -1;
    bool before_is_known = false;
    for (std::size_t i = begin; i < word.size();) {
        const utf8::Decoded c = utf8::decode(word, i);
        const auto code = static_cast<std::int32_t>(c.code_point);
        const bool is_known = neighbors_.find(code, kAlone) != nullptr;
        // Characters without a token may fuse or vanish, so there is no cut beside them.
        if (before_is_known && is_known && neighbors_.find(before, code) == nullptr) return i;
        before = code;
        before_is_known = is_known;
        i += c.size_bytes;
    }
    return word.size();
}

std::int32_t BpeModel::id_of(const std::string& piece) const {
    const auto found = ids_.find(piece);
    return found != ids_.end() ? found->second : -1;
}

std::int32_t BpeModel::whole_word(std::string_view word) const {
    if (!options_.is_byte_level) return id_of(std::string(word));
    std::string piece;
    for (const char c : word)
        utf8::append(piece, byte_to_char(static_cast<unsigned char>(c)));
    return id_of(piece);
}

bool BpeModel::add_fallback_bytes(std::string_view piece, std::vector<WordToken>& symbols) const {
    for (const char c : piece) {
        if (byte_ids_[static_cast<unsigned char>(c)] < 0) return false;
    }
    for (const char c : piece)
        symbols.push_back({byte_ids_[static_cast<unsigned char>(c)], 1});
    return true;
}

// Characters of the word (bytes if byte-level) as tokens; what the vocabulary lacks becomes bytes (those of
// the prefix and the suffix too, as in the reference) or unknown.
Status BpeModel::start_symbols(std::string_view word, std::vector<WordToken>& symbols) const {
    std::uint32_t unknown_bytes = 0, skipped_bytes = 0;
    const auto flush_unknown = [&] {
        if (unknown_bytes > 0) symbols.push_back({unknown_id_, unknown_bytes});
        unknown_bytes = 0;
    };
    std::string piece;
    for (std::size_t i = 0; i < word.size();) {
        const std::size_t length = options_.is_byte_level ? 1 : utf8::decode(word, i).size_bytes;
        const std::string_view character = word.substr(i, length);
        std::int32_t id = -1;
        if (options_.is_byte_level) {
            id = byte_ids_[static_cast<unsigned char>(word[i])];
        } else {
            piece = i > 0 ? options_.continuing_prefix : std::string();
            piece += character;
            if (i + length == word.size()) piece += options_.end_suffix;
            id = id_of(piece);
        }
        i += length;
        if (id >= 0) {
            flush_unknown();
            symbols.push_back({id, static_cast<std::uint32_t>(length)});
        } else if (options_.has_byte_fallback && add_fallback_bytes(piece, symbols)) {
            continue;  // an unknown token that waits goes on waiting: it comes after these bytes, as in the
                       // reference
        } else if (unknown_id_ < 0 && !options_.unknown.empty()) {
            return fail(unspelled(character, options_.unknown));
        } else if (unknown_id_ >= 0) {
            if (!options_.fuses_unknown) flush_unknown();
            unknown_bytes += static_cast<std::uint32_t>(length);
        } else {
            // As in the reference there is no token for it, and its neighbours may merge. Its bytes go to the
            // token before it, so that the spans still cover the text.
            (symbols.empty() ? skipped_bytes : symbols.back().size_bytes) +=
                static_cast<std::uint32_t>(length);
        }
    }
    flush_unknown();
    if (!symbols.empty()) symbols.front().size_bytes += skipped_bytes;
    return {};
}

Status BpeModel::encode(std::string_view word, std::vector<WordToken>& out) const {
    if (word.empty()) return {};
    if (options_.ignores_merges) {
        if (const std::int32_t id = whole_word(word); id >= 0) {
            out.push_back({id, static_cast<std::uint32_t>(word.size())});
            return {};
        }
    }
    std::vector<WordToken> symbols;
    symbols.reserve(word.size());
    HEADLIGHT_CHECK(start_symbols(word, symbols));
    merge_word(symbols, merges_, options_.continuing_prefix.empty());
    out.insert(out.end(), symbols.begin(), symbols.end());
    return {};
}

}  // namespace headlight
