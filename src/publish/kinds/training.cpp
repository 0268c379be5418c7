// Curves of a training log over steps.
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <set>
#include <sstream>

#include "figure/contents.h"
#include "publish/figure_kind.h"

namespace headlight {
namespace {

constexpr std::size_t kMostMetricPanels = 12;

std::string base_name(const std::string& name) {
    return name.substr(0, name.find('/'));
}

/// "attn_entropy/10" after "attn_entropy/9".
bool is_before(const std::string& a, const std::string& b) {
    return std::pair(a.size(), a) < std::pair(b.size(), b);
}

/// Names of panels: those that were asked for, else the first of the log.
Result<std::vector<std::string>> chosen_names(const FigureRequest& request, const TrainingLog& log) {
    std::vector<std::string> known;
    for (const std::string& name : log.names)
        if (std::find(known.begin(), known.end(), base_name(name)) == known.end())
            known.push_back(base_name(name));
    if (request.metrics.empty()) {
        std::stable_partition(known.begin(), known.end(),
                              [](const std::string& name) { return name.find("loss") != std::string::npos; });
        if (known.size() > kMostMetricPanels) known.resize(kMostMetricPanels);
        return known;
    }
    std::vector<std::string> out;
    std::stringstream in(request.metrics);
    for (std::string name; std::getline(in, name, ',');) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            return fail(ErrorKind::InvalidInput, "--metrics: the log has no '{}'; it has {}",
                        name.substr(0, 60), fmt::join(known, ", "));
        out.push_back(name);
    }
    return out;
}

CurveChart chart_of(const TrainingLog& log, const std::vector<std::string>& names) {
    CurveChart chart;
    chart.x_name = "step";
    chart.is_x_log = false;
    std::set<double> steps;
    for (const TrainingRow& row : log.rows)
        steps.insert(static_cast<double>(row.step));
    chart.x.assign(steps.begin(), steps.end());
    const auto at = [&](double step) {
        return static_cast<std::size_t>(std::lower_bound(chart.x.begin(), chart.x.end(), step) -
                                        chart.x.begin());
    };
    for (const std::string& panel_name : names) {
        std::vector<std::string> curves;
        for (const std::string& name : log.names)
            if (base_name(name) == panel_name) curves.push_back(name);
        std::sort(curves.begin(), curves.end(), is_before);
        CurveChart::Panel panel;
        panel.name = panel_name;
        for (std::size_t i = 0; i < curves.size(); ++i) {
            CurveChart::Curve curve;
            const std::size_t slash = curves[i].find('/');
            curve.name = slash == std::string::npos ? "whole model" : "layer " + curves[i].substr(slash + 1);
            curve.colour = slash == std::string::npos ? -1 : static_cast<int>(i);
            curve.is_joined = true;  // panels are measured at steps of their own
            curve.y.resize(chart.x.size());
            for (const TrainingRow& row : log.rows) {
                const auto found = row.values.find(curves[i]);
                if (found == row.values.end()) continue;
                curve.y[at(static_cast<double>(row.step))] =
                    found->second.value_or(std::numeric_limits<double>::quiet_NaN());
            }
            panel.curves.push_back(std::move(curve));
        }
        chart.panels.push_back(std::move(panel));
    }
    return chart;
}

Result<KindFigures> make(const FigureRequest& request, FigureSource& source, const JobContext&) {
    if (!source.training())
        return fail(
            ErrorKind::InvalidInput,
            "this figure needs a training log: give its folder, or a model with a log beside it, as --model");
    const TrainingLog& log = source.training()->log;
    HEADLIGHT_TRY(const std::vector<std::string> names, chosen_names(request, log));
    if (names.empty() || log.rows.empty())
        return fail(make_error(ErrorKind::InvalidInput, "the training log holds no values")
                        .in_file(source.training()->path));
    return KindFigures{{curves_figure(chart_of(log, names), "Training",
                                      {log.title, "", fmt::format("{} rows", log.rows.size())}),
                        fmt::format("{} over training steps of {}.", fmt::join(names, ", "), log.title)}};
}

}  // namespace

extern const FigureKindDescriptor k_figure_training = {
    "training",
    "Training curves",
    "Curves of a training log over steps: losses, and metrics of the attention by layer.",
    FigureNeed::Log,
    {FieldGroup::Metrics},
    "training",
    make};

}  // namespace headlight
