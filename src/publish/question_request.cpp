#include "publish/question_request.h"

#include <fmt/format.h>

namespace headlight {

PromptOptions prompt_options(const FigureRequest& request) {
    PromptOptions options;
    options.text = request.text;
    options.decoder = request.decoder;
    options.question = request.question;
    options.corrupted.text = request.corrupt_text;
    options.corrupted.has_text = !request.corrupt_text.empty();
    options.corrupted.ids = request.corrupt_ids;
    return options;
}

Result<Prompt> asked_prompt(const FigureRequest& request, const LiveModel& model) {
    HEADLIGHT_TRY(std::vector<Prompt> prompts, choose_prompts(prompt_options(request), model));
    return std::move(prompts.front());
}

std::string question_words(const Prompt& prompt, const ModelInfo& model) {
    return fmt::format("Model {}, “{}”, {}.", model.spec.name, prompt.tokens.text,
                       describe(prompt.question, model, prompt.tokens));
}

}  // namespace headlight
