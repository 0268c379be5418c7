// The head grid's thumbnails: each at its place, in its colours, with its marks.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "gfx/gl_context.h"
#include "gfx/head_atlas.h"
#include "gfx/pictures.h"

using namespace headlight;
using namespace headlight::gfx;
using headlight::test::difference;

namespace {

const std::vector<std::uint8_t> kMap = test::ramp_colormap();
constexpr Rgba kBackground = rgb(0x0A0B0C), kEmpty = rgb(0x333435);

AtlasRequest request_of(int width, int height) {
    AtlasRequest request;
    request.width_px = width;
    request.height_px = height;
    request.scale.gamma = 1;
    request.colormap_rgb = kMap;
    request.background = kBackground;
    request.masked = test::kMasked;
    request.empty = kEmpty;
    return request;
}

}  // namespace

TEST_CASE("atlas: 1200 heads (48 x 25), each thumbnail where it was asked for") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    AtlasRenderer renderer(shaders);
    constexpr int kLayers = 48, kHeads = 25, kPitch = 12, kSize = 10;
    auto atlas = HeadAtlas::make(kLayers * kHeads);
    REQUIRE(atlas);
    std::vector<AtlasTile> tiles;
    const auto value_of = [](int tile) { return static_cast<float>(tile % 251) / 250.0f; };
    for (int tile = 0; tile < kLayers * kHeads; ++tile) {
        atlas->set_tile(tile, 2, 2, std::vector<float>(4, value_of(tile)));
        AtlasTile placed;
        placed.tile = tile;
        placed.x = static_cast<float>(tile % kHeads * kPitch);
        placed.y = static_cast<float>(tile / kHeads * kPitch);
        placed.width = placed.height = kSize;
        tiles.push_back(placed);
    }
    const auto request = request_of(kHeads * kPitch, kLayers * kPitch);
    REQUIRE(renderer.render(*atlas, tiles, request));
    const auto image = renderer.read_back();
    REQUIRE(image);
    for (int tile = 0; tile < kLayers * kHeads; ++tile) {
        const int x = tile % kHeads * kPitch, y = tile / kHeads * kPitch;
        const Rgba expected = color_of_value(value_of(tile), request.scale, kMap);
        CHECK(difference(image->at(x, y), expected) <= 1);
        CHECK(difference(image->at(x + kSize - 1, y + kSize - 1), expected) <= 1);
        CHECK(difference(image->at(x + kSize, y + 3), kBackground) == 0);
        CHECK(difference(image->at(x + 3, y + kSize), kBackground) == 0);
    }
    CHECK(renderer.num_draws() == 1);
    REQUIRE(renderer.render(*atlas, tiles, request));
    CHECK(renderer.num_draws() == 1);
    atlas->clear_tile(0);
    REQUIRE(renderer.render(*atlas, tiles, request));
    CHECK(renderer.num_draws() == 2);
    CHECK(difference(renderer.read_back()->at(5, 5), kEmpty) == 0);
}

TEST_CASE("atlas: a thumbnail is upright, masks its structural zeros and shows frame, dots and tint") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    AtlasRenderer renderer(shaders);
    auto atlas = HeadAtlas::make(2, 8);
    REQUIRE(atlas);
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    atlas->set_tile(1, 2, 2, std::vector<float>{1.0f, kNan, 0.25f, 0.5f});
    AtlasTile tile;
    tile.tile = 1;
    tile.x = 10;
    tile.y = 20;
    tile.width = tile.height = 40;
    auto request = request_of(100, 100);
    const auto at = [&](int x, int y) {
        REQUIRE(renderer.render(*atlas, std::vector{tile}, request));
        return renderer.read_back()->at(x, y);
    };
    CHECK(difference(at(20, 30), color_of_value(1, request.scale, kMap)) <= 1);
    CHECK(difference(at(40, 35), test::kMasked) == 0);
    CHECK(difference(at(20, 50), color_of_value(0.25f, request.scale, kMap)) <= 1);
    CHECK(difference(at(40, 50), color_of_value(0.5f, request.scale, kMap)) <= 1);

    tile.value_hi = 0.5f;
    CHECK(difference(at(40, 50), color_of_value(1, request.scale, kMap)) <= 1);
    tile.frame = rgb(0xFF0000);
    CHECK(difference(at(10, 40), rgb(0xFF0000)) == 0);
    CHECK(difference(at(49, 59), rgb(0xFF0000)) == 0);
    tile.dots[0] = rgb(0x0000FF);
    tile.dots[1] = rgb(0x00FF00);
    CHECK(difference(at(45, 25), rgb(0x0000FF)) == 0);
    CHECK(difference(at(38, 25), rgb(0x00FF00)) == 0);
    tile.tint = rgb(0x808080, 255);
    CHECK(difference(at(20, 50), rgb(0x808080)) <= 1);
    tile.opacity = 0;
    CHECK(difference(at(20, 50), kBackground) <= 1);
}

TEST_CASE("atlas: a thumbnail smaller than its cells keeps its largest value") {
    HEADLIGHT_NEEDS_GL();
    ShaderLibrary shaders;
    AtlasRenderer renderer(shaders);
    auto atlas = HeadAtlas::make(1);
    REQUIRE(atlas);
    std::vector<float> values(64 * 64, 0.0f);
    values[37 * 64 + 11] = 1.0f;
    atlas->set_tile(0, 64, 64, values);
    AtlasTile tile;
    tile.width = 30;
    tile.height = 20;
    const auto request = request_of(30, 20);
    REQUIRE(renderer.render(*atlas, std::vector{tile}, request));
    const auto image = renderer.read_back();
    CHECK(difference(image->at(11 * 30 / 64, 37 * 20 / 64), color_of_value(1, request.scale, kMap)) <= 1);
}

TEST_CASE("max_pool: blocks keep their maximum, structural zeros only where all are") {
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> values = {1, 2, kNan, kNan, 3, 0, kNan, kNan, 5, kNan, 7, 8, kNan, 6, 9, 4};
    int rows = 0, cols = 0;
    const auto pooled = max_pool(4, 4, values, 2, rows, cols);
    CHECK(rows == 2);
    CHECK(cols == 2);
    CHECK(pooled[0] == 3);
    CHECK(std::isnan(pooled[1]));
    CHECK(pooled[2] == 6);
    CHECK(pooled[3] == 9);
}
