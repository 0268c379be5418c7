// ByT5, Perceiver and Marian, and the list of all classes in Python.
#include "tokenize/classes/python_classes.h"

#include <algorithm>
#include <filesystem>

#include "base/utf8.h"
#include "io/json_file.h"
#include "tokenize/files/python_tokenizer.h"
#include "tokenize/files/sentencepiece_tokenizer.h"
#include "tokenize/files/tokenizer_class.h"
#include "tokenize/files/vocabulary_file.h"
#include "tokenize/text/clean_text.h"
#include "tokenize/text/space_mark.h"

namespace headlight {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kMostExtraIds = 20000;
constexpr int kNumBytes = 256;

/// ByT5 and Perceiver: a byte is a token.
class ByteTokenizer final : public PythonTokenizer {
  public:
    ByteTokenizer(bool is_byt5, int first) : is_byt5_(is_byt5), first_(first) {
        note_size(first + kNumBytes);
    }
    std::string family() const override { return "plain_bytes"; }

  private:
    void cut(std::string_view part, std::vector<Token>& out) const override {
        for (std::size_t i = 0; i < part.size(); ++i) {
            const auto byte = static_cast<unsigned char>(part[i]);
            const std::int32_t added = added_id(piece_of(byte + first_));
            Token token = dressed(added >= 0 ? added : byte + first_);
            std::size_t begin = i, end = i + 1;
            expand_to_characters(part, begin, end);
            token.byte_begin = begin;
            token.byte_end = end;
            out.push_back(std::move(token));
        }
    }
    void put_around(std::vector<Token>& tokens) const override {
        const std::int32_t end = id_of_role(is_byt5_ ? "eos_token" : "sep_token");
        const std::int32_t begin = is_byt5_ ? -1 : id_of_role("cls_token");
        if (begin >= 0) tokens.insert(tokens.begin(), dressed(begin));
        const bool is_ended = is_byt5_ && !tokens.empty() && tokens.back().id == end;
        if (end >= 0 && !is_ended) tokens.push_back(dressed(end));
    }
    // Pieces are the characters with the bytes' numbers.
    std::int32_t piece_id(const std::string& piece) const override {
        const utf8::Decoded c = piece.empty() ? utf8::Decoded() : utf8::decode(piece, 0);
        return c.is_valid && c.size_bytes == piece.size() && c.code_point < kNumBytes
                   ? static_cast<std::int32_t>(c.code_point) + first_
                   : -1;
    }
    std::string piece_of(std::int32_t id) const override {
        std::string piece;
        if (id >= first_ && id < first_ + kNumBytes) utf8::append(piece, static_cast<char32_t>(id - first_));
        return piece;
    }
    std::string bytes_of_piece(std::int32_t id) const override {
        return id >= first_ && id < first_ + kNumBytes ? std::string(1, static_cast<char>(id - first_))
                                                       : std::string();
    }

    bool is_byt5_;
    int first_;  // id of byte 0
};

class MarianTokenizer final : public PythonTokenizer {
  public:
    TokenizerPtr cutter;  // the SentencePiece model alone
    std::unordered_map<std::string, std::int32_t> ids;
    std::vector<std::string> pieces;  // [id]
    std::int32_t unknown = -1;

    std::string family() const override { return "marian"; }
    /// The decoder starts with the padding token; a text has no beginning of its own.
    std::int32_t bos_id() const override { return -1; }
    void note_pieces() { note_size(static_cast<int>(pieces.size())); }

  private:
    void cut(std::string_view part, std::vector<Token>& out) const override {
        const std::size_t language_end = language_code(part);
        if (language_end > 0) {
            out.push_back(dressed(id_of(std::string(part.substr(0, language_end)))));
            out.back().byte_end = language_end;
        }
        for (const Token& cut : cutter->encode(part.substr(language_end), false).tokens) {
            Token token = dressed(id_of(cut.piece));
            if (token.id == unknown) {  // the text that it stands for says more than "<unk>"
                token.piece = cut.piece;
                token.display = cut.display;
            }
            token.byte_begin = cut.byte_begin + language_end;
            token.byte_end = cut.byte_end + language_end;
            out.push_back(std::move(token));
        }
    }
    void put_around(std::vector<Token>& tokens) const override {
        if (const std::int32_t end = id_of_role("eos_token"); end >= 0) tokens.push_back(dressed(end));
    }
    std::int32_t piece_id(const std::string& piece) const override {
        const auto found = ids.find(piece);
        return found != ids.end() ? found->second : -1;
    }
    std::string piece_of(std::int32_t id) const override {
        return id >= 0 && id < static_cast<std::int32_t>(pieces.size()) ? pieces[static_cast<std::size_t>(id)]
                                                                        : std::string();
    }
    std::string bytes_of_piece(std::int32_t id) const override { return with_spaces(piece_of(id)); }
    bool drops_first_space() const override { return true; }

    /// Length of a target language ">>fra<<" in front of a text; 0 if there is none.
    static std::size_t language_code(std::string_view text) {
        if (!text.starts_with(">>")) return 0;
        const auto close = text.find("<<");
        return close == std::string_view::npos ? 0 : close + 2;
    }
    std::int32_t id_of(const std::string& piece) const {
        if (const std::int32_t added = added_id(piece); added >= 0) return added;
        const std::int32_t id = piece_id(piece);
        return id >= 0 ? id : unknown;
    }
};

void let_strip_both(ClassBuild& build, const char* role) {
    auto token = token_spec(build.settings()[role]);
    if (!token || !token->is_text) return;
    token->is_text = false;
    token->strips_left = token->strips_right = true;
    build.settings()[role] = to_json(*token);
}

Status set_byt5_roles(ClassBuild& build) {
    build.set_default("eos_token", "</s>");
    build.set_default("unk_token", "<unk>");
    build.set_default("pad_token", "<pad>");
    for (const char* role : {"eos_token", "unk_token", "pad_token"})
        let_strip_both(build, role);
    const int extra_ids = build.setting("extra_ids", 125).get<int>();
    if (extra_ids < 0 || extra_ids > kMostExtraIds)
        return fail(ErrorKind::Corrupt, "'extra_ids' is {}, which is out of range", extra_ids);
    if (const ordered_json given = build.additional(); !given.is_null()) {
        const auto count = std::count_if(given.begin(), given.end(), [](const ordered_json& item) {
            const auto token = token_spec(item);
            return token && token->content.find("extra_id") != std::string::npos;
        });
        if (extra_ids > 0 && !given.empty() && count != extra_ids)
            return fail(ErrorKind::Corrupt,
                        "'extra_ids' is {}, but additional_special_tokens holds {} of them", extra_ids,
                        count);
        return {};
    }
    if (extra_ids == 0) return {};
    ordered_json additional = ordered_json::array();
    for (int i = 0; i < extra_ids; ++i)
        additional.push_back("<extra_id_" + std::to_string(i) + ">");
    build.set_additional(std::move(additional));
    return {};
}

Result<TokenizerPtr> open_bytes(ClassBuild& build, const std::string& folder, bool is_byt5) {
    std::vector<std::pair<std::int32_t, const char*>> own;
    if (is_byt5) {
        HEADLIGHT_CHECK(set_byt5_roles(build));
        own = {{0, "pad_token"}, {1, "eos_token"}, {2, "unk_token"}};
    } else {
        const std::pair<const char*, const char*> roles[] = {{"pad_token", "[PAD]"}, {"bos_token", "[BOS]"},
                                                             {"eos_token", "[EOS]"}, {"mask_token", "[MASK]"},
                                                             {"cls_token", "[CLS]"}, {"sep_token", "[SEP]"}};
        for (const auto& [role, text] : roles) {
            build.set_default(role, text);
            own.emplace_back(static_cast<std::int32_t>(own.size()), role);
        }
    }
    auto tokenizer = std::make_shared<ByteTokenizer>(is_byt5, static_cast<int>(own.size()));
    tokenizer->source_file = (std::filesystem::path(folder) / "tokenizer_config.json").string();
    // ByT5 counts its ids, of which a token that is written onto a byte's id takes one away; Perceiver counts
    // texts.
    const auto& written = build.merged().added;
    const auto first = written.lower_bound(static_cast<std::int64_t>(own.size())),
               last = written.lower_bound(static_cast<std::int64_t>(own.size() + kNumBytes));
    const std::size_t num_taken = is_byt5 ? static_cast<std::size_t>(std::distance(first, last)) : 0;
    HEADLIGHT_CHECK(tokenizer->take_tokens(build, own, kNumBytes - num_taken));
    return TokenizerPtr(std::move(tokenizer));
}

Result<TokenizerPtr> open_marian(ClassBuild& build, const std::string& folder) {
    const std::string spm = folder + "/source.spm", vocab_file = folder + "/vocab.json";
    auto tokenizer = std::make_shared<MarianTokenizer>();
    tokenizer->source_file = spm;
    HEADLIGHT_TRY(tokenizer->cutter, open_sentencepiece_alone(spm));
    HEADLIGHT_TRY(const json vocab, read_vocab_json(vocab_file));
    for (const auto& [piece, id] : vocab.items()) {
        const auto place = id.get<std::size_t>();
        if (place >= tokenizer->pieces.size()) tokenizer->pieces.resize(place + 1);
        tokenizer->pieces[place] = piece;
        tokenizer->ids.emplace(piece, id.get<std::int32_t>());
    }
    tokenizer->note_pieces();
    build.set_default("unk_token", "<unk>");
    build.set_default("eos_token", "</s>");
    build.set_default("pad_token", "<pad>");
    const auto unknown = tokenizer->ids.find(build.text_of("unk_token"));
    if (unknown == tokenizer->ids.end())
        return fail(make_error(ErrorKind::Corrupt, "the vocabulary has no token for unknown pieces ('{}')",
                               build.text_of("unk_token"))
                        .in_file(vocab_file));
    tokenizer->unknown = unknown->second;
    HEADLIGHT_CHECK(tokenizer->take_tokens(build, {}, tokenizer->ids.size()));
    return TokenizerPtr(std::move(tokenizer));
}

constexpr PythonClass kClasses[] = {
    {"ByT5Tokenizer", true,
     [](ClassBuild& build, const std::string& folder) { return open_bytes(build, folder, true); }},
    {"PerceiverTokenizer", true,
     [](ClassBuild& build, const std::string& folder) { return open_bytes(build, folder, false); }},
    {"MarianTokenizer", false, open_marian},
    {"CanineTokenizer", true, open_canine},
    {"EsmTokenizer", false, open_esm},
    {"PhobertTokenizer", false, open_phobert},
    {"BertweetTokenizer", false, open_bertweet},
    {"M2M100Tokenizer", false, open_m2m_100},
    {"BertJapaneseTokenizer", false, open_bert_japanese},
};

const PythonClass* find_python_class(const std::string& name) {
    const auto found = std::find_if(std::begin(kClasses), std::end(kClasses),
                                    [&](const PythonClass& one) { return name == one.name; });
    return found != std::end(kClasses) ? found : nullptr;
}

}  // namespace

bool is_python_class(const std::string& name) {
    return find_python_class(name) != nullptr;
}

bool needs_no_vocabulary(const std::string& folder) {
    const auto config = read_settings_file(folder, "tokenizer_config.json");
    const auto model = read_settings_file(folder, "config.json");
    if (!config || !model) return false;
    const auto found = tokenizer_class_of(*config, *model, false);
    if (!found) return false;
    const char* files = files_of_unread_class(found->name);  // such a class is refused by its name
    const PythonClass* known = find_python_class(found->name);
    return (known != nullptr && known->needs_no_vocabulary) ||
           (files != nullptr && std::string_view(files) == "no file");
}

Result<TokenizerPtr> open_python_tokenizer(const std::string& folder, const std::string& class_name) {
    HEADLIGHT_TRY(ordered_json config, read_settings_file(folder, "tokenizer_config.json"));
    const std::string file = folder + "/tokenizer.json";
    json listed;
    std::error_code code;
    if (std::filesystem::exists(file, code)) {
        HEADLIGHT_TRY(listed, read_json_file(file));
    }
    HEADLIGHT_TRY(
        TokenizerSettings settings,
        merge_tokenizer_settings(folder, std::move(config), listed.is_object() ? &listed : nullptr));
    ClassBuild build(std::move(settings), json::object());
    return find_python_class(class_name)->open(build, folder);
}

}  // namespace headlight
