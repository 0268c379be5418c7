// What every head and feed-forward part adds directly to an answer.
#include "publish/cause_figures.h"
#include "publish/figure_kind.h"
#include "publish/question_request.h"

namespace headlight {
namespace {

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const LiveModel* const model, source.model());
    HEADLIGHT_TRY(Prompt prompt, asked_prompt(request, *model));
    const std::string words = question_words(prompt, *model->info);
    HEADLIGHT_TRY(const AttributionResult result, attribute_prompts(*model, {std::move(prompt)}, false, job));
    return KindFigures{
        {attribution_figure(result).content,
         fmt::format("What every head and feed-forward part adds directly to the logit of the answer "
                     "(minus the rival's, or the mean's). {}",
                     words)}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_attribution = {
    "attribution",
    "Attribution",
    "What every head and feed-forward part adds directly to an answer.",
    FigureNeed::Question,
    {FieldGroup::Question},
    "contributions",
    make};

}  // namespace headlight
