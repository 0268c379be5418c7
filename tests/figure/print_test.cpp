// Figures at the sizes that paper asks for: every kind at every preset stays on its page, its labels do not
// touch, its text keeps its points, and the file says what the style says.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/utf8.h"
#include "figure/canvas.h"
#include "figure/contents.h"
#include "figure/panels.h"
#include "figure/recording_canvas.h"
#include "support/fixtures.h"

using namespace headlight;
using test::DrawnText;
using test::RecordingCanvas;

namespace {

std::vector<Token> print_tokens(int count) {
    static const char* const some[] = {"When", "·Mary", "·and", "·internationalisation",
                                       "שלום", "😀",     "⏎",    "·of"};
    std::vector<Token> tokens(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
        tokens[static_cast<std::size_t>(i)].display = some[i % 8];
    return tokens;
}

std::vector<float> fading_head(int queries, int keys) {
    std::vector<float> weights(static_cast<std::size_t>(queries) * static_cast<std::size_t>(keys));
    for (int i = 0; i < queries; ++i)
        for (int j = 0; j <= std::min(i, keys - 1); ++j)
            weights[static_cast<std::size_t>(i * keys + j)] =
                j == 0 ? 0.7f : 0.3f / static_cast<float>(i + 1);
    return weights;
}

const FigureCaption kPrintCaption{"SmolLM2-135M-Instruct", "Q4_1 weights, softmax in float32",
                                  "induction 0.83, between words"};

/// Every kind of drawing on `count` tokens.
std::map<std::string, FigureContent> all_figures(int count) {
    const auto tokens = std::make_shared<const std::vector<Token>>(print_tokens(count));
    const FigureAxes axes{tokens, tokens, true, count > 20 ? 16 : 0};
    const std::vector<float> weights = fading_head(count, count);
    std::map<std::string, FigureContent> out;
    out["heatmap"] = heatmap_figure({weights, axes, "Layer 3 · Head 5", kPrintCaption});
    GridContent grid{{}, axes, "Layer 3 · 9 heads", kPrintCaption};
    for (int i = 0; i < 9; ++i)
        grid.heads.push_back({fmt::format("Head {}", i), weights});
    out["grid"] = grid_figure(grid);
    ThumbnailContent thumbs{{}, {}, {}, axes, "30 layers × 9 heads", kPrintCaption};
    for (int i = 0; i < 30; ++i)
        thumbs.row_labels.push_back(fmt::format("L{}", i));
    for (int i = 0; i < 9; ++i)
        thumbs.column_labels.push_back(fmt::format("H{}", i));
    thumbs.heads.assign(270, weights);
    out["thumbnails"] = thumbnails_figure(thumbs);
    std::vector<float> difference(weights.size(), 0.1f);
    difference[0] = std::nanf("");
    out["comparison"] = comparison_figure({{"unchanged", weights, axes},
                                           {"without head 5.1", weights, axes},
                                           difference,
                                           "Layer 3 · Head 5",
                                           kPrintCaption});
    out["flow"] = flow_figure(
        {std::vector<FlowShares>(30, {0.2, 0.3, 0.1, 0.4, true}), {0.1, 0.1, 0.1, 0.7, true}, kPrintCaption});
    ValueMap map;
    for (int i = 0; i < 30; ++i)
        map.row_labels.push_back(fmt::format("L{}", i));
    for (int i = 0; i < count; ++i)
        map.column_labels.push_back(
            fmt::format("{} {}", print_tokens(8)[static_cast<std::size_t>(i % 8)].display, i));
    map.row_name = "layer", map.column_name = "position";
    for (int i = 0; i < 30 * count; ++i)
        map.values.push_back(static_cast<float>(std::sin(i)));
    map.values[3] = std::nanf("");
    map.unit = "of the gap restored";
    map.caveat = "one prompt: nothing is said about others, and nothing here is a mean";
    out["map"] = value_map_figure(map, "Patching: residual stream, denoise", kPrintCaption);
    CurveChart chart;
    chart.x_name = "tokens of context";
    chart.caveat = "Means over the target's rows and the fillers, read it beside the loss of the same rows.";
    for (int i = 0; i < 7; ++i)
        chart.x.push_back(64 << i);
    for (const char* name : {"effective keys", "mass on the first key", "loss of the target"}) {
        CurveChart::Panel panel{name, "nats a token", {}, false};
        for (int i = 0; i < 10; ++i)
            panel.curves.push_back(
                {fmt::format("L{}H{}", i, i), std::vector<std::optional<double>>(7, 0.1 * i), i, false});
        chart.panels.push_back(panel);
    }
    out["curves"] = curves_figure(chart, "Attention over context length", kPrintCaption);
    CircuitDrawing circuit;
    circuit.num_rows = 4;
    for (int i = 0; i < 9; ++i)
        circuit.nodes.push_back({fmt::format("L{} H{}", i, i), 0.05 + 0.1 * i, i % 4});
    for (std::size_t i = 1; i < 9; ++i)
        circuit.edges.push_back({i - 1, i, i % 2 == 0 ? 0.3 : -0.2, "q"});
    out["circuit"] = circuit_figure(circuit, "Direct paths over 10 % of the gap", kPrintCaption);
    return out;
}

FigureStyle preset_style(const PrintPreset& preset) {
    FigureStyle style;
    style.width_mm = preset.width_mm;
    style.height_mm = preset.height_mm;
    style.font_pt = preset.font_pt;
    return style;
}

RecordingCanvas record(const FigureContent& figure, const FigureStyle& style, double& width, double& height) {
    const LookScope scope(style);
    const auto drawing = lay_out_page(std::span(&figure, 1), style);
    REQUIRE_MESSAGE(drawing, (drawing ? "" : drawing.error().to_string()));
    RecordingCanvas canvas;
    (*drawing)->paint(canvas);
    width = (*drawing)->width, height = (*drawing)->height;
    return canvas;
}

/// As Info entries hold what is not plain: UTF-16 with its mark, in hexadecimal.
std::string utf16_hex(const std::string& text) {
    std::string out = "FEFF";
    for (std::size_t at = 0; at < text.size();) {
        const utf8::Decoded decoded = utf8::decode(text, at);
        const auto code = static_cast<std::uint32_t>(decoded.code_point);
        at += decoded.size_bytes;
        out += code < 0x10000 ? fmt::format("{:04X}", code)
                              : fmt::format("{:04X}{:04X}", 0xD800 + ((code - 0x10000) >> 10),
                                            0xDC00 + ((code - 0x10000) & 0x3FF));
    }
    return out;
}

std::string print_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("print: every kind at every preset stays on its page") {
    for (const int count : {1, 4, 27, 130}) {
        for (const auto& entry : all_figures(count)) {
            const std::string& name = entry.first;
            const FigureContent& figure = entry.second;
            for (const PrintPreset& preset : print_presets()) {
                for (const bool is_bare : {false, true}) {
                    FigureStyle style = preset_style(preset);
                    style.shows_title = style.shows_colour_bar = style.shows_indices = !is_bare;
                    INFO(fmt::format("{}, preset {}, {} tokens{}", name, preset.name, count,
                                     is_bare ? ", bare" : ""));
                    double width = 0, height = 0;
                    const RecordingCanvas canvas = record(figure, style, width, height);
                    CHECK(width == doctest::Approx(style.room()).epsilon(1e-9));
                    if (preset.height_mm > 0)
                        CHECK(height == doctest::Approx(preset.height_mm * 72 / 25.4 / style.unit_pt()));
                    CHECK(canvas.bounds.x >= -1);
                    CHECK(canvas.bounds.y >= -1);
                    CHECK(canvas.bounds.width <= width + 1);
                    CHECK(canvas.bounds.height <= height + 1);
                    for (const DrawnText& text : canvas.texts) {
                        INFO(text.text, " at ", text.page.x, ", ", text.page.y, " of ", width, " x ", height);
                        CHECK(text.page.x >= -1);
                        CHECK(text.page.right() <= width + 1);
                        CHECK(text.page.y >= -2);
                        CHECK(text.page.bottom() <= height + 2);
                    }
                }
            }
        }
    }
}

TEST_CASE("print: level texts do not lie on each other") {
    for (const int count : {4, 27, 130}) {
        for (const auto& entry : all_figures(count)) {
            const std::string& name = entry.first;
            const FigureContent& figure = entry.second;
            for (const PrintPreset& preset : print_presets()) {
                INFO(fmt::format("{}, preset {}, {} tokens", name, preset.name, count));
                double width = 0, height = 0;
                const RecordingCanvas canvas = record(figure, preset_style(preset), width, height);
                for (std::size_t i = 0; i < canvas.texts.size(); ++i) {
                    for (std::size_t j = 0; j < i; ++j) {
                        const DrawnText &a = canvas.texts[i], &b = canvas.texts[j];
                        if (a.angle_deg == 55 || b.angle_deg == 55) continue;  // label_plan_test
                        const double across =
                            std::min(a.page.right(), b.page.right()) - std::max(a.page.x, b.page.x);
                        const double down =
                            std::min(a.page.bottom(), b.page.bottom()) - std::max(a.page.y, b.page.y);
                        CHECK_MESSAGE((across < 0.5 || down < 1.5), a.text, " on ", b.text);
                    }
                }
            }
        }
    }
}

TEST_CASE("print: text keeps its points and the file its millimetres, whatever the width") {
    const std::string folder = test::fresh_dir("print_sizes");
    const auto figure = all_figures(27)["heatmap"];
    for (const double width_mm : {60.0, 85.0, 178.0}) {
        FigureStyle style;
        style.format = FigureFormat::Svg;
        style.width_mm = width_mm;
        style.font_pt = 9;
        REQUIRE(write_figure(folder + "/a.svg", figure, style));
        const std::string svg = print_file(folder + "/a.svg");
        CHECK(svg.find(fmt::format("width=\"{}mm\"", width_mm)) != std::string::npos);
        // Base text is 11 units; a unit is width / viewBox width millimetres.
        const std::size_t at = svg.find("viewBox=\"0 0 ") + 13;
        const double unit_pt = width_mm / std::stod(svg.substr(at)) * 72 / 25.4;
        CHECK(11 * unit_pt == doctest::Approx(9).epsilon(1e-3));
        CHECK(svg.find("font-size=\"11\"") != std::string::npos);
        style.format = FigureFormat::Pdf;
        REQUIRE(write_figure(folder + "/a.pdf", figure, style));
        const std::string pdf = print_file(folder + "/a.pdf");
        const std::size_t box = pdf.find("/MediaBox [ 0 0 ");
        REQUIRE(box != std::string::npos);
        CHECK(std::stod(pdf.substr(box + 16)) == doctest::Approx(width_mm * 72 / 25.4).epsilon(1e-4));
        style.format = FigureFormat::Png;
        style.scale = 3;
        const auto png = render_figure(std::span(&figure, 1), style);
        REQUIRE(png);
        CHECK(png->width_mm == doctest::Approx(width_mm));
        const auto pixel = [&](std::size_t at_byte) {
            return static_cast<std::uint8_t>(png->bytes[at_byte]);
        };
        const int pixels = (pixel(18) << 8) | pixel(19);
        CHECK(std::abs(pixels - width_mm / 25.4 * 300) <= 1);
    }
}

TEST_CASE("print: dark, transparent, fonts, maps and ranges are in the file") {
    const auto figure = all_figures(7)["heatmap"];
    FigureStyle style;
    style.format = FigureFormat::Svg;
    const auto svg = [&] {
        const auto file = render_figure(std::span(&figure, 1), style);
        REQUIRE(file);
        return file->bytes;
    };
    const std::string plain = svg();
    CHECK(plain.find("fill=\"#ffffff\"/>") != std::string::npos);
    style.is_dark = true;
    CHECK(svg().find("fill=\"#171a21\"/>") != std::string::npos);
    style.is_transparent = true;
    CHECK(svg().find("fill=\"#171a21\"/>") == std::string::npos);
    style = {.format = FigureFormat::Svg};
    style.font_family = "serif";
    CHECK(svg().find("'Latin Modern Roman'") != std::string::npos);
    style.font_family = "My <Font>";
    CHECK(svg().find("'My &lt;Font&gt;'") != std::string::npos);
    style = {.format = FigureFormat::Svg};
    style.colours = "greys";
    CHECK(svg() != plain);
    style.colours = "jet";
    CHECK_FALSE(render_figure(std::span(&figure, 1), style));
    style = {.format = FigureFormat::Svg};
    style.range = FigureRange::PerHead;
    const std::string own = svg();
    CHECK(own.find(">0.7<") != std::string::npos);  // top of the bar: the largest weight
    CHECK(own.find(">1<") != std::string::npos);    // index of a token only
    style.shows_title = style.shows_axis_names = style.shows_labels = style.shows_colour_bar = false;
    style.shows_numbers = false;
    CHECK(svg().find("<text") == std::string::npos);
    style = {.format = FigureFormat::Png};
    style.is_transparent = true;
    const auto png = render_figure(std::span(&figure, 1), style);
    REQUIRE(png);
    CHECK(static_cast<int>(png->bytes[25]) == 6);  // RGBA
}

TEST_CASE("print: panels stand under their letters, in rows") {
    auto figures = all_figures(7);
    const std::vector<FigureContent> panels = {figures["heatmap"], figures["curves"], figures["flow"]};
    FigureStyle style;
    style.width_mm = 178;
    style.font_pt = 7;
    style.format = FigureFormat::Svg;
    const auto file = render_figure(panels, style);
    REQUIRE(file);
    CHECK(file->width_mm == doctest::Approx(178));
    for (const char* letter : {">(a)<", ">(b)<", ">(c)<"})
        CHECK(file->bytes.find(letter) != std::string::npos);
    CHECK(file->title.find("; ") != std::string::npos);
    FigureStyle page = style;
    page.width_mm = 338.7, page.height_mm = 190.5, page.font_pt = 12, page.panel_columns = 1;
    const std::vector<FigureContent> high = {figures["flow"], figures["curves"]};
    const auto slide = render_figure(high, page);  // side by side: under each other they are too high
    REQUIRE_MESSAGE(slide, (slide ? "" : slide.error().message));
    CHECK(slide->height_mm == doctest::Approx(190.5));
    style.has_letters = false;
    CHECK(render_figure(panels, style)->bytes.find(">(a)<") == std::string::npos);
    CHECK_FALSE(render_figure(std::vector<FigureContent>(27, panels[0]), style));
    CHECK_FALSE(render_figure({}, style));
}

TEST_CASE("print: a recipe lies in each format's own metadata, and nowhere without one") {
    const auto figure = all_figures(7)["heatmap"];
    const std::string recipe = "{\"text\":\"naïve 😀 (a)\\n</metadata>\"}";
    const std::map<FigureFormat, std::string> expected = {
        {FigureFormat::Png, std::string("headlight-recipe\0\0\0\0\0", 21) + recipe},
        {FigureFormat::Svg,
         "<metadata id=\"headlight-recipe\">{&quot;text&quot;:&quot;naïve 😀 (a)\\n&lt;/metadata&gt;"},
        {FigureFormat::Pdf, "/Keywords <" + utf16_hex("headlight-recipe " + recipe) + ">"},
        {FigureFormat::Pgf, "% headlight-recipe " + recipe + "\n"}};
    for (const auto& entry : expected) {
        const FigureFormat format = entry.first;
        const std::string& text = entry.second;
        FigureStyle style;
        style.format = format;
        INFO(std::string(extension(format)));
        CHECK(render_figure(std::span(&figure, 1), style)->bytes.find("recipe") == std::string::npos);
        style.recipe = recipe;
        const std::string bytes = render_figure(std::span(&figure, 1), style)->bytes;
        INFO(bytes.substr(std::min(bytes.find("headlight-recipe"), bytes.size()), 120));
        CHECK(render_figure(std::span(&figure, 1), style)->bytes.find(text) != std::string::npos);
    }
}

TEST_CASE("print: a picture of many cells lies beside pgf") {
    const std::string folder = test::fresh_dir("print_pgf");
    FigureStyle style;
    style.format = FigureFormat::Pgf;
    style.width_mm = 85;
    style.font_pt = 10;
    REQUIRE(write_figure(folder + "/head.pgf", all_figures(130)["heatmap"], style));
    CHECK(print_file(folder + "/head-0.png").starts_with("\x89PNG"));
    CHECK(print_file(folder + "/head.pgf").find("{head-0.png}") != std::string::npos);
}
