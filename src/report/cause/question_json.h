// A question and its answer as JSON: the same object in every result that has one.
#pragma once

#include "core/cause/question.h"
#include "report/json_out.h"
#include "run/cause/question_options.h"

namespace headlight {

/// {"id", "piece"}.
Json named_token_json(const ModelInfo& model, std::int32_t id);
/// {"position", "token", "answer": {"id", "piece"}, "rival": {..} or null}.
Json question_json(const Question& question, const ModelInfo& model, const TokenizedText& tokens);
/// {"answer_logit", "rival_logit", "difference", "probability", "kl"}; without a rival rival_logit is the
/// mean over the vocabulary.
Json answer_json(const AnswerMetrics& metrics);
/// [{"id", "piece"}] of a text.
Json named_tokens_json(const TokenizedText& tokens);

}  // namespace headlight
