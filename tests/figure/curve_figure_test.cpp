// Curves over a logarithmic axis: names and numbers are in the file, gaps stay gaps, wrong sizes are refused.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "figure/contents.h"
#include "support/fixtures.h"

using namespace headlight;

namespace {

std::string curve_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::size_t count_of(const std::string& text, const std::string& words) {
    std::size_t count = 0;
    for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1))
        ++count;
    return count;
}

}  // namespace

TEST_CASE("curve figure: panels, legend, dashed null, limit") {
    const std::string path = test::fresh_dir("curves") + "/curves.svg";
    CurveChart chart;
    chart.x_name = "tokens of context";
    chart.x = {64, 128, 256};
    chart.limit = 128;
    chart.limit_name = "positions";
    chart.caveat = "Read it beside the loss.";
    CurveChart::Panel panel;
    panel.name = "effective keys";
    panel.is_log = true;
    panel.curves = {{"uniform head", {64, 128, 256}, -1, true}, {"L5H3", {4, std::nullopt, 5}, 0, false}};
    chart.panels = {panel, panel, panel};
    chart.panels[1].name = "mass on the fact";
    FigureStyle style;
    style.format = FigureFormat::Svg;
    REQUIRE(write_figure(
        path, curves_figure(chart, "Attention over context length", {"tiny", "float32", "fact"}), style));
    const std::string text = curve_file(path);
    CHECK(text.find("mass on the fact") != std::string::npos);
    CHECK(text.find("tokens of context") != std::string::npos);
    CHECK(text.find("stroke-dasharray") != std::string::npos);
    CHECK(text.find("Read it beside the loss.") != std::string::npos);
    CHECK(count_of(text, ">L5H3<") == 1);  // once in the legend
    CHECK(count_of(text, ">positions<") == 3);
    CHECK(curve_file(path) == text);
    for (const FigureFormat format : {FigureFormat::Png, FigureFormat::Pdf}) {
        style.format = format;
        CHECK(write_figure(path, curves_figure(chart, "Curves", {"tiny", "float32", ""}), style));
    }
    chart.panels[0].curves[0].y.pop_back();
    CHECK_FALSE(write_figure(path, curves_figure(chart, "Curves", {}), style));
    CHECK_FALSE(write_figure(path, curves_figure(CurveChart{}, "Curves", {}), style));
}
