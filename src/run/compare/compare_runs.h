// From what the user names to two runs and their comparison. No two models are in memory at a time: a text is
// read by one after the other.
#pragma once

#include <string>

#include "run/ablate/ablate_text.h"
#include "run/ablation_result.h"
#include "run/cause/question_options.h"
#include "run/changed_text.h"
#include "run/compare/comparison.h"

namespace headlight {

struct CompareRequest {
    ModelOptions model;  // of A; `path` may be stored attention
    TextOptions text, other_text;
    DecoderOptions decoder;   // both decoders read it
    std::string other_model;  // of B: a checkpoint with the same vocabulary, or stored attention
    std::string attention;    // "self", "encoder", "decoder", "cross"; empty: as analyze chooses
    std::string axes;         // of stored attention, DumpOptions::axes
    AblateRequest change;     // of B: heads, layers, mode, window, factor
    bool has_change = false;
    std::string head_a, head_b;  // "1.3"; empty: every head beside its own
    QuestionOptions question;
    bool has_null = true;
    std::uint64_t seed = 1;  // of the random weights of the null
};

/// Errors: InvalidInput (nothing or more than one thing that differs, another vocabulary, options that do not
/// go together), those of opening, running and of compare_runs().
Result<Comparison> compare(const CompareRequest& request, const TellUser& tell, const JobContext& job);

/// The same in a model that is open already; `request.model` and `other_model` are not asked, `change` takes
/// the place of `request.change`.
Result<Comparison> compare_in_model(const LiveModel& model, const CompareRequest& request,
                                    Interventions change, const JobContext& job);

/// Do both models call the ids of `tokens` the same? Errors: InvalidInput with the first token that differs.
Status check_same_vocabulary(const ModelInfo& a, const ModelInfo& b, const TokenizedText& tokens);

/// The position of B that belongs to one of A: the last to the last, else the aligned one. Errors:
/// InvalidInput.
Result<int> position_in_b(const TokenizedText& a, const TokenizedText& b, int position);

/// One text through an open model as a side of a comparison. Errors: those of run_tokens and analyze_kinds.
Result<ComparedRun> run_compared(const LiveModel& model, const TokenizedText& tokens,
                                 const TokenizedText& decoder_tokens, const std::string& attention,
                                 int position, int num_threads, const JobContext& job);

/// A text that this model ran already, with the prediction at `position`. Errors: those of ModelRunner::run.
Result<ComparedRun> as_compared(const LiveModel& model, std::shared_ptr<const AnalyzedText> text,
                                int position, const JobContext& job);

/// Puts what the changed run of `text` predicts into `run`. Errors: those of run_changed_logits.
Status set_changed_prediction(const LiveModel& model, LiveAblation& live, const AnalyzedText& text,
                              const Interventions& changes, ComparedRun& run, const JobContext& job);

/// The same text with a change, beside `base`, which is the unchanged run.
Result<ComparedRun> run_changed(const LiveModel& model, const ComparedRun& base, Interventions change,
                                int num_threads, const JobContext& job);

}  // namespace headlight
