// What explains one text: the pass that keeps everything, and what is read from it. Runs on the model worker.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/cause/causal_run.h"
#include "core/cause/weighted_trace.h"
#include "run/analyzed_text.h"
#include "run/live_model.h"

namespace headlight {

/// The causal pass of one text, kept until the text changes. Must go before the model that made it.
struct LiveCausal {
    std::uint64_t run_id = 0;  // AnalyzedText::run_id
    bool is_decoder = false;   // of an encoder-decoder: decoder and cross attention are of one pass
    std::unique_ptr<CausalRun> run;

    void reset() { run.reset(), run_id = 0; }
};

/// The pass of `text`, made when it is not kept yet; of an encoder-decoder that of the shown kind. Never
/// null. Errors: those of start_causal(), start_encoder_causal() and start_decoder_causal().
Result<CausalRun*> causal_run(const LiveModel& model, LiveCausal& live, const AnalyzedText& text,
                              const JobContext& job);

/// Keys that "without the sink" takes out: the first one, and special tokens but the mask (that is content).
std::vector<bool> sink_keys(const TokenizedText& keys, const Tokenizer* tokenizer);

/// The same of a text whose keys may be units: those that hold nothing else.
std::vector<bool> sink_keys(const AnalyzedText& text, const Tokenizer* tokenizer);

/// Mean mass of the first key over rows >= 1 and heads, 0..1; 0 where nothing is known of it.
double first_key_mass(const TextAnalysis& analysis);

/// `raw`, a trace of the run's text, as `weights` show it; Raw gives null. Errors: Unsupported with the
/// reason, InvalidInput (Effect without a question).
Result<WeightedPtr> weighted_trace(CausalRun& run, TracePtr raw, WeightsShown weights,
                                   const Question* question);

/// Both ends of scores over the vocabulary; ties: lower id first.
TokenRanking rank_tokens(std::span<const float> scores, int count);

/// What a head adds to the logits at a row, or one unit of its attention to one key.
struct HeadWriting {
    TokenRanking tokens;  // logits, centred over the vocabulary
    float effect = 0;     // on the question: answer minus rival, or the centred answer
};
/// `key` -1: the whole head.
Result<HeadWriting> head_writing(CausalRun& run, HeadId head, int row, int key, const Question& question,
                                 int count);

}  // namespace headlight
