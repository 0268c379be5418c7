#include "run/cause/question_options.h"

#include <fmt/format.h>

namespace headlight {
namespace {

Status check_id(const ModelSpec& spec, std::int32_t id, const char* option) {
    if (id >= 0 && id < spec.vocab_size) return {};
    return fail(ErrorKind::InvalidInput, "{} {}: the model knows tokens 0 to {}", option, id,
                spec.vocab_size - 1);
}

Result<std::int32_t> chosen_token(const ModelInfo& model, const std::string& word,
                                  std::optional<std::int32_t> id, const char* option) {
    if (!word.empty() && id)
        return fail(ErrorKind::InvalidInput, "{0} and {0}-id name the same token; give one of them", option);
    if (!id) return token_of_word(model, word, option);
    HEADLIGHT_CHECK(check_id(model.spec, *id, option));
    return *id;
}

}  // namespace

Result<std::int32_t> token_of_word(const ModelInfo& model, const std::string& word, const char* option) {
    if (!model.tokenizer)
        return fail(ErrorKind::Missing, "{} \"{}\" needs a tokenizer; without one give {}-id", option, word,
                    option);
    HEADLIGHT_TRY(const TokenizedText text, model.tokenizer->try_encode(word, /*add_special=*/false));
    if (text.tokens.size() == 1) return text.tokens.front().id;
    std::string pieces;
    for (const Token& token : text.tokens)
        pieces += fmt::format("{}{} ({})", pieces.empty() ? "" : ", ", token.display, token.id);
    return fail(
        ErrorKind::InvalidInput,
        "{} \"{}\" is {} tokens: {}. An answer is one token; words inside a text usually begin with a "
        "space (\" Mary\")",
        option, word, text.tokens.size(), pieces.empty() ? "none" : pieces);
}

Result<int> position_of(int at, std::size_t num_tokens) {
    const int count = static_cast<int>(num_tokens), position = at < 0 ? at + count : at;
    if (position >= 0 && position < count) return position;
    return fail(ErrorKind::InvalidInput, "--at {}: the text has {} tokens, positions 0 to {} (-1: the last)",
                at, count, count - 1);
}

Result<Question> question_of(const QuestionOptions& options, const ModelInfo& model, std::size_t num_tokens) {
    if (!model.spec.can_predict()) {
        return fail(ErrorKind::Unsupported,
                    "{} has no head that predicts tokens, so nothing can be asked of it", model.spec.name);
    }
    if (!options.has_answer())
        return fail(ErrorKind::InvalidInput,
                    "a question needs an answer: --answer \" word\" or --answer-id I");
    Question question;
    HEADLIGHT_TRY(question.position, position_of(options.at, num_tokens));
    HEADLIGHT_TRY(question.answer, chosen_token(model, options.answer, options.answer_id, "--answer"));
    if (options.has_rival()) {
        HEADLIGHT_TRY(question.rival, chosen_token(model, options.rival, options.rival_id, "--rival"));
        if (question.rival == question.answer)
            return fail(ErrorKind::InvalidInput,
                        "--rival is the answer itself: their difference is always 0");
    }
    return question;
}

std::string shown_token(const ModelInfo& model, std::int32_t id) {
    if (model.tokenizer)
        if (const auto token = model.tokenizer->token(id)) return token->display;
    return fmt::format("#{}", id);
}

std::string describe(const Question& question, const ModelInfo& model, const TokenizedText& tokens) {
    const auto row = static_cast<std::size_t>(question.position);
    const std::string at = row < tokens.tokens.size() ? tokens.tokens[row].display : "?";
    const char* const place = model.spec.prediction == Prediction::MaskedToken ? "at" : "after";
    std::string out =
        fmt::format("{} {} ({}): {}", place, at, question.position, shown_token(model, question.answer));
    if (question.rival) out += fmt::format(" and not {}", shown_token(model, *question.rival));
    return out;
}

}  // namespace headlight
