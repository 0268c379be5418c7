// The metrics panel: numbers of the chosen head, its layer or the model, each beside its reference.
#include <fmt/format.h>

#include <algorithm>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "views/format.h"
#include "views/panels/metric_rows.h"
#include "views/tokens/shown_run.h"
#include "views/view.h"

namespace headlight {

namespace {

struct MetricsState final : ViewState {
    MetricRanges ranges;
    std::uint64_t text_id = 0;
    bool is_pending = false;
    std::shared_ptr<const WeightAnalysis> ranged_weights;
    std::vector<MetricValue> weights;  // of the scope
    std::string weights_key;
};

/// At most a third of the column: the rest scrolls.
HeightWish metrics_height(const Snapshot&, const ViewState&, float column_height_dp) {
    const float natural = 80 + ui::kRowHeight * static_cast<float>(metrics().size());
    return {
        std::clamp(column_height_dp * 0.34f + std::max(0.0f, column_height_dp - 900) * 0.4f, 150.0f, natural),
        150};
}

void draw_controls(ViewContext& context) {
    int selected = static_cast<int>(metric_scope(context.snapshot.settings.metrics_scope));
    const ui::Segment segments[] = {{"head##metrics_head", nullptr, true},
                                    {"layer##metrics_layer", "Mean over the layer's heads", true},
                                    {"model##metrics_model", "Mean over all heads", true}};
    static constexpr const char* kNames[] = {"head", "layer", "model"};
    if (ui::segmented("##metrics", segments, selected)) context.actions.set("metrics", kNames[selected]);
}

/// Bars of unbounded metrics end at the largest value of any head, so that heads can be compared.
void refresh(ViewContext& context, MetricsState& state,
             const std::shared_ptr<const WeightAnalysis>& weights) {
    if (state.text_id == context.text()->id && state.is_pending == context.text()->analysis.is_pending &&
        state.ranged_weights == weights)
        return;
    state.text_id = context.text()->id;
    state.is_pending = context.text()->analysis.is_pending;
    state.ranged_weights = weights;
    state.ranges.clear();
    for (const HeadAnalysis& head : context.text()->analysis.heads)
        state.ranges.add(head.metrics);
    if (!weights) return;
    for (const auto& head : *weights)
        state.ranges.add(head);
}

void refresh_weights(ViewContext& context, MetricsState& state,
                     const std::shared_ptr<const WeightAnalysis>& weights) {
    const std::vector<HeadId> heads = selected_heads(context.snapshot.selection);
    const std::string& scope = context.snapshot.settings.metrics_scope;
    const std::string key =
        fmt::format("{} {} {}", static_cast<const void*>(weights.get()), heads_list(heads, 10000), scope);
    if (key == state.weights_key) return;
    state.weights_key = key;
    state.weights = weight_values(weights.get(), context.trace().num_heads(), metric_scope(scope), heads);
}

/// In a changed run the tick stands at the unchanged value.
std::optional<double> before_value(const ViewContext& context, const MetricValue& value) {
    const Snapshot& now = context.snapshot;
    if (now.shown() == Compare::Before || !now.shown_base || value.metric->kind != MetricKind::Pattern)
        return {};
    const MetricScope scope = metric_scope(now.settings.metrics_scope);
    for (const MetricValue& other :
         pattern_values(now.shown_base->analysis, scope, selected_heads(now.selection))) {
        if (other.metric == value.metric) return other.value;
    }
    return {};
}

/// "How far back a token looks, on average: 5.3 tokens here, 6.5 for a uniform head."
std::string metric_sentence(const MetricValue& value, const std::optional<double>& before, TextUnit rows) {
    const MetricDescriptor& metric = *value.metric;
    const std::string unit = in_units(metric.unit, rows);
    std::string out = in_units(metric.help, rows);
    if (!out.empty() && out.back() == '.') out.pop_back();
    if (!value.value) return out + ": not measured here.";
    out += fmt::format(": {} here", format_value(value.value, unit.c_str()));
    if (before) out += fmt::format(", {} before", format_value(before, unit.c_str()));
    if (value.reference)
        out +=
            fmt::format(", {} for {}", format_value(value.reference, unit.c_str()), metric.reference_label);
    return out + ".";
}

void draw_row(ViewContext& context, const MetricsState& state, const MetricValue& value) {
    const MetricDescriptor& metric = *value.metric;
    const std::string number = value.value ? format_number(*value.value) : "–";
    // What is read from weights is the same whatever the rows are.
    const TextUnit rows = metric.kind == MetricKind::Weights ? TextUnit::Token : context.snapshot.unit();
    const std::string label = fmt::format("{}##{}", in_units(metric.label, rows), metric.id),
                      unit = in_units(metric.unit, rows);
    const std::optional<double> before = before_value(context, value);
    const std::string sentence = metric_sentence(value, before, rows);
    ui::MetricRow row;
    row.label = label.c_str();
    row.value = number;
    row.unit = value.value ? unit.c_str() : "";
    row.fraction = state.ranges.fraction(metric, value.value);
    row.reference = state.ranges.fraction(metric, before ? before : value.reference);
    row.is_faded = metric.kind != MetricKind::Weights && context.freshness() < 1;
    const ui::ItemResponse response = ui::metric_row(row);
    ui::explain_last_item(sentence, fmt::format("{}\n{}", metric.formula, metric.source));
    if (response.is_hovered) context.shared.next_hover.sentence = sentence;
    if (response.is_clicked && metric.kind != MetricKind::Matrix)
        context.actions.set("tint", context.snapshot.settings.grid_tint == metric.id ? "none" : metric.id);
}

void draw_weight_note(const Derived<WeightAnalysis>& derived) {
    if (derived.is_ready()) return;
    if (derived.state == Derived<WeightAnalysis>::State::Failed) {
        const ui::FontScope font(ui::kit().fonts.small_);
        ui::text_wrapped(
            derived.error ? derived.error->message : "The weights' spectra could not be computed.",
            ui::colors().dim);
        return;
    }
    ui::ProgressSpec spec;
    spec.stage = "spectra of the weights";
    spec.fraction = derived.progress;
    ui::progress(spec);
}

/// Metrics of the whole pattern, for short texts.
void draw_matrix_rows(ViewContext& context, const MetricsState& state) {
    if (context.num_tokens() > kMostMatrixMetricTokens) return;
    const auto derived = context.values.matrix_metrics(context.snapshot.selection.head);
    if (!derived.is_ready()) return;
    for (const MetricValue& value : *derived.value)
        draw_row(context, state, value);
}

void draw_body(ViewContext& context, MetricsState& state) {
    const Derived<WeightAnalysis> derived = context.values.weight_analysis();
    const std::shared_ptr<const WeightAnalysis> weights = derived.is_ready() ? derived.value : nullptr;
    refresh(context, state, weights);
    refresh_weights(context, state, weights);
    const MetricScope scope = metric_scope(context.snapshot.settings.metrics_scope);
    const std::vector<HeadId> heads = selected_heads(context.snapshot.selection);
    for (const MetricValue& value : pattern_values(context.text()->analysis, scope, heads))
        draw_row(context, state, value);
    if (scope == MetricScope::Head && heads.size() == 1) draw_matrix_rows(context, state);
    for (const MetricValue& value : state.weights)
        draw_row(context, state, value);
    draw_weight_note(derived);
    const bool is_changed = context.snapshot.shown() != Compare::Before;
    ui::text_small(is_changed ? "tick: before the attention was replaced; of weights, random weights"
                              : "tick: uniform head, or random weights",
                   ui::colors().dim);
}

void draw(ViewContext& context) {
    auto& state = static_cast<MetricsState&>(context.state);
    const HeadId head = context.snapshot.selection.head;
    const MetricScope scope = metric_scope(context.snapshot.settings.metrics_scope);
    std::string line;
    const std::vector<HeadId> heads = selected_heads(context.snapshot.selection);
    const std::string mean = heads.size() > 1 ? "mean of " : "";
    if (context.num_tokens() > 0 && scope == MetricScope::Head) line = mean + heads_list(heads);
    if (context.num_tokens() > 0 && scope == MetricScope::Layer) line = "L" + std::to_string(head.layer);
    ui::CardSpec spec;
    spec.id = "metrics";
    const std::string title = titled("Metrics", context.snapshot);
    spec.title = title;
    const std::string captioned = with_run(context.snapshot, line);
    spec.context = captioned;
    spec.controls = [&] { draw_controls(context); };
    spec.scrolls = true;
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_metrics = {
    "metrics",
    "Metrics",
    "Numbers of the chosen head, its layer or the model with their references; a click tints the grid by "
    "one.",
    metrics_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<MetricsState>()); },
    draw};

}  // namespace headlight
