// One text through a live model: tokens, checks, run, analysis. Runs on the model worker.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "analysis/patterns/top_k.h"
#include "base/progress.h"
#include "base/result.h"
#include "run/analyzed_text.h"
#include "run/live_model.h"

namespace headlight {

/// The token's display form; the number where there is no tokenizer.
std::string display_of_token(const ModelInfo& model, std::int32_t id);

struct QueryPredictions {
    int query = 0;
    std::vector<TokenPrediction> top;  // of the token after `query`; of a masked model, of the one at it
    std::vector<std::string> display;  // as the tokenizer shows them, parallel to `top`
};

/// What a run brings beside its attention.
struct RunWish {
    std::vector<int> logit_positions;  // RunRequest's fields
    bool wants_all_logits = false, wants_hidden = false;
};

struct TokenRun {
    RunResult result;
    std::vector<KeySet> key_sets;  // of the detectors, taken along with the text's own attention
};

/// Checks and runs tokens that the user gave, as a text or as ids. No tokens: no run, an empty result.
/// Errors: InvalidInput (check_tokens), Cancelled, and those of ModelRunner.
Result<TokenRun> run_tokens(const LiveModel& model, const TokenizedText& tokens,
                            const TokenizedText& decoder_tokens, const RunWish& wish, const JobContext& job);

/// analyze_text() with the threads that pay off for that many tokens. Errors: Cancelled.
Result<TextAnalysis> analyze_trace(const AttentionTrace& trace, const std::vector<Token>& tokens,
                                   std::span<const KeySet> key_sets, int num_threads, const JobContext& job);

/// Called with what a run gave before it is analysed, where that takes a while: from `least_rows` rows of all
/// heads on.
struct EarlyText {
    std::function<void(TextKinds)> take;
    std::size_t least_rows = 250'000;
};

/// Runs and analyses a text; `decoder_text` is read where the model has a decoder, and is sentence B where it
/// takes pairs. No tokens (empty text, no
/// BOS) gives an AnalyzedText without a trace. Ids count up from `text_id`, which is the run's. Errors:
/// InvalidInput, Cancelled, and those of ModelRunner::run. `written`: its ids in place of those of the text
/// (of an encoder-decoder, of the decoder's text).
Result<TextKinds> run_text(const LiveModel& model, const std::string& text, const std::string& decoder_text,
                           std::uint64_t text_id, int num_threads, const JobContext& job,
                           const WrittenText* written = nullptr, const EarlyText& early = {});

/// The traces of one run and the tokens they are of; those that there are not are null.
struct RunTraces {
    TokenizedText tokens, decoder_tokens;
    TracePtr trace, decoder_trace, cross_trace;
};

/// One AnalyzedText a trace, `frame` giving what they share; analysed. Errors: Cancelled.
Result<TextKinds> analyze_kinds(const AnalyzedText& frame, RunTraces traces, int num_threads,
                                const JobContext& job, const EarlyText& early = {});

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
