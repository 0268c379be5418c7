// Metrics of the chosen head, its layer or the model in A, in B, and the difference.
#include <fmt/format.h>

#include <cmath>

#include "ui/card.h"
#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/rows.h"
#include "views/compare/compare_card.h"
#include "views/format.h"
#include "views/panels/metric_rows.h"

namespace headlight {

namespace {

constexpr double kSmallChange = 0.02;  // a difference below it is dim

struct CompareMetricsState final : ViewState {
    const Comparison* comparison = nullptr;
    std::string key;
    std::vector<MetricChange> changes;
};

HeightWish compare_metrics_height(const Snapshot&, const ViewState&, float column_height_dp) {
    return {column_height_dp * 0.36f, 140};
}

std::vector<MetricChange> changes_of(const Comparison& comparison, MetricScope scope, HeadId head) {
    if (scope == MetricScope::Model) return comparison.mean_metrics;
    std::vector<std::vector<MetricChange>> heads;
    for (std::size_t i = 0; i < comparison.heads.size(); ++i) {
        const HeadId one = comparison.heads[i].heads.a;
        if (scope == MetricScope::Head ? one == head : one.layer == head.layer)
            heads.push_back(comparison.metrics[i]);
    }
    return heads.size() == 1 ? heads.front() : mean_changes(heads);
}

std::string short_number(const std::optional<double>& value, bool is_signed) {
    if (!value) return "–";
    const std::string number = fmt::format("{:.2f}", std::abs(*value));
    const bool is_negative = *value < 0 && number != "0.00";
    return (is_negative ? "−" : is_signed && number != "0.00" ? "+" : "") + number;
}

void draw_row(ViewContext& context, const MetricChange& change) {
    static constexpr ui::Column kColumns[] = {
        {"", 2.6f}, {"A", 1, 0, true}, {"B", 1, 0, true}, {"A − B", 1, 0, true}};
    const std::string a = short_number(change.a, false), b = short_number(change.b, false),
                      difference = short_number(change.difference(), true);
    const std::string label = *change.metric->unit
                                  ? fmt::format("{}, {}", change.metric->label, change.metric->unit)
                                  : std::string(change.metric->label);
    const bool is_small = !change.difference() || std::abs(*change.difference()) < kSmallChange;
    const ui::Cell cells[] = {{label, ui::colors().text},
                              {a, ui::colors().text},
                              {b, ui::colors().text},
                              {difference, is_small ? ui::colors().dim : ui::colors().text}};
    if (ui::table_row(fmt::format("compared_{}", change.metric->id).c_str(), kColumns, cells).is_hovered)
        context.shared.next_hover.sentence = fmt::format("{} = {}; over the rows that both runs have",
                                                         change.metric->label, change.metric->formula);
}

void draw_body(ViewContext& context, CompareMetricsState& state) {
    const Comparison* comparison = shown_comparison(context);
    if (!comparison) return;
    const HeadPair pair = shown_pair(*comparison, context.snapshot);
    const MetricScope scope = metric_scope(context.snapshot.settings.metrics_scope);
    const std::string key = fmt::format("{} {}", pair.a.to_string(), static_cast<int>(scope));
    if (state.comparison != comparison || state.key != key) {
        state.comparison = comparison;
        state.key = key;
        state.changes = changes_of(*comparison, scope, pair.a);
    }
    static constexpr ui::Column kColumns[] = {
        {"", 2.6f}, {"A", 1, 0, true}, {"B", 1, 0, true}, {"A − B", 1, 0, true}};
    ui::table_header(kColumns);
    for (const MetricChange& change : state.changes) {
        if (std::string_view(change.metric->id).ends_with("_document")) continue;
        draw_row(context, change);
    }
}

void draw_scopes(ViewContext& context) {
    int selected = static_cast<int>(metric_scope(context.snapshot.settings.metrics_scope));
    const ui::Segment segments[] = {{"head##compared_head", nullptr, true},
                                    {"layer##compared_layer", "Mean over the layer's heads", true},
                                    {"model##compared_model", "Mean over all heads", true}};
    static constexpr const char* kNames[] = {"head", "layer", "model"};
    if (ui::segmented("##compared_scope", segments, selected))
        context.actions.set("metrics", kNames[selected]);
}

void draw(ViewContext& context) {
    auto& state = static_cast<CompareMetricsState&>(context.state);
    const Comparison* comparison = known_comparison(context.snapshot);
    std::string line;
    if (comparison && metric_scope(context.snapshot.settings.metrics_scope) == MetricScope::Head)
        line = shown_pair(*comparison, context.snapshot).a.to_string();
    ui::CardSpec spec;
    spec.id = "compare_metrics";
    spec.title = "Metrics";
    spec.context = line;
    spec.scrolls = true;
    spec.controls = [&] {
        if (comparison) draw_scopes(context);
    };
    if (ui::Card card{spec, context.pos, context.size}; card && !draw_missing_text(context))
        draw_body(context, state);
}

}  // namespace

extern const ViewDescriptor k_view_compare_metrics = {
    "compare_metrics",
    "Metrics of both",
    "Metrics of the head, its layer or the model in A and in B, over the rows that both have.",
    compare_metrics_height,
    [] { return std::unique_ptr<ViewState>(std::make_unique<CompareMetricsState>()); },
    draw};

}  // namespace headlight
