// What a token attends to most, and what the model predicts after it.
#include <algorithm>
#include <cmath>

#include "figure/token_contents.h"
#include "publish/figure_kind.h"
#include "publish/run_text.h"
#include "publish/shown_part.h"
#include "report/analysis/analysis_parts.h"
#include "run/cause/shown_run.h"
#include "run/text_run.h"

namespace headlight {
namespace {

std::string number_of(const AnalyzedRun& run, double value) {
    if (!run.shown || run.shown->weights() == WeightsShown::NoSink)
        return fmt::format("{:.1f} %", 100 * value);
    return run.shown->is_signed() ? fmt::format("{:+.3f}", value) : fmt::format("{:.3f}", value);
}

BarsContent::Panel keys_panel(const AnalyzedRun& run, HeadId head, int query, int count) {
    const AttentionTrace& trace = run.shown_trace();
    std::vector<float> row(static_cast<std::size_t>(trace.num_keys()));
    trace.rows(head.layer, head.head, query, query + 1, row);
    BarsContent::Panel panel;
    panel.name = name_of_heads({head});
    const bool is_share = !run.shown || run.shown->weights() == WeightsShown::NoSink;
    const std::vector<KeyWeight> keys = report_keys(run, row, head.layer, query, count);
    panel.largest = is_share ? 1 : 0;
    for (const KeyWeight& key : keys) {
        panel.bars.push_back(
            {fmt::format("{} {}", run.keys().tokens[static_cast<std::size_t>(key.key)].display, key.key),
             key.weight, number_of(run, key.weight)});
        if (!is_share) panel.largest = std::max(panel.largest, std::abs(key.weight));
    }
    if (!(panel.largest > 0)) panel.largest = 1;
    if (keys.empty()) panel.note = "this row rests or sees no key";
    return panel;
}

/// Nullopt where the model predicts nothing, or none is open.
Result<std::optional<BarsContent::Panel>> predictions_panel(const AnalyzedRun& run, FigureSource& source,
                                                            int query, int count, const JobContext& job) {
    const auto model = source.model();
    const bool predicts = model && run.spec.can_predict() && run.unit() == TextUnit::Token &&
                          run.kind != AttentionKind::Encoder;
    if (!predicts) return std::optional<BarsContent::Panel>();
    HEADLIGHT_TRY(const QueryPredictions predictions, run_predictions(**model, text_of_run(run), query, job));
    BarsContent::Panel panel;
    panel.name = run.spec.prediction == Prediction::MaskedToken ? "Predicted here" : "Predicted next";
    for (std::size_t i = 0; i < predictions.top.size() && static_cast<int>(i) < count; ++i)
        panel.bars.push_back({predictions.display[i], predictions.top[i].probability,
                              fmt::format("{:.1f} %", 100 * predictions.top[i].probability)});
    return std::optional(std::move(panel));
}

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const AnalyzedRunPtr run, source.run(request, job));
    HEADLIGHT_TRY(const std::vector<HeadId> heads, chosen_heads(request, *run));
    if (heads.size() > 12)
        return fail(ErrorKind::InvalidInput, "--heads: lists of at most 12 heads, not {}", heads.size());
    HEADLIGHT_TRY(const int query, chosen_query(request, *run));
    BarsContent content;
    for (const HeadId head : heads)
        content.panels.push_back(keys_panel(*run, head, query, request.top_k));
    if (request.change.empty()) {
        HEADLIGHT_TRY(auto predicted, predictions_panel(*run, source, query, request.top_k, job));
        if (predicted) content.panels.push_back(*std::move(predicted));
    }
    const std::string token = run->queries().tokens[static_cast<std::size_t>(query)].display;
    content.what = fmt::format("{} {} attends most to", token, query);
    content.caption = caption_of_run(*run);
    if (run->shown) content.caption.note = shown_weights_words(*run);
    return KindFigures{
        {bars_figure(std::move(content)),
         fmt::format("The keys that {} (token {}) attends to most. {}", token, query, source_words(*run))}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_topk = {
    "topk",
    "Top keys",
    "The keys that a token attends to most, one list a head, and what the model predicts after it.",
    FigureNeed::Attention,
    {FieldGroup::Head, FieldGroup::Row, FieldGroup::Unit, FieldGroup::Weights, FieldGroup::Question,
     FieldGroup::TopK, FieldGroup::Change},
    "top_k",
    make};

}  // namespace headlight
