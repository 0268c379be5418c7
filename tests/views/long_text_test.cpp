// Views of a text that is too long for a whole matrix: tiles of what is in sight, the mini-map, the column.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "views/heatmap/heat_source.h"
#include "views/heatmap/mini_map.h"
#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

constexpr int kTokens = 2100;  // a little more than is held whole

const Snapshot& long_text() {
    static const Snapshot snapshot = sample_snapshot({1, 2, kTokens, 0});
    return snapshot;
}

float cell_of(const std::vector<float>& matrix, int query, int key) {
    return matrix[static_cast<std::size_t>(query) * kTokens + static_cast<std::size_t>(key)];
}

}  // namespace

TEST_CASE("long text: the whole is pooled, what is in sight is exact, nothing else is claimed") {
    const Snapshot& text = long_text();
    SampleValues waiting(text, SampleValues::Mode::Pending), ready(text, SampleValues::Mode::Ready);
    HeatSource source;
    source.update(text, waiting, {{0, 1}}, false);
    CHECK_FALSE(source.is_exact());
    source.update(text, ready, {{0, 1}}, false);
    REQUIRE(source.is_exact());
    CHECK(source.cell() == 2);
    CHECK_FALSE(source.value(2000, 3).has_value());
    source.look_at(ready, {0, 0, kTokens, kTokens}, false);
    CHECK(source.cell() == 2);

    const gfx::CellRect part{100, 1500, 300, 200};  // keys from 100, queries from 1500
    source.look_at(waiting, part, false);
    CHECK(source.is_refining());
    CHECK(source.cell() == 2);
    source.look_at(ready, part, false);
    CHECK_FALSE(source.is_refining());
    REQUIRE(source.cell() == 1);
    const std::vector<float> matrix = text.text->trace->matrix(0, 1);
    for (const auto& [query, key] : {std::pair(1500, 100), std::pair(1699, 399), std::pair(1600, 250)})
        CHECK(source.value(query, key).value() == cell_of(matrix, query, key));
    const gfx::CellRect drawn = source.in_picture(part);
    CHECK(drawn.cols == 300);
    CHECK(drawn.rows == 200);
    CHECK(drawn.col <= 100);
    source.look_at(ready, {100, 1510, 300, 200}, false);  // a little further: nothing new is asked for
    CHECK(source.cell() == 1);
    source.look_at(waiting, {1500, 100, 300, 200}, false);  // elsewhere: the whole stands in
    CHECK(source.cell() == 2);
}

TEST_CASE("long text: the column of a key is read off its rows") {
    const Snapshot& text = long_text();
    SampleValues ready(text, SampleValues::Mode::Ready);
    AttentionLines lines;
    const auto column = lines.column(text, ready, {{0, 0}}, 7);
    REQUIRE(column.size() == kTokens);
    const std::vector<float> matrix = text.text->trace->matrix(0, 0);
    for (const int query : {0, 7, 8, kTokens - 1})
        CHECK(column[static_cast<std::size_t>(query)] == cell_of(matrix, query, 7));
}

TEST_CASE("camera: a place is brought to the middle, as far as the matrix reaches") {
    HeatmapCamera camera;
    camera.fit(1000, 1000);
    camera.zoom_at(0.5, 0.5, 10);
    camera.center(700, 300);
    CHECK(camera.visible().row == doctest::Approx(650));
    CHECK(camera.visible().col == doctest::Approx(250));
    camera.center(-50, 5000);
    CHECK(camera.visible().row == doctest::Approx(0));
    CHECK(camera.visible().col == doctest::Approx(900));
}

TEST_CASE("mini-map: beside long texts and where not all is in sight; a click goes there") {
    const auto zoom_in = [](ViewStage& stage) {
        stage.harness.hover("##heatmap_area");
        stage.harness.wheel(6);
        stage.harness.frames(2);
    };
    {
        ViewStage small("heatmap", sample_snapshot({1, 2, 40, 0}));
        CHECK_FALSE(small.harness.is_visible("##mini_map"));
        zoom_in(small);
        CHECK(small.harness.is_visible("##mini_map"));
    }
    {
        ViewStage low("heatmap", sample_snapshot({1, 2, 40, 0}), SampleValues::Mode::Ready, 900, 240);
        zoom_in(low);
        CHECK_FALSE(low.harness.is_visible("##mini_map"));  // no room
    }
    ViewStage large("heatmap", long_text());
    REQUIRE(large.harness.is_visible("##mini_map"));
    large.taken();
    large.harness.click_at("##mini_map", 0.2f, 0.8f);
    CHECK(large.taken().empty());
    large.harness.hover("##heatmap_area");
    large.harness.frames(2);
    // An eighth of the text around 20 % of the keys and 80 % of the queries.
    CHECK(std::abs(large.shared.hover.token - 1680) < 40);
}
