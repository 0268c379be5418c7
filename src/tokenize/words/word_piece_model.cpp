#include "tokenize/words/word_piece_model.h"

#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace headlight {
namespace {

std::size_t count_characters(std::string_view word) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < word.size(); ++count)
        i += utf8::decode(word, i).size_bytes;
    return count;
}

/// Begin of the last character before `end`.
std::size_t character_before(std::string_view word, std::size_t end) {
    do {
        --end;
    } while (end > 0 && (static_cast<unsigned char>(word[end]) & 0xC0) == 0x80);
    return end;
}

}  // namespace

WordPieceModel::WordPieceModel(PieceTable pieces, Options options)
    : pieces_(std::move(pieces)),
      options_(std::move(options)),
      unknown_id_(pieces_.id_of(options_.unknown)) {}

Result<std::unique_ptr<WordModel>> WordPieceModel::from_json(const nlohmann::json& model) {
    HEADLIGHT_TRY(PieceTable pieces, PieceTable::from_model(model));
    Options options;
    options.unknown = model.value("unk_token", options.unknown);
    options.continuing_prefix = model.value("continuing_subword_prefix", options.continuing_prefix);
    options.longest_word = model.value("max_input_chars_per_word", options.longest_word);
    auto made = std::make_unique<WordPieceModel>(std::move(pieces), std::move(options));
    if (made->unknown_id() < 0)
        return fail(ErrorKind::Corrupt, "the WordPiece vocabulary lacks its own unknown token '{}'",
                    made->options_.unknown);
    return std::unique_ptr<WordModel>(std::move(made));
}

Status WordPieceModel::encode(std::string_view word, std::vector<WordToken>& out) const {
    if (word.empty()) return {};
    const std::size_t before = out.size();
    const auto give_up = [&]() -> Status {
        out.resize(before);
        out.push_back({unknown_id_, static_cast<std::uint32_t>(word.size())});
        return {};
    };
    // The search below is quadratic, so the bound is kept before it starts.
    if (word.size() > options_.longest_word && count_characters(word) > options_.longest_word)
        return give_up();
    std::string piece;
    for (std::size_t begin = 0; begin < word.size();) {
        std::size_t end = word.size();
        std::int32_t id = -1;
        for (; end > begin; end = character_before(word, end)) {
            piece = begin > 0 ? options_.continuing_prefix : std::string();
            piece += word.substr(begin, end - begin);
            id = pieces_.id_of(piece);
            if (id >= 0) break;
        }
        if (id < 0) return give_up();
        out.push_back({id, static_cast<std::uint32_t>(end - begin)});
        begin = end;
    }
    return {};
}

}  // namespace headlight
