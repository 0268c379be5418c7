// One head as a matrix; several side by side or as their mean; before and after a change.
#include "publish/attention_figures.h"
#include "publish/figure_kind.h"
#include "run/ablation_result.h"

namespace headlight {
namespace {

std::string caption_words(const AnalyzedRun& run, const std::vector<HeadId>& heads, const std::string& more) {
    return fmt::format("Attention of {}: rows are queries, columns are keys{}. {}", name_of_heads(heads),
                       more, source_words(run));
}

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const AnalyzedRunPtr run, source.run(request, job));
    HEADLIGHT_TRY(const ShownPart part, shown_part(request, *run));
    HEADLIGHT_TRY(const std::vector<HeadId> heads, chosen_heads(request, *run));
    if (request.show == "difference") {
        if (request.change.empty())
            return fail(ErrorKind::InvalidInput, "--show difference needs --change: what differs");
        HEADLIGHT_TRY(const AnalyzedRunPtr before, source.unchanged(request, job));
        return KindFigures{
            {change_figure(*before, *run, heads, part, request.change),
             caption_words(*run, heads,
                           fmt::format(", unchanged, with replaced attention ({}), and unchanged "
                                       "minus changed",
                                       request.change))}};
    }
    const bool is_changed = !request.change.empty() && request.show != "before";
    const std::string more = is_changed ? fmt::format(", with replaced attention ({})", request.change) : "";
    if (request.together == "mean" || heads.size() == 1)
        return KindFigures{{heads_figure(*run, heads, part), caption_words(*run, heads, more)}};
    KindFigures out;
    for (const HeadId head : heads)
        out.push_back({heads_figure(*run, {head}, part), caption_words(*run, {head}, more)});
    return out;
}

}  // namespace

extern const FigureKindDescriptor k_figure_heatmap = {
    "heatmap",
    "Heatmap",
    "One head as a matrix; several heads as panels or as their mean; unchanged, changed and their "
    "difference.",
    FigureNeed::Attention,
    {FieldGroup::Head, FieldGroup::Heads, FieldGroup::Unit, FieldGroup::Weights, FieldGroup::Question,
     FieldGroup::Change},
    "heatmap",
    make};

}  // namespace headlight
