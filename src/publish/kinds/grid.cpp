// The heads of a layer, chosen heads, or every head as thumbnails.
#include "publish/attention_figures.h"
#include "publish/figure_kind.h"

namespace headlight {
namespace {

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const AnalyzedRunPtr run, source.run(request, job));
    HEADLIGHT_TRY(const ShownPart part, shown_part(request, *run));
    if (run->shown && run->shown->weights() != WeightsShown::NoSink)
        return fail(ErrorKind::InvalidInput,
                    "--weights {} has no one scale for many heads; draw heatmaps of single heads",
                    request.weights);
    std::vector<HeadId> heads;
    if (!request.heads.empty()) {
        HEADLIGHT_TRY(heads, chosen_heads(request, *run));
    } else if (request.layer) {
        HEADLIGHT_TRY(const int layer, chosen_layer(request, *run));
        for (const int head : run->heads({.max_heads = request.max_heads}))
            heads.push_back({layer, head});
    } else {
        return KindFigures{{all_heads_figure(*run, part, request.max_heads),
                            fmt::format("All heads, layers from top to bottom. {}", source_words(*run))}};
    }
    const std::string what = request.heads.empty() ? fmt::format("Heads of layer {}", heads.front().layer)
                                                   : fmt::format("{} heads", heads.size());
    return KindFigures{{layer_figure(*run, heads, part),
                        fmt::format("{}: rows are queries, columns are keys. {}", what, source_words(*run))}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_grid = {
    "grid",
    "Grid of heads",
    "The heads of a layer (--layer), chosen heads (--heads), or every head as thumbnails.",
    FigureNeed::Attention,
    {FieldGroup::Head, FieldGroup::Heads, FieldGroup::Unit, FieldGroup::Weights, FieldGroup::Change},
    "head_grid",
    make};

}  // namespace headlight
