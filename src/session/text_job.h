// One text through a live model: tokens, checks, run, analysis. Runs on the model worker.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "session/live_model.h"
#include "session/session.h"
#include "session/snapshot.h"

namespace headlight {

/// Tokens of a text; without a tokenizer the text holds ids ("12, 7 99"). Errors: InvalidInput naming the
/// word.
Result<TokenizedText> tokens_of_text(const ModelInfo& model, const std::string& text);

/// What the decoder reads for a text, as the reference shifts its labels right: the model's start token, then
/// the tokens of the text without the token that ends them; without a known start token the last token moves
/// to the front (mBART's language code). Errors: as tokens_of_text.
Result<TokenizedText> decoder_tokens_of_text(const ModelInfo& model, const std::string& text);

/// Errors: InvalidInput when there are more tokens than positions or an id that the model does not know; the
/// message names the numbers, the token and the model.
Status check_tokens(const ModelSpec& spec, const TokenizedText& tokens);

/// Runs and analyses a text; `decoder_text` is read where the model has a decoder. No tokens (empty text, no
/// BOS) gives an AnalyzedText without a trace. Ids count up from `text_id`, which is the run's. Errors:
/// InvalidInput, Cancelled, and those of ModelRunner::run.
Result<TextKinds> run_text(const LiveModel& model, const std::string& text, const std::string& decoder_text,
                           std::uint64_t text_id, int num_threads, const JobContext& job);

/// The traces of one run and the tokens they are of; those that there are not are null.
struct RunTraces {
    TokenizedText tokens, decoder_tokens;
    TracePtr trace, decoder_trace, cross_trace;
};

/// One AnalyzedText a trace, `frame` giving what they share; analysed. Errors: Cancelled.
Result<TextKinds> analyze_kinds(const AnalyzedText& frame, RunTraces traces, int num_threads,
                                const JobContext& job);

/// Fills key sets, analysis and timing of a text whose tokens and trace are set. Errors: Cancelled.
Status analyze_into(AnalyzedText& text, int num_threads, const JobContext& job);

/// The likeliest tokens of one row of logits [1, vocab]. Errors: Internal when there is another number
/// of rows.
Result<QueryPredictions> predictions_of(const ModelInfo& model, const Matrix& logits, int query);

/// |f_j| of every head and token of a text that this model ran, [L * H, N]. Errors: those of
/// ModelRunner::run; Unsupported when the engine gives none.
Result<Matrix> run_value_norms(const LiveModel& model, const AnalyzedText& text, const JobContext& job);

/// Predictions of `query` of a text that this model ran. Errors: those of ModelRunner::run.
Result<QueryPredictions> run_predictions(const LiveModel& model, const AnalyzedText& text, int query,
                                         const JobContext& job);

}  // namespace headlight
