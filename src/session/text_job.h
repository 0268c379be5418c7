// One text through a live model: tokens, checks, run, analysis. Runs on the model worker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/progress.h"
#include "base/result.h"
#include "session/live_model.h"
#include "session/session.h"
#include "session/snapshot.h"

namespace headlight {

/// Tokens of a text; without a tokenizer the text holds ids ("12, 7 99"). Errors: InvalidInput naming the
/// word.
Result<TokenizedText> tokens_of_text(const ModelInfo& model, const std::string& text);

/// Errors: InvalidInput when there are more tokens than positions or an id that the model does not know; the
/// message names the numbers, the token and the model.
Status check_tokens(const ModelSpec& spec, const TokenizedText& tokens);

/// Runs and analyses a text. No tokens (empty text, no BOS) gives an AnalyzedText without a trace.
/// Errors: InvalidInput, Cancelled, and those of ModelRunner::run.
Result<std::shared_ptr<const AnalyzedText>> run_text(const LiveModel& model, const std::string& text,
                                                     std::uint64_t text_id, int num_threads,
                                                     const JobContext& job);

/// Fills key sets, analysis and timing of a text whose tokens and trace are set. Errors: Cancelled.
Status analyze_into(AnalyzedText& text, int num_threads, const JobContext& job);

/// The likeliest next tokens of one row of logits [1, vocab]. Errors: Internal when there is another number
/// of rows.
Result<QueryPredictions> predictions_of(const ModelInfo& model, const Matrix& logits, int query);

/// |f_j| of every head and token of a text that this model ran, [L * H, N]. Errors: those of
/// ModelRunner::run; Unsupported when the engine gives none.
Result<Matrix> run_value_norms(const LiveModel& model, const AnalyzedText& text, const JobContext& job);

/// Next-token predictions after `query` of a text that this model ran. Errors: those of ModelRunner::run.
Result<QueryPredictions> run_predictions(const LiveModel& model, const AnalyzedText& text, int query,
                                         const JobContext& job);

}  // namespace headlight
