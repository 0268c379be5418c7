// Figures as files: signatures, sizes, determinism, and what the pixels say.
#include <doctest/doctest.h>
#include <zlib.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "core/colormap.h"
#include "figure/contents.h"
#include "figure/heat_cells.h"
#include "figure/look.h"
#include "figure/png_writer.h"
#include "support/fixtures.h"

using namespace headlight;

namespace {

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::uint32_t read_u32(const std::string& bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t k = 0; k < 4; ++k)
        value = (value << 8) | static_cast<std::uint8_t>(bytes.at(at + k));
    return value;
}

struct Decoded {
    int width = 0, height = 0;
    std::string rgb;  // [height, width, 3]
};

/// An independent reader for the one kind of PNG that is written here; checks every chunk's sum.
Decoded decode_png(const std::string& png) {
    Decoded out;
    REQUIRE(png.substr(0, 8) == std::string("\x89PNG\r\n\x1a\n", 8));
    std::string compressed;
    for (std::size_t at = 8; at < png.size();) {
        const std::size_t length = read_u32(png, at);
        const std::string type = png.substr(at + 4, 4), data = png.substr(at + 8, length);
        const std::string summed = type + data;
        REQUIRE(crc32(0, reinterpret_cast<const Bytef*>(summed.data()), static_cast<uInt>(summed.size())) ==
                read_u32(png, at + 8 + length));
        if (type == "IHDR")
            out.width = static_cast<int>(read_u32(data, 0)), out.height = static_cast<int>(read_u32(data, 4));
        if (type == "IDAT") compressed += data;
        at += length + 12;
    }
    const std::size_t row_bytes = static_cast<std::size_t>(out.width) * 3;
    std::string raw((row_bytes + 1) * static_cast<std::size_t>(out.height), '\0');
    uLongf size = raw.size();
    REQUIRE(uncompress(reinterpret_cast<Bytef*>(raw.data()), &size,
                       reinterpret_cast<const Bytef*>(compressed.data()), compressed.size()) == Z_OK);
    REQUIRE(size == raw.size());
    std::string above(row_bytes, '\0');
    for (int y = 0; y < out.height; ++y) {
        const std::string row = raw.substr(static_cast<std::size_t>(y) * (row_bytes + 1), row_bytes + 1);
        REQUIRE(row[0] == 2);
        for (std::size_t i = 0; i < row_bytes; ++i)
            above[i] = static_cast<char>(above[i] + row[i + 1]);
        out.rgb += above;
    }
    return out;
}

bool has_colour(const Decoded& picture, Rgb8 colour) {
    const char wanted[3] = {static_cast<char>(colour.r), static_cast<char>(colour.g),
                            static_cast<char>(colour.b)};
    for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
        if (std::memcmp(picture.rgb.data() + i, wanted, 3) == 0) return true;
    }
    return false;
}

std::vector<Token> words(int count) {
    static const char* const some[] = {"The", "·cat", "·sat", "שלום", "😀", "<a&b>", "⏎"};
    std::vector<Token> tokens(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
        tokens[static_cast<std::size_t>(i)].display = some[i % 7];
    return tokens;
}

/// Uniform over admissible keys.
std::vector<float> uniform_head(int count) {
    std::vector<float> weights(static_cast<std::size_t>(count) * count);
    for (int i = 0; i < count; ++i) {
        for (int j = 0; j <= i; ++j)
            weights[static_cast<std::size_t>(i) * count + j] = 1.0f / static_cast<float>(i + 1);
    }
    return weights;
}

const FigureCaption kCaption{"tiny", "float32", "a note"};

FigureTokens shared(std::vector<Token> tokens) {
    return std::make_shared<const std::vector<Token>>(std::move(tokens));
}

Status draw_head(const std::string& path, std::vector<float> weights, const FigureAxes& axes,
                 const FigureStyle& style = {}) {
    return write_figure(path, heatmap_figure({std::move(weights), axes, "Layer 3 · Head 5", kCaption}),
                        style);
}

Status draw_grid(const std::string& path, int num_heads, const std::vector<float>& weights,
                 const FigureAxes& axes, const FigureStyle& style = {}) {
    GridContent grid;
    for (int i = 0; i < num_heads; ++i)
        grid.heads.push_back({fmt::format("Head {}", i), weights});
    grid.axes = axes;
    grid.what = "Layer 0";
    grid.caption = kCaption;
    return write_figure(path, grid_figure(std::move(grid)), style);
}

Status draw_shares(const std::string& path, std::vector<FlowShares> layers, const FlowShares& uniform,
                   const FigureStyle& style) {
    return write_figure(path, flow_figure({std::move(layers), uniform, kCaption}), style);
}

}  // namespace

TEST_CASE("png: what is read back are the pixels that were given") {
    std::vector<std::uint32_t> pixels;
    for (std::uint32_t i = 0; i < 700 * 413; ++i)
        pixels.push_back((i / 5000 % 3 == 0 ? i * 2654435761u : i / 700 * 77) & 0xFFFFFF);
    const Decoded back = decode_png(encode_png({pixels, 700, 413}, 100));
    REQUIRE(back.width == 700);
    REQUIRE(back.height == 413);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        const auto byte = [&](std::size_t k) { return static_cast<std::uint8_t>(back.rgb[3 * i + k]); };
        const std::uint32_t got = (std::uint32_t{byte(0)} << 16) | (std::uint32_t{byte(1)} << 8) | byte(2);
        if (got != pixels[i]) FAIL("pixel ", i);
    }
}

TEST_CASE("masked entries have a colour that no weight has") {
    for (const Rgb8 c : colormap_light())
        CHECK_FALSE((c.r == look().masked.r && c.g == look().masked.g && c.b == look().masked.b));
    const HeatCells cells = reduce_weights(uniform_head(3), 3, 3, {}, 100);
    CHECK(cells.values[1] == -1);
    CHECK(cells.values[3] == doctest::Approx(0.5));
    const auto colours = colour_cells(cells, 0.6);
    CHECK(colours[1].r == look().masked.r);
    CHECK(colours[0].b == colormap_light()[255].b);
}

TEST_CASE("reduction keeps the largest weight and says so") {
    std::vector<float> weights(100 * 100, 0.0f);
    weights[57 * 100 + 13] = 0.9f;
    const HeatCells cells = reduce_weights(weights, 100, 100, {}, 30);
    CHECK(cells.tokens_per_cell == 4);
    CHECK(cells.rows == 25);
    CHECK(cells.cols == 25);
    CHECK(cells.values[14 * 25 + 3] == doctest::Approx(0.9f));
    CHECK(reduction_statement(cells) == "each cell is the largest of 4 × 4 weights");
    CHECK(reduce_weights(weights, 100, 100, {true, 8}, 200).values[57 * 100 + 13] == -1);
}

TEST_CASE("queries and keys of two texts: rows and columns are counted apart") {
    std::vector<float> weights(3 * 70, 0.0f);
    weights[2 * 70 + 69] = 0.75f;
    const HeatCells whole = reduce_weights(weights, 3, 70, {false, 0}, 100);
    CHECK(whole.rows == 3);
    CHECK(whole.cols == 70);
    CHECK(whole.values[2 * 70 + 69] == 0.75f);
    CHECK(whole.values[69] == 0);  // nothing is masked across two texts
    const HeatCells reduced = reduce_weights(weights, 3, 70, {false, 0}, 24);
    CHECK(reduced.tokens_per_cell == 3);
    CHECK(reduced.rows == 1);
    CHECK(reduced.cols == 24);
    CHECK(reduced.values[23] == 0.75f);

    const std::string folder = test::fresh_dir("figure_two_lists");
    FigureStyle style;
    style.format = FigureFormat::Svg;
    const FigureTokens queries = shared(words(3)), keys = shared(words(20));
    const std::vector<float> even(3 * 20, 0.05f);
    const FigureAxes axes{queries, keys, false, 0};
    REQUIRE(draw_head(folder + "/head.svg", even, axes, style));
    CHECK(read_file(folder + "/head.svg").find("3 queries × 20 keys") != std::string::npos);
    REQUIRE(draw_grid(folder + "/layer.svg", 5, even, axes, style));
    CHECK(read_file(folder + "/layer.svg").find("3 queries × 20 keys") != std::string::npos);
    const auto turned = draw_head(folder + "/turned.svg", even, {queries, queries, false, 0}, style);
    REQUIRE_FALSE(turned);
    CHECK(turned.error().message.find("60 weights do not fill") != std::string::npos);
}

TEST_CASE("sliding windows: what lies outside is masked, and the band is outlined and named") {
    const CellMask both_sides{false, 2};
    CHECK(both_sides.allows(5, 3));
    CHECK(both_sides.allows(5, 7));
    CHECK_FALSE(both_sides.allows(5, 2));
    CHECK_FALSE(both_sides.allows(5, 8));
    const HeatCells cells = reduce_weights(uniform_head(9), 9, 9, both_sides, 100);
    CHECK(cells.values[5 * 9 + 2] == -1);
    CHECK(cells.values[5 * 9 + 8] == -1);
    CHECK(cells.values[5 * 9 + 7] == 0);
    CHECK(window_statement(cells, both_sides) == "outlined: window of 2 tokens to either side");
    CHECK(window_statement(cells, {true, 4}) == "outlined: sliding window of 4 keys");
    CHECK(window_statement(cells, {true, 9}).empty());  // hides nothing on nine tokens
    CHECK(window_statement(cells, {true, 0}).empty());

    const std::string folder = test::fresh_dir("figure_window");
    FigureStyle style;
    style.format = FigureFormat::Svg;
    style.gamma = 1;
    const auto count_dashes = [&](const CellMask& mask) {
        const FigureTokens tokens = shared(words(9));
        const FigureAxes axes{tokens, tokens, mask.is_causal, mask.window};
        REQUIRE(draw_head(folder + "/a.svg", uniform_head(9), axes, style));
        const std::string svg = read_file(folder + "/a.svg");
        int count = 0;
        for (auto at = svg.find("stroke-dasharray"); at != std::string::npos;
             at = svg.find("stroke-dasharray", at + 1))
            ++count;
        return count;
    };
    CHECK(count_dashes({true, 0}) == 0);
    CHECK(count_dashes({true, 4}) == 1);
    CHECK(count_dashes({false, 2}) == 2);
}

TEST_CASE("head heatmap: every format has its signature, and the same input gives the same bytes") {
    const std::string folder = test::fresh_dir("figure_formats");
    for (const int count : {1, 2, 7, 40, 130}) {
        for (const char* name : {"png", "svg", "pdf", "pgf"}) {
            FigureStyle style;
            style.format = figure_format(name).value();
            const std::string path = fmt::format("{}/{}_{}.{}", folder, count, name, extension(style.format));
            const FigureTokens tokens = shared(words(count));
            REQUIRE(draw_head(path, uniform_head(count), {tokens, tokens}, style));
            const std::string first = read_file(path);
            // Another thread starts without anything that was drawn before.
            std::thread([&] { CHECK(draw_head(path, uniform_head(count), {tokens, tokens}, style)); }).join();
            CHECK_MESSAGE(read_file(path) == first, path);
            if (style.format == FigureFormat::Png) {
                const Decoded picture = decode_png(first);
                CHECK(picture.width >= 460);
                if (count > 1) CHECK(has_colour(picture, look().masked));
                CHECK(has_colour(picture, colormap_light()[255]));
            } else if (style.format == FigureFormat::Svg) {
                CHECK(first.starts_with("<?xml"));
                CHECK(first.find("Layer 3 · Head 5</text>") != std::string::npos);
                CHECK(first.find("query (from)</text>") != std::string::npos);
                CHECK((first.find("<image") != std::string::npos) == (count > 64));
                if (count >= 7) CHECK(first.find("&lt;a&amp;b&gt;</text>") != std::string::npos);
            } else if (style.format == FigureFormat::Pgf) {
                CHECK(first.find("\\begin{pgfpicture}") != std::string::npos);
                CHECK(first.find("Layer 3 \\textperiodcentered{} Head 5}") != std::string::npos);
                CHECK((first.find("\\includegraphics") != std::string::npos) == (count > 64));
                if (count >= 7) CHECK(first.find("\\textless{}a\\&b\\textgreater{}") != std::string::npos);
            } else {
                CHECK(first.starts_with("%PDF-"));
                CHECK(first.find("CreationDate") == std::string::npos);
            }
        }
    }
}

TEST_CASE("head heatmap: a backdrop of another text is never used") {
    const std::string folder = test::fresh_dir("figure_backdrop");
    std::vector<Token> other = words(7);
    other[2].display = "dog";
    const auto bytes = [&](const std::vector<Token>& tokens) {
        const std::string path = folder + "/a.png";
        const FigureTokens both = shared(tokens);
        REQUIRE(draw_head(path, uniform_head(7), {both, both}));
        return read_file(path);
    };
    const std::string first = bytes(words(7));
    CHECK(bytes(other) != first);
    CHECK(bytes(words(7)) == first);
}

TEST_CASE("layer grid: four columns, rows as needed") {
    const std::string folder = test::fresh_dir("figure_grid");
    const auto size_of = [&](int heads) {
        const std::string path = fmt::format("{}/{}.png", folder, heads);
        const FigureTokens tokens = shared(words(10));
        REQUIRE(draw_grid(path, heads, uniform_head(10), {tokens, tokens}));
        const Decoded picture = decode_png(read_file(path));
        return std::pair(picture.width, picture.height);
    };
    const auto four = size_of(4), five = size_of(5), nine = size_of(9);
    CHECK(four.first == five.first);
    CHECK(five.first == nine.first);
    CHECK(four.second < five.second);
    CHECK(five.second - four.second == nine.second - five.second);
    CHECK(size_of(1).first < four.first);
}

TEST_CASE("flow: drawn for one layer and many, and says when it is not defined") {
    const std::string folder = test::fresh_dir("figure_flow");
    const FlowShares share{0.2, 0.3, 0.1, 0.4, true};
    FigureStyle style;
    style.format = FigureFormat::Svg;
    for (const int layers : {1, 2, 30, 96}) {
        const std::vector<FlowShares> all(static_cast<std::size_t>(layers), share);
        REQUIRE(draw_shares(folder + "/f.svg", all, {0.1, 0.1, 0.1, 0.7, true}, style));
        const std::string svg = read_file(folder + "/f.svg");
        CHECK(svg.find("stroke-dasharray") != std::string::npos);
        CHECK(svg.find("uniform head</text>") != std::string::npos);
    }
    REQUIRE(draw_shares(folder + "/f.svg", std::vector<FlowShares>(4), {}, style));
    CHECK(read_file(folder + "/f.svg").find("at least 3 tokens") != std::string::npos);
    std::vector<FlowShares> some(4, share);
    some[2] = {};
    REQUIRE(draw_shares(folder + "/f.svg", some, {}, style));
    CHECK(read_file(folder + "/f.svg").find("layer 2 has no softmax attention") != std::string::npos);
}

TEST_CASE("figures: impossible requests are refused, nothing is left behind") {
    const std::string folder = test::fresh_dir("figure_errors");
    const FigureTokens tokens = shared(words(4));
    const auto wrong = draw_head(folder + "/a.png", uniform_head(3), {tokens, tokens});
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().kind == ErrorKind::InvalidInput);
    CHECK_FALSE(draw_grid(folder + "/a.png", 0, {}, {tokens, tokens}));
    CHECK(std::filesystem::is_empty(folder));
    CHECK_FALSE(figure_format("gif"));
}
