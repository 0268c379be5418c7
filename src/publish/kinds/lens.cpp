// The states between layers read with the last layer's head.
#include "publish/cause_figures.h"
#include "publish/figure_kind.h"
#include "publish/question_request.h"

namespace headlight {
namespace {

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const LiveModel* const model, source.model());
    PromptOptions options;
    options.text = request.text;
    options.decoder = request.decoder;
    HEADLIGHT_TRY(const Prompt prompt, read_texts(options, *model));
    LensResult result{model->info, prompt.tokens, {}, 0, {}};
    HEADLIGHT_TRY(const std::unique_ptr<CausalRun> run, explain_prompt(*model, prompt, job));
    HEADLIGHT_TRY(result.lens, run->lens({std::nullopt, 1, false}, job));
    return KindFigures{
        {lens_figure(result).content,
         fmt::format("Logit lens: the likeliest token when the state after each layer is read with the "
                     "last layer's head, and its probability. Model {}, “{}”.",
                     model->spec().name, prompt.tokens.text)}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_lens = {
    "lens",
    "Logit lens",
    "The likeliest token of the state after each layer, read with the last layer's head.",
    FigureNeed::Model,
    {},
    "lens",
    make};

}  // namespace headlight
