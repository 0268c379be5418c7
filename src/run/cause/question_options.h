// A question as the user writes it, and as the model reads it.
#pragma once

#include <optional>
#include <string>

#include "core/cause/question.h"
#include "run/text_tokens.h"

namespace headlight {

struct QuestionOptions {
    int at = -1;  // position; negative: from the end
    std::string answer, rival;
    std::optional<std::int32_t> answer_id, rival_id;

    bool has_answer() const { return !answer.empty() || answer_id; }
    bool has_rival() const { return !rival.empty() || rival_id; }
    bool is_given() const { return has_answer() || has_rival() || at != -1; }
};

/// The one token of a word. Errors: InvalidInput with the pieces when it is not one token, Missing without a
/// tokenizer.
Result<std::int32_t> token_of_word(const ModelInfo& model, const std::string& word, const char* option);

/// Position of `at` in a text of `num_tokens` (negative: from the end). Errors: InvalidInput.
Result<int> position_of(int at, std::size_t num_tokens);

/// Errors: InvalidInput (no answer, an id or position outside, a rival that is the answer), Unsupported (a
/// model that predicts nothing).
Result<Question> question_of(const QuestionOptions& options, const ModelInfo& model, std::size_t num_tokens);

/// "·Mary": a token as titles show it; "#12" without a tokenizer.
std::string shown_token(const ModelInfo& model, std::int32_t id);

/// "after ·to (13): ·Mary and not ·John".
std::string describe(const Question& question, const ModelInfo& model, const TokenizedText& tokens);

}  // namespace headlight
