// The heatmap's camera, axes and values.
#include <doctest/doctest.h>

#include "views/heatmap/heat_source.h"
#include "views/heatmap/heatmap_axes.h"
#include "views/heatmap/heatmap_camera.h"
#include "views/pictures.h"
#include "views/sample_text.h"

using namespace headlight;
using namespace headlight::test;

TEST_CASE("camera: zooming keeps the cell under the pointer, the view stays inside the matrix") {
    HeatmapCamera camera;
    camera.fit(100, 100);
    CHECK(camera.is_fitted());
    const int row = camera.row_at(0.3), col = camera.col_at(0.7);
    camera.zoom_at(0.7, 0.3, 4);
    CHECK(camera.row_at(0.3) == row);
    CHECK(camera.col_at(0.7) == col);
    CHECK(camera.visible().cols == doctest::Approx(25));
    camera.pan(-50, 50);
    CHECK(camera.visible().row == doctest::Approx(0));
    CHECK(camera.visible().col == doctest::Approx(75));
    camera.zoom_at(0.5, 0.5, 1e9);
    CHECK(camera.visible().cols == doctest::Approx(4));
    camera.zoom_at(0.5, 0.5, 1e-9);
    CHECK(camera.is_fitted());
}

TEST_CASE("camera: reveal scrolls as little as needed") {
    HeatmapCamera camera;
    camera.fit(100, 100);
    camera.zoom_at(0, 0, 10);
    camera.reveal(50, 3);
    CHECK(camera.visible().row == doctest::Approx(41));
    CHECK(camera.visible().col == doctest::Approx(0));
    camera.reveal(-1, -1);
    CHECK(camera.visible().row == doctest::Approx(41));
}

TEST_CASE("axes: labels are thinned to steps of 1, 2, 5") {
    CHECK(axis_step(20, 12) == 1);
    CHECK(axis_step(7, 12) == 2);
    CHECK(axis_step(3, 12) == 5);
    CHECK(axis_step(0.1f, 12) == 200);
}

TEST_CASE("plot: few tokens do not fill the card, many do") {
    const LayoutRect body{0, 0, 800, 500};
    const HeatmapPlot few = place_plot(body, {0, 0, 2, 2}, {}, 1);
    CHECK(few.cell_width() == doctest::Approx(96));
    CHECK(few.cell_height() == doctest::Approx(56));
    const HeatmapPlot many = place_plot(body, {0, 0, 900, 900}, {}, 1);
    CHECK(many.cells.right() <= 800);
    CHECK(many.cells.bottom() <= 500);
    CHECK(many.cells.width > 600);
    CHECK(many.y_of(900) == doctest::Approx(many.cells.bottom()));
}

TEST_CASE("source: short texts are exact at once, long ones when the pyramid is there") {
    const Snapshot small = sample_snapshot({2, 2, 10, 0});
    SampleValues pending(small, SampleValues::Mode::Pending);
    HeatSource source;
    source.update(small, pending, {{1, 1}}, false);
    REQUIRE(source.is_exact());
    const auto weights = small.text->trace->matrix(1, 1);
    CHECK(*source.value(7, 3) == weights[73]);
    CHECK(source.is_masked(3, 4));
    CHECK_FALSE(source.is_masked(4, 4));
    CHECK_FALSE(source.value(10, 0).has_value());

    const Snapshot large = sample_snapshot({1, 2, 130, 0});
    SampleValues waiting(large, SampleValues::Mode::Pending), ready(large, SampleValues::Mode::Ready);
    HeatSource later;
    later.update(large, waiting, {{0, 1}}, false);
    CHECK_FALSE(later.is_exact());
    CHECK(later.progress() == doctest::Approx(0.3));
    CHECK_FALSE(later.value(5, 2).has_value());
    later.update(large, ready, {{0, 1}}, false);
    REQUIRE(later.is_exact());
    CHECK(*later.value(129, 40) == doctest::Approx(large.text->trace->matrix(0, 1)[129 * 130 + 40]));
}

TEST_CASE("source: the mean of heads, and a failure is kept as words") {
    const Snapshot snapshot = sample_snapshot({2, 2, 6, 0});
    SampleValues values(snapshot, SampleValues::Mode::Ready);
    HeatSource source;
    source.update(snapshot, values, {{0, 0}, {1, 1}}, false);
    const float expected =
        (snapshot.text->trace->matrix(0, 0)[31] + snapshot.text->trace->matrix(1, 1)[31]) / 2;
    CHECK(*source.value(5, 1) == doctest::Approx(expected));
    const Snapshot large = sample_snapshot({1, 1, 100, 0});
    SampleValues failing(large, SampleValues::Mode::Failed);
    source.update(large, failing, {{0, 0}}, false);
    CHECK(source.failure() == "it went wrong");
}

TEST_CASE("scale: position and value are inverse, linear and logarithmic") {
    Settings settings;
    for (const auto kind : {WeightScale::Linear, WeightScale::Log}) {
        settings.weight_scale = kind;
        const gfx::ValueScale scale = weight_scale(settings, 0.5f);
        for (const float value : {0.001f, 0.05f, 0.5f})
            CHECK(scale_value(scale_position(value, scale), scale) == doctest::Approx(value));
        CHECK(scale_position(0, scale) == 0);
        CHECK(scale_position(2, scale) == 1);
    }
}
