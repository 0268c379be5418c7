#include "publish/dilution_figures.h"

#include <fmt/format.h>

#include <algorithm>

#include "figure/contents.h"

namespace headlight {
namespace {

using Curve = CurveChart::Curve;

/// One value of a head at each length.
template <class Pick>
Curve curve_of(const DilutionExperiment& experiment, std::size_t head, const Pick& pick) {
    Curve out;
    for (const DilutionLength& length : experiment.lengths)
        out.y.push_back(pick(length.heads[head]));
    return out;
}

/// Curves of heads in their colours, and each uniform head's once.
template <class Own, class Null>
void add_heads(CurveChart::Panel& panel, const DilutionResult& result, const DilutionExperiment& experiment,
               const std::vector<HeadId>& heads, const Own& own, const Null& null) {
    std::vector<Curve> nulls;
    for (const HeadId head : heads) {
        Curve curve = curve_of(experiment, result.grid.index(head), null);
        const auto is_same = [&curve](const Curve& other) { return other.y == curve.y; };
        if (std::any_of(nulls.begin(), nulls.end(), is_same)) continue;
        curve.name = "uniform head";
        curve.colour = -1;
        curve.is_dashed = true;
        nulls.push_back(std::move(curve));
    }
    panel.curves = std::move(nulls);
    for (std::size_t i = 0; i < heads.size(); ++i) {
        Curve curve = curve_of(experiment, result.grid.index(heads[i]), own);
        curve.name = heads[i].to_string();
        curve.colour = static_cast<int>(i);
        panel.curves.push_back(std::move(curve));
    }
}

CurveChart::Panel kind_panel(const DilutionResult& result, const DilutionExperiment& experiment,
                             const std::vector<HeadId>& heads, const DilutionKindInfo& kind) {
    CurveChart::Panel panel;
    panel.name = kind.label;
    panel.is_log = kind.kind == DilutionKind::EffectiveKeys;
    if (kind.kind == DilutionKind::Last) panel.caption = fmt::format("{} keys", result.last);
    if (kind.kind == DilutionKind::EntropyNormalized) panel.caption = "falls where the effective keys stay";
    add_heads(
        panel, result, experiment, heads, [&](const DilutionPoint& point) { return point.mean[kind.kind]; },
        [&](const DilutionPoint& point) { return point.null[kind.kind]; });
    return panel;
}

CurveChart::Panel lift_panel(const DilutionResult& result, const DilutionExperiment& experiment,
                             const std::vector<HeadId>& heads) {
    CurveChart::Panel panel;
    panel.name = "lift of the fact";
    panel.caption = "mass over a uniform head's";
    panel.is_log = true;
    add_heads(
        panel, result, experiment, heads,
        [](const DilutionPoint& point) -> std::optional<double> {
            const auto &mass = point.mean[DilutionKind::Fact], &null = point.null[DilutionKind::Fact];
            if (!mass || !null || *null <= 0) return std::nullopt;
            return *mass / *null;
        },
        [](const DilutionPoint& point) -> std::optional<double> {
            return point.null[DilutionKind::Fact].value_or(0) > 0 ? std::optional(1.0) : std::nullopt;
        });
    return panel;
}

CurveChart::Panel loss_panel(const DilutionExperiment& experiment) {
    CurveChart::Panel panel;
    panel.name = "loss of the target";
    panel.caption = "nats a token";
    Curve curve;
    curve.name = "loss";
    curve.colour = -1;
    for (const DilutionLength& length : experiment.lengths)
        curve.y.push_back(length.loss);
    panel.curves.push_back(std::move(curve));
    return panel;
}

CurveChart chart_of(const DilutionResult& result, const DilutionExperiment& experiment,
                    const DilutionScope& scope) {
    CurveChart chart;
    chart.x_name = "tokens of context";
    for (const DilutionLength& length : experiment.lengths)
        chart.x.push_back(length.length);
    if (result.trained_length > 0) chart.limit = result.trained_length;
    chart.limit_name = "positions";
    chart.caveat =
        "Means over the target's rows and the fillers. Mass that falls is what a softmax over more keys "
        "does: read it beside the loss.";
    const std::vector<HeadId> heads = shown_heads(result, experiment, scope);
    for (const DilutionKindInfo& kind : kDilutionKinds) {
        const bool is_fact = kind.kind == DilutionKind::Fact;
        if (is_fact && result.fact.tokens.empty()) continue;
        chart.panels.push_back(kind_panel(result, experiment, heads, kind));
        if (is_fact) chart.panels.push_back(lift_panel(result, experiment, heads));
    }
    chart.panels.push_back(loss_panel(experiment));
    return chart;
}

}  // namespace

std::vector<NamedFigure> dilution_figures(const DilutionResult& result, const DilutionScope& scope) {
    std::vector<NamedFigure> out;
    for (const DilutionExperiment& experiment : result.experiments) {
        const bool has_fact = !result.fact.tokens.empty();
        out.push_back({fmt::format("dilution_{}", to_string(experiment.place)),
                       curves_figure(chart_of(result, experiment, scope), "Attention over context length",
                                     {result.spec.name, result.spec.dtype,
                                      has_fact ? describe(experiment.place) : "no fact"})});
    }
    return out;
}

}  // namespace headlight
