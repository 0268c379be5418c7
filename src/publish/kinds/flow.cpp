// Shares of self, previous, first and other tokens over layers.
#include "publish/attention_figures.h"
#include "publish/figure_kind.h"

namespace headlight {
namespace {

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const AnalyzedRunPtr run, source.run(request, job));
    if (run->kind == AttentionKind::Cross)
        return fail(
            ErrorKind::InvalidInput,
            "shares of self and previous need one text that looks at itself; choose --attention encoder or "
            "decoder");
    return KindFigures{
        {shares_figure(*run),
         fmt::format("Where each layer looks: shares of attention on the token itself, the previous "
                     "one, the first and all others, mean over heads and rows from token 2 on; dashed: "
                     "a head that spreads evenly. {}",
                     source_words(*run))}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_flow = {
    "flow",
    "Flow across layers",
    "Shares of self, previous, first and other tokens over layers, beside a uniform head's.",
    FigureNeed::Attention,
    {FieldGroup::Unit, FieldGroup::Change},
    "flow",
    make};

}  // namespace headlight
