// The heatmap's pixels against a painter on the CPU, pooling that loses no spike, and structural zeros.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "gfx/gl_context.h"
#include "gfx/heatmap_renderer.h"
#include "gfx/pictures.h"

using namespace headlight;
using namespace headlight::gfx;
using headlight::test::difference;

namespace {

const std::vector<std::uint8_t> kMap = test::ramp_colormap();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Image drawn(HeatmapRenderer& renderer, const HeatmapMatrix& matrix, const HeatmapRequest& request) {
    const auto texture = renderer.render(matrix, request);
    REQUIRE_MESSAGE(texture, (texture ? std::string() : texture.error().to_string()));
    auto image = renderer.read_back();
    REQUIRE(image);
    REQUIRE(std::string(pending_gl_error()).empty());
    return std::move(*image);
}

int count_pixels(const Image& image, Rgba color) {
    int count = 0;
    for (const Rgba pixel : image.pixels)
        count += difference(pixel, color) <= 1 ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("heatmap: a 4 x 4 array has the colours that the map gives its values") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    HeatmapRenderer renderer(shaders);
    std::vector<float> cells(16);
    for (std::size_t i = 0; i < 16; ++i)
        cells[i] = static_cast<float>(i) / 15.0f;
    const auto matrix = HeatmapMatrix::from_cells(4, 4, cells);
    REQUIRE(matrix);
    for (const ValueScale scale :
         {ValueScale{}, ValueScale{0.1f, 0.8f, 1.0f}, ValueScale{0, 1, 1, true, 0.05f}}) {
        auto request = test::request_for(*matrix, 32, 32, kMap);
        request.scale = scale;
        const Image image = drawn(renderer, *matrix, request);
        for (int y = 0; y < 32; ++y) {
            for (int x = 0; x < 32; ++x) {
                const float value = cells[static_cast<std::size_t>(y / 8 * 4 + x / 8)];
                CHECK(difference(image.at(x, y), color_of_value(value, scale, kMap)) <= 1);
            }
        }
    }
}

TEST_CASE("heatmap: max pooling keeps one spike of 2048 x 2048 in 200 x 200 pixels, wherever it is") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    HeatmapRenderer renderer(shaders);
    constexpr int kSide = 2048;
    for (const auto& [row, col] :
         {std::pair{0, 0}, std::pair{2047, 2047}, std::pair{1023, 511}, std::pair{777, 1301}}) {
        std::vector<float> cells(static_cast<std::size_t>(kSide) * kSide, 0.0f);
        cells[static_cast<std::size_t>(row) * kSide + static_cast<std::size_t>(col)] = 1.0f;
        const auto matrix = HeatmapMatrix::from_cells(kSide, kSide, cells);
        REQUIRE(matrix);
        auto request = test::request_for(*matrix, 200, 200, kMap);
        const Image image = drawn(renderer, *matrix, request);
        const int bright = count_pixels(image, color_of_value(1, request.scale, kMap));
        CHECK(bright >= 1);
        CHECK(bright <= 9);  // a tile may straddle pixels, but the spike stays a spot
        const int x = col * 200 / kSide, y = row * 200 / kSide;
        CHECK(difference(image.at(x, y), color_of_value(1, request.scale, kMap)) <= 1);
        CHECK(renderer.cells_per_pixel() == doctest::Approx(10.24));

        request.pooling = Pooling::Mean;
        const Image mean = drawn(renderer, *matrix, request);
        CHECK(count_pixels(mean, color_of_value(1, request.scale, kMap)) == 0);
    }
}

TEST_CASE("heatmap: the mean over a pixel is the mean of its cells") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    HeatmapRenderer renderer(shaders);
    constexpr int kSide = 128;  // 4 cells a side in each of 32 pixels: exactly one level
    std::vector<float> cells(static_cast<std::size_t>(kSide) * kSide);
    for (std::size_t i = 0; i < cells.size(); ++i)
        cells[i] = static_cast<float>((i * 2654435761u >> 7) % 1000) / 1000.0f;
    const auto matrix = HeatmapMatrix::from_cells(kSide, kSide, cells);
    REQUIRE(matrix);
    auto request = test::request_for(*matrix, 32, 32, kMap);
    request.pooling = Pooling::Mean;
    const Image image = drawn(renderer, *matrix, request);
    for (int y = 0; y < 32; ++y) {
        for (int x = 0; x < 32; ++x) {
            float sum = 0;
            for (int row = 4 * y; row < 4 * y + 4; ++row) {
                for (int col = 4 * x; col < 4 * x + 4; ++col)
                    sum += cells[static_cast<std::size_t>(row * kSide + col)];
            }
            CHECK(difference(image.at(x, y), color_of_value(sum / 16, request.scale, kMap)) <= 1);
        }
    }
}

TEST_CASE("heatmap: structural zeros differ from zero weights, in cells and when pooled") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    HeatmapRenderer renderer(shaders);
    for (const int side : {8, 512}) {
        const std::vector<float> zeros(static_cast<std::size_t>(side) * static_cast<std::size_t>(side), 0.0f);
        const auto matrix =
            HeatmapMatrix::from_cells(side, side, zeros, causal_key_ranges(side, side, side / 4));
        REQUIRE(matrix);
        const auto request = test::request_for(*matrix, 64, 64, kMap);
        const Image image = drawn(renderer, *matrix, request);
        const Rgba zero = color_of_value(0, request.scale, kMap);
        for (int y = 0; y < 64; ++y) {
            for (int x = 0; x < 64; ++x) {
                bool is_admissible = false;  // any cell under the pixel
                const double cells = side / 64.0;
                for (int row = static_cast<int>(y * cells);
                     row < std::max((y + 1) * cells, std::floor(y * cells) + 1); ++row) {
                    for (int col = static_cast<int>(x * cells);
                         col < std::max((x + 1) * cells, std::floor(x * cells) + 1); ++col) {
                        is_admissible |= col <= row && col > row - side / 4;
                    }
                }
                CHECK(difference(image.at(x, y), is_admissible ? zero : test::kMasked) <= 1);
            }
        }
    }
}

TEST_CASE("heatmap: NaN is a structural zero; beyond the matrix is outside") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    HeatmapRenderer renderer(shaders);
    const std::vector<float> cells = {0.5f, kNan, kNan, 1.0f};
    const auto matrix = HeatmapMatrix::from_cells(2, 2, cells);
    REQUIRE(matrix);
    auto request = test::request_for(*matrix, 40, 40, kMap);
    request.visible = {-1, -1, 4, 4};
    const Image image = drawn(renderer, *matrix, request);
    CHECK(difference(image.at(5, 5), test::kOutside) == 0);
    CHECK(difference(image.at(35, 15), test::kOutside) == 0);
    CHECK(difference(image.at(15, 15), color_of_value(0.5f, request.scale, kMap)) <= 1);
    CHECK(difference(image.at(25, 15), test::kMasked) == 0);
    CHECK(difference(image.at(25, 25), color_of_value(1, request.scale, kMap)) <= 1);
}

TEST_CASE("heatmap: slices of a matrix wider than one texture slice join without a seam") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    HeatmapRenderer renderer(shaders);
    constexpr int kCols = 5000;
    std::vector<float> cells(2 * kCols);
    for (std::size_t i = 0; i < cells.size(); ++i)
        cells[i] = static_cast<float>(i % 97) / 96.0f;
    const auto matrix = HeatmapMatrix::from_cells(2, kCols, cells);
    REQUIRE(matrix);
    for (const int first : {0, 1660, 2490, 3320, 4936}) {  // around the edges of slices
        auto request = test::request_for(*matrix, 64, 2, kMap);
        request.visible = {static_cast<double>(first), 0, 64, 2};
        const Image image = drawn(renderer, *matrix, request);
        for (int y = 0; y < 2; ++y) {
            for (int x = 0; x < 64; ++x) {
                const float value = cells[static_cast<std::size_t>(y * kCols + first + x)];
                CHECK(difference(image.at(x, y), color_of_value(value, request.scale, kMap)) <= 1);
            }
        }
    }
}

TEST_CASE("heatmap: frames, cell lines, and nothing drawn when nothing changed") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    HeatmapRenderer renderer(shaders);
    const auto matrix = HeatmapMatrix::from_cells(4, 4, std::vector<float>(16, 0.0f));
    REQUIRE(matrix);
    auto request = test::request_for(*matrix, 80, 80, kMap);
    request.frames = {{.row = 1, .col = 0, .rows = 1, .cols = 4, .color = rgb(0xFF0000), .width_px = 2}};
    const Image image = drawn(renderer, *matrix, request);
    for (const auto& [x, y] :
         {std::pair{0, 20}, std::pair{79, 21}, std::pair{40, 38}, std::pair{40, 39}, std::pair{1, 30}}) {
        CHECK(difference(image.at(x, y), rgb(0xFF0000)) == 0);
    }
    CHECK(difference(image.at(40, 30), color_of_value(0, request.scale, kMap)) <= 1);
    CHECK(difference(image.at(40, 40), color_of_value(0, request.scale, kMap)) <= 1);
    CHECK(difference(image.at(40, 19), color_of_value(0, request.scale, kMap)) <= 1);

    const int draws = renderer.num_draws();
    drawn(renderer, *matrix, request);
    CHECK(renderer.num_draws() == draws);
    request.grid = rgb(0x0000FF);
    const Image lined = drawn(renderer, *matrix, request);
    CHECK(renderer.num_draws() == draws + 1);
    CHECK(difference(lined.at(20, 10), rgb(0x0000FF)) == 0);  // first pixel of a column
    CHECK(difference(lined.at(10, 60), rgb(0x0000FF)) == 0);  // first pixel of a row
    CHECK(difference(lined.at(0, 10), rgb(0x0000FF)) > 1);    // no line at the outer edge
}

TEST_CASE("heatmap: levels that do not fit each other are refused") {
    HEADLIGHT_NEEDS_GL();
    const std::vector<float> four(4, 0.0f), sixteen(16, 0.0f);
    const HeatmapLevel fine{4, 4, 1, sixteen, {}}, wrong{2, 2, 4, four, {}}, coarse{2, 2, 2, four, {}};
    CHECK(HeatmapMatrix::from_levels(4, 4, std::vector{fine, coarse}));
    CHECK(HeatmapMatrix::from_levels(4, 4, std::vector{coarse}));
    CHECK_FALSE(HeatmapMatrix::from_levels(4, 4, std::vector{fine, wrong}));
    CHECK_FALSE(HeatmapMatrix::from_levels(4, 4, std::vector<HeatmapLevel>{}));
    CHECK_FALSE(HeatmapMatrix::from_cells(4, 4, four));
    CHECK_FALSE(HeatmapMatrix::from_cells(2, 2, four, causal_key_ranges(3, 2)));
}

TEST_CASE("heatmap: of a difference each pixel shows the value farthest from zero") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    HeatmapRenderer renderer(shaders);
    std::vector<float> cells(64, 0.1f);  // 8 x 8 in 2 x 2 pixels
    cells[0] = -0.8f;
    cells[7] = 0.6f;
    const HeatmapLevel level{8, 8, 1, cells, {}};
    const auto matrix = HeatmapMatrix::from_levels(8, 8, std::span(&level, 1));
    REQUIRE(matrix);
    auto request = test::request_for(*matrix, 2, 2, kMap);
    request.scale = {-1, 1, 1, false, 1e-4f};
    request.pooling = Pooling::Extreme;
    const Image image = drawn(renderer, *matrix, request);
    CHECK(difference(image.at(0, 0), color_of_value(-0.8f, request.scale, kMap)) <= 1);
    CHECK(difference(image.at(1, 0), color_of_value(0.6f, request.scale, kMap)) <= 1);
    CHECK(difference(image.at(0, 1), color_of_value(0.1f, request.scale, kMap)) <= 1);
}
