// A head in two runs and their difference: another text, another model, a change, another head.
#include "publish/change_words.h"
#include "publish/figure_kind.h"
#include "publish/picture_files.h"
#include "publish/shown_part.h"
#include "run/compare/compare_runs.h"

namespace headlight {
namespace {

CompareRequest compare_request(const FigureRequest& request) {
    CompareRequest out;
    out.model = request.model;
    out.text = request.text;
    out.decoder = request.decoder;
    out.attention = request.attention;
    out.axes = request.dump_axes;
    out.other_text.text = request.other_text;
    out.other_text.has_text = !request.other_text.empty();
    out.other_text.ids = request.other_ids;
    out.other_model = request.other_model;
    out.has_null = false;
    if (!request.head_b.empty()) {
        out.head_a = request.heads.empty()
                         ? fmt::format("{}.{}", request.layer.value_or(0), request.head.value_or(0))
                         : request.heads;
        out.head_b = request.head_b;
    }
    return out;
}

/// The head of `--layer` and `--head`; the most changed one unless they are given.
Result<std::size_t> chosen_index(const FigureRequest& request, const Comparison& comparison) {
    const std::vector<std::size_t> ranking = comparison.ranking();
    if (!request.head_b.empty() || (!request.layer && !request.head)) {
        if (ranking.empty() || comparison.heads[ranking.front()].num_rows == 0)
            return fail(ErrorKind::InvalidInput, "the two sides have no row in common");
        return ranking.front();
    }
    const HeadId wanted{request.layer.value_or(0), request.head.value_or(0)};
    for (std::size_t i = 0; i < comparison.heads.size(); ++i)
        if (comparison.heads[i].heads.a == wanted) return i;
    return fail(ErrorKind::InvalidInput, "there is no head {} in both runs", wanted.to_string());
}

Result<Comparison> compare_sides(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    const CompareRequest wanted = compare_request(request);
    // One text in the model that is open already, beside another text, a change or another head.
    const auto model = source.model();
    if (!model || !request.other_model.empty()) return compare(wanted, source.tell(), job);
    Interventions change;
    if (!request.other_change.empty()) {
        HEADLIGHT_TRY(change, parse_changes(request.other_change, (*model)->spec()));
    }
    return compare_in_model(**model, wanted, std::move(change), job);
}

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const Comparison comparison, compare_sides(request, source, job));
    HEADLIGHT_TRY(const std::size_t index, chosen_index(request, comparison));
    HEADLIGHT_TRY(FigureContent content, compared_heads_figure(comparison, index));
    const HeadDivergence& head = comparison.heads[index];
    return KindFigures{
        {std::move(content),
         fmt::format(
             "Attention of {} in two runs that differ in {}, and A minus B where rows and keys are aligned "
             "(hatched: no counterpart); Jensen–Shannon divergence {:.3f} nats. A: {}, “{}”. B: {}, “{}”.",
             head.heads.a == head.heads.b ? name_of_heads({head.heads.a})
                                          : head.heads.a.to_string() + " and " + head.heads.b.to_string(),
             to_string(comparison.by), head.ranked, comparison.a.spec.name, comparison.a.text->tokens.text,
             comparison.b.spec.name, comparison.b.text->tokens.text)}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_compare = {
    "compare",
    "Comparison",
    "A head in two runs and their difference: another text, another model, a change or another head.",
    FigureNeed::Other,
    {FieldGroup::Head, FieldGroup::Other},
    "compare_head",
    make};

}  // namespace headlight
