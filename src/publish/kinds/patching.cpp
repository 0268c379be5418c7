// Activation patching between two texts.
#include "publish/cause_figures.h"
#include "publish/figure_kind.h"
#include "publish/question_request.h"
#include "publish/shown_part.h"

namespace headlight {
namespace {

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const LiveModel* const model, source.model());
    HEADLIGHT_TRY(const Prompt prompt, asked_prompt(request, *model));
    PatchOptions options{prompt_options(request)};
    options.sites = {patch_site(request.site).value_or(PatchSite::Head)};
    options.directions = {request.direction == "noise" ? PatchDirection::Noise : PatchDirection::Denoise};
    HEADLIGHT_TRY(const PatchResult result,
                  patch_prompts(*model, options, job, [&](std::size_t done, std::size_t all) {
                      job.report({"patching", static_cast<double>(done) / static_cast<double>(all), {}});
                  }));
    if (result.was_stopped) return fail(ErrorKind::Cancelled, "stopped");
    std::vector<NamedFigure> figures = patching_figures(result);
    // A site with heads and positions has a map for each layer.
    std::size_t chosen = 0;
    if (figures.size() > 1) {
        const auto layer = static_cast<std::size_t>(request.layer.value_or(0));
        if (layer >= figures.size())
            return fail(ErrorKind::InvalidInput, "there is no layer {}; there are {}, 0 to {}", layer,
                        figures.size(), figures.size() - 1);
        chosen = layer;
    }
    const bool is_denoise = request.direction != "noise";
    return KindFigures{
        {std::move(figures[chosen].content),
         fmt::format("Activation patching of {}: {}. {} Corrupted: “{}”.", label_of(options.sites.front()),
                     is_denoise ? "share of the gap that the clean value restores in the corrupted run"
                                : "share of the gap that the corrupted value takes away in the clean run",
                     question_words(prompt, *model->info), prompt.corrupted.text)}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_patching = {
    "patching",
    "Activation patching",
    "Which values of a clean run bring the answer back in a corrupted one, or the other way round.",
    FigureNeed::Pair,
    {FieldGroup::Question, FieldGroup::Pair, FieldGroup::Patching, FieldGroup::Head},
    "patching",
    make};

}  // namespace headlight
