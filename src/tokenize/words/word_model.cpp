#include "tokenize/words/word_model.h"

#include <nlohmann/json.hpp>

#include "tokenize/text/display_form.h"
#include "tokenize/tokenizer.h"
#include "tokenize/words/bpe_model.h"
#include "tokenize/words/unigram_model.h"
#include "tokenize/words/word_level_model.h"
#include "tokenize/words/word_piece_model.h"

namespace headlight {

Error unspelled(std::string_view part, std::string_view unknown) {
    const std::string shown = display_form(part.substr(0, 60));
    if (unknown.empty())
        return make_error(ErrorKind::InvalidInput,
                          "the tokenizer has no token for '{}', and none for what is unknown", shown);
    return make_error(
        ErrorKind::InvalidInput,
        "the tokenizer has no token for '{}', and its vocabulary lacks the unknown token '{}' that it names",
        shown, unknown);
}

std::string word_model_type(const nlohmann::json& model) {
    // Old files do not name the type.
    const std::string fallback = model.contains("merges")   ? "BPE"
                                 : model.contains("unk_id") ? "Unigram"
                                                            : "WordPiece";
    return model.value("type", fallback);
}

Result<std::unique_ptr<WordModel>> read_word_model(const nlohmann::json& model, bool is_byte_level) {
    const std::string type = word_model_type(model);
    if (type == "WordPiece") return WordPieceModel::from_json(model);
    if (type == "WordLevel") return WordLevelModel::from_json(model);
    if (type == "Unigram") return UnigramModel::from_json(model);
    if (type == "BPE") {
        HEADLIGHT_TRY(BpeModel made, BpeModel::from_json(model, is_byte_level));
        return std::make_unique<BpeModel>(std::move(made));
    }
    return fail(ErrorKind::Unsupported,
                "the tokenizer's model is of type '{}'; these are read: BPE, WordPiece, Unigram, "
                "WordLevel",
                type.substr(0, 60));
}

}  // namespace headlight
