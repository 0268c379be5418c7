// Texts with a question each, one or many: what attributions and patching are averaged over.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/statistics/statistics.h"
#include "core/cause/causal_run.h"
#include "core/cause/patching.h"
#include "run/cause/question_options.h"

namespace headlight {

struct Prompt {
    TokenizedText tokens;
    TokenizedText corrupted;  // empty: none was given
    // What the encoder of an encoder-decoder reads; the texts above are then its decoder's. Empty otherwise.
    TokenizedText source, corrupted_source;
    Question question;
};

/// Reads lines {"text" or "ids", "answer" or "answer_id", "rival" or "rival_id", "at", "corrupt_text" or
/// "corrupt_ids"}. Errors: Missing, Corrupt (with the line), InvalidInput, those of question_of().
Result<std::vector<Prompt>> read_prompts(const std::string& path, const LiveModel& model);

/// The prompt of the options, or those of a file.
struct PromptOptions {
    TextOptions text, corrupted;
    DecoderOptions decoder;  // the decoder's text, in both runs
    QuestionOptions question;
    std::string prompts_path;
};
/// Its texts without a question. Errors: those of read_tokens() and check_tokens(), InvalidInput.
Result<Prompt> read_texts(const PromptOptions& options, const LiveModel& model);

/// Errors: InvalidInput (a file and a text; no text), those of read_prompts().
Result<std::vector<Prompt>> choose_prompts(const PromptOptions& options, const LiveModel& model);

/// The pass that explains a prompt, and the two of its pair, of the decoder where there is one. Errors: the
/// runner's.
Result<std::unique_ptr<CausalRun>> explain_prompt(const LiveModel& model, const Prompt& prompt,
                                                  const JobContext& job);
Result<std::unique_ptr<PatchingRun>> patch_prompt(const LiveModel& model, const Prompt& prompt,
                                                  const JobContext& job);

/// Layers and heads that a prompt's question is about: the decoder's where there is one.
HeadGrid explained_heads(const ModelSpec& spec);

/// A value over prompts: its mean, and from two prompts on the 95 % bootstrap interval of it.
struct PromptMean {
    double mean = 0;
    std::optional<Interval> interval;
    int count = 0;
};
PromptMean mean_over_prompts(const std::vector<double>& values);

/// "One prompt: ..." or "Means over 12 prompts, ...": the sentence that stands under every effect.
std::string prompts_caveat(std::size_t num_prompts, bool is_pair);

}  // namespace headlight
