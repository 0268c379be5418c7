// Metrics over layers: means over heads beside what a uniform head reads.
#include <fmt/ranges.h>

#include <sstream>

#include "base/nearest_word.h"
#include "figure/contents.h"
#include "publish/figure_kind.h"
#include "publish/shown_part.h"

namespace headlight {
namespace {

constexpr const char* kUsualMetrics = "entropy_normalized,first_token_mass,previous_mass,effective_keys";

Result<std::vector<const MetricDescriptor*>> chosen_metrics(const FigureRequest& request) {
    std::vector<const MetricDescriptor*> out;
    std::stringstream in(request.metrics.empty() ? kUsualMetrics : request.metrics);
    for (std::string id; std::getline(in, id, ',');) {
        const MetricDescriptor* const metric = find_metric(id);
        if (metric == nullptr || metric->kind != MetricKind::Pattern) {
            std::vector<std::string> known;
            for (const MetricDescriptor* other : metrics())
                if (other->kind == MetricKind::Pattern) known.emplace_back(other->id);
            const std::string near = nearest_word(id.substr(0, 60), known);
            return fail(ErrorKind::InvalidInput, "--metrics: '{}' is no metric of a text{}; there are {}",
                        id.substr(0, 60), near.empty() ? "" : fmt::format(", did you mean '{}'", near),
                        fmt::join(known, ", "));
        }
        out.push_back(metric);
    }
    return out;
}

CurveChart::Panel panel_of(const AnalyzedRun& run, const MetricDescriptor& metric,
                           const std::vector<HeadId>& heads) {
    const auto value_in = [&](const std::vector<MetricValue>& values) -> MetricValue {
        for (const MetricValue& value : values)
            if (value.metric == &metric) return value;
        return {};
    };
    CurveChart::Panel panel;
    panel.name = metric.label;
    panel.caption = metric.unit;
    CurveChart::Curve mean{"mean of heads", {}, 0, false}, even{metric.reference_label, {}, -1, true};
    for (const std::vector<MetricValue>& layer : run.analysis.layers) {
        const MetricValue value = value_in(layer);
        mean.y.push_back(value.value);
        even.y.push_back(value.reference);
    }
    panel.curves = {std::move(even), std::move(mean)};
    // Chosen heads as single points of their layers.
    for (std::size_t i = 0; i < heads.size(); ++i) {
        CurveChart::Curve one{heads[i].to_string(), {}, static_cast<int>(i) + 1, false};
        one.y.resize(run.analysis.layers.size());
        one.y[static_cast<std::size_t>(heads[i].layer)] = value_in(run.analysis.head(heads[i]).metrics).value;
        panel.curves.push_back(std::move(one));
    }
    return panel;
}

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext& job) {
    HEADLIGHT_TRY(const auto wanted, chosen_metrics(request));
    HEADLIGHT_TRY(const AnalyzedRunPtr run, source.run(request, job));
    std::vector<HeadId> heads;
    if (!request.heads.empty()) {
        HEADLIGHT_TRY(heads, chosen_heads(request, *run));
    }
    CurveChart chart;
    chart.x_name = "layer";
    chart.is_x_log = false;
    for (int layer = 0; layer < run->trace->num_layers(); ++layer)
        chart.x.push_back(layer);
    std::string names;
    for (const MetricDescriptor* metric : wanted) {
        chart.panels.push_back(panel_of(*run, *metric, heads));
        names += (names.empty() ? "" : ", ") + std::string(metric->label);
    }
    FigureCaption caption = caption_of_run(*run);
    return KindFigures{
        {curves_figure(std::move(chart), "Metrics over layers", std::move(caption)),
         fmt::format("{} over layers, means over heads; dashed: a head that spreads evenly. {}", names,
                     source_words(*run))}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_layers = {
    "layers",
    "Metrics over layers",
    "Metrics of the text over layers: means over heads beside a uniform head, and chosen heads as points.",
    FigureNeed::Attention,
    {FieldGroup::Head, FieldGroup::Unit, FieldGroup::Metrics, FieldGroup::Change},
    "metrics",
    make};

}  // namespace headlight
