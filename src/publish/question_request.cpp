#include "publish/question_request.h"

#include <fmt/format.h>

namespace headlight {

Result<Prompt> asked_prompt(const FigureRequest& request, const LiveModel& model) {
    PromptOptions options;
    options.text = request.text;
    options.decoder = request.decoder;
    options.question = request.question;
    options.corrupted.text = request.corrupt_text;
    options.corrupted.has_text = !request.corrupt_text.empty();
    options.corrupted.ids = request.corrupt_ids;
    HEADLIGHT_TRY(std::vector<Prompt> prompts, choose_prompts(options, model));
    return std::move(prompts.front());
}

std::string question_words(const Prompt& prompt, const ModelInfo& model) {
    return fmt::format("Model {}, “{}”, {}.", model.spec.name, prompt.tokens.text,
                       describe(prompt.question, model, prompt.tokens));
}

}  // namespace headlight
