// Texts with a question each, one or many: what attributions and patching are averaged over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/statistics/statistics.h"
#include "run/cause/question_options.h"

namespace headlight {

struct Prompt {
    TokenizedText tokens;
    TokenizedText corrupted;  // empty: none was given
    Question question;
};

/// Reads lines {"text" or "ids", "answer" or "answer_id", "rival" or "rival_id", "at", "corrupt_text" or
/// "corrupt_ids"}. Errors: Missing, Corrupt (with the line), InvalidInput, those of question_of().
Result<std::vector<Prompt>> read_prompts(const std::string& path, const LiveModel& model);

/// The prompt of the options, or those of a file.
struct PromptOptions {
    TextOptions text, corrupted;
    QuestionOptions question;
    std::string prompts_path;
};
/// Errors: InvalidInput (a file and a text; no text), those of read_prompts().
Result<std::vector<Prompt>> choose_prompts(const PromptOptions& options, const LiveModel& model);

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
