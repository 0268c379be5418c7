// The question of a figure, as what explains answers takes it.
#pragma once

#include "publish/figure_source.h"
#include "run/cause/prompts.h"

namespace headlight {

/// Its texts and question, as commands give them.
PromptOptions prompt_options(const FigureRequest& request);

/// Text, corrupted text and question of the request. Errors: those of choose_prompts().
Result<Prompt> asked_prompt(const FigureRequest& request, const LiveModel& model);

/// "Model M, “When Mary …”, after ·to (13): ·Mary and not ·John."
std::string question_words(const Prompt& prompt, const ModelInfo& model);

}  // namespace headlight
