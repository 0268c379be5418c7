// Panels, lines and labels of a training log as SVG.
#include "report/training/training_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include "base/atomic_file.h"
#include "report/html/markup.h"

namespace headlight {
namespace {

constexpr double kPanelWidth = 380, kPanelHeight = 190;
constexpr double kChartLeft = 62, kChartRight = 12, kChartTop = 30, kChartBottom = 26;
constexpr int kPanelsARow = 3;
constexpr double kTitleHeight = 34;

struct Point {
    double step, value;
};
struct ChartLine {
    std::string name;
    std::vector<std::vector<Point>> pieces;  // broken where a value is absent
    bool is_part = false;                    // of a layer or head
};
struct Range {
    double low = 0, high = 0;
    /// 0 at the bottom, 1 at the top; what differs by rounding only is a straight line.
    double at(double value) const {
        const double scale = std::max(std::abs(low), std::abs(high));
        return high - low > 1e-9 * scale ? (value - low) / (high - low) : 0.5;
    }
};
struct Panel {
    std::string title;
    std::vector<ChartLine> lines;
};

ChartLine line_of(const TrainingLog& log, const std::string& name) {
    ChartLine line;
    line.name = name;
    line.is_part = name.find('/') != std::string::npos;
    bool is_broken = true;
    for (const TrainingRow& row : log.rows) {
        const auto found = row.values.find(name);
        if (found == row.values.end()) continue;  // measured at other steps
        if (!found->second) {
            is_broken = true;
            continue;
        }
        if (is_broken) line.pieces.emplace_back();
        is_broken = false;
        line.pieces.back().push_back({static_cast<double>(row.step), *found->second});
    }
    return line;
}

/// "attn_entropy/10" after "attn_entropy/9": names with numbers in the order of the numbers.
bool is_before(const ChartLine& a, const ChartLine& b) {
    return std::pair(a.name.size(), a.name) < std::pair(b.name.size(), b.name);
}

std::vector<Panel> panels_of(const TrainingLog& log) {
    std::map<std::string, Panel> panels;
    for (const std::string& name : log.names) {
        ChartLine line = line_of(log, name);
        if (line.pieces.empty()) continue;
        const std::string title = name.substr(0, name.find('/'));
        panels[title].title = title;
        panels[title].lines.push_back(std::move(line));
    }
    std::vector<Panel> out;
    for (auto& [title, panel] : panels) {
        std::sort(panel.lines.begin(), panel.lines.end(), is_before);
        out.push_back(std::move(panel));
    }
    return out;
}

Range range_of(const Panel& panel) {
    Range range{INFINITY, -INFINITY};
    for (const ChartLine& line : panel.lines) {
        for (const auto& piece : line.pieces) {
            for (const Point& point : piece) {
                range.low = std::min(range.low, point.value);
                range.high = std::max(range.high, point.value);
            }
        }
    }
    return range;
}

/// Dark blue for the first layer to light orange for the last; what stands for the whole model is black and
/// thick.
MarkupAttributes stroke_of(const ChartLine& line, std::size_t part, std::size_t num_parts) {
    if (!line.is_part) return {{"fill", "none"}, {"stroke", "#111111"}, {"stroke-width", 2}};
    const double t = num_parts > 1 ? static_cast<double>(part) / static_cast<double>(num_parts - 1) : 0.0;
    const auto mix = [&](double from, double to) {
        return static_cast<int>(std::lround(from + (to - from) * t));
    };
    const std::string colour = fmt::format("#{:02x}{:02x}{:02x}", mix(30, 240), mix(60, 150), mix(150, 40));
    return {{"fill", "none"}, {"stroke", colour}, {"stroke-width", 1}};
}

std::string path_of(const std::vector<Point>& points, const Range& steps, const Range& values) {
    std::string path;
    const double width = kPanelWidth - kChartLeft - kChartRight,
                 height = kPanelHeight - kChartTop - kChartBottom;
    for (const Point& point : points) {
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L",
                            kChartLeft + width * steps.at(point.step),
                            kChartTop + height * (1 - values.at(point.value)));
    }
    if (points.size() == 1) path += "h1.5";  // a dot
    return path;
}

Markup text_at(double x, double y, const char* anchor, const std::string& text) {
    return joined(
        element("text",
                {{"x", fmt::format("{:.1f}", x)}, {"y", fmt::format("{:.1f}", y)}, {"text-anchor", anchor}},
                text),
        "\n");
}

Markup lines_of(const Panel& panel, const Range& steps, const Range& values, std::size_t num_parts) {
    Markup out;
    std::size_t part = num_parts;
    for (auto line = panel.lines.rbegin(); line != panel.lines.rend(); ++line) {  // the whole model on top
        if (line->is_part) --part;
        for (const auto& piece : line->pieces) {
            MarkupAttributes attributes = stroke_of(*line, part, num_parts);
            attributes.push_back({"d", path_of(piece, steps, values)});
            out += joined(element("path", attributes, element("title", {}, line->name)), "\n");
        }
    }
    return out;
}

Markup panel_markup(const Panel& panel, const Range& steps) {
    const Range values = range_of(panel);
    const double bottom = kPanelHeight - kChartBottom, right = kPanelWidth - kChartRight;
    const auto number = [](double value) { return fmt::format("{}", value); };
    const Markup frame = element("rect", {{"x", number(kChartLeft)},
                                          {"y", number(kChartTop)},
                                          {"width", number(right - kChartLeft)},
                                          {"height", number(bottom - kChartTop)},
                                          {"fill", "none"},
                                          {"stroke", "#bbbbbb"}});
    const auto num_parts = static_cast<std::size_t>(std::count_if(
        panel.lines.begin(), panel.lines.end(), [](const ChartLine& line) { return line.is_part; }));
    const std::string parts = num_parts > 0 ? fmt::format(" (and its {} part{}, dark to light)", num_parts,
                                                          num_parts == 1 ? "" : "s")
                                            : "";
    return joined(frame, "\n", lines_of(panel, steps, values, num_parts),
                  text_at(kChartLeft, kChartTop - 8, "start", panel.title + parts),
                  text_at(kChartLeft - 5, kChartTop + 10, "end", fmt::format("{:.4g}", values.high)),
                  text_at(kChartLeft - 5, bottom, "end", fmt::format("{:.4g}", values.low)),
                  text_at(kChartLeft, bottom + 16, "start", fmt::format("{:.0f}", steps.low)),
                  text_at(right, bottom + 16, "end", fmt::format("step {:.0f}", steps.high)));
}

}  // namespace

std::string training_chart(const TrainingLog& log) {
    const std::vector<Panel> panels = panels_of(log);
    if (panels.empty()) return {};
    const Range steps{static_cast<double>(log.rows.front().step), static_cast<double>(log.rows.back().step)};
    const auto num_rows = (panels.size() + kPanelsARow - 1) / kPanelsARow;
    const std::string width = fmt::format("{:.0f}", kPanelWidth * kPanelsARow),
                      height =
                          fmt::format("{:.0f}", kTitleHeight + kPanelHeight * static_cast<double>(num_rows));
    Markup body =
        joined("\n", element("rect", {{"width", "100%"}, {"height", "100%"}, {"fill", "#ffffff"}}), "\n",
               text_at(kChartLeft, 20, "start", fmt::format("{}: {} rows", log.title, log.rows.size())));
    for (std::size_t i = 0; i < panels.size(); ++i) {
        const std::string place =
            fmt::format("translate({:.0f} {:.0f})", kPanelWidth * static_cast<double>(i % kPanelsARow),
                        kTitleHeight + kPanelHeight * static_cast<double>(i / kPanelsARow));
        body +=
            joined(element("g", {{"transform", place}}, joined("\n", panel_markup(panels[i], steps))), "\n");
    }
    return joined(element("svg",
                          {{"xmlns", "http://www.w3.org/2000/svg"},
                           {"width", width},
                           {"height", height},
                           {"viewBox", "0 0 " + width + " " + height},
                           {"font-family", "sans-serif"},
                           {"font-size", 11}},
                          body),
                  "\n")
        .bytes();
}

Status draw_training_log(const std::string& folder) {
    HEADLIGHT_TRY(const TrainingLog log, read_training_log(folder));
    const std::string svg = training_chart(log);
    if (svg.empty()) return {};
    return write_file_atomic(folder + "/metrics.svg", svg);
}

}  // namespace headlight
