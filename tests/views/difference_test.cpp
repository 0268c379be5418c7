// Differences: colours, pooling, lines of a training log.
#include <doctest/doctest.h>

#include <cmath>

#include "views/heatmap/heat_source.h"
#include "views/panels/training_lines.h"
#include "views/pictures.h"
#include "views/sample_text.h"

using namespace headlight;
using namespace headlight::test;

namespace {

// CIE lightness of an sRGB colour.
double lightness(const std::uint8_t* rgb) {
    const auto linear = [](std::uint8_t byte) {
        const double v = byte / 255.0;
        return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    };
    const double y = 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
    return y > 0.008856 ? 116 * std::cbrt(y) - 16 : 903.3 * y;
}

}  // namespace

TEST_CASE("difference colours: the card's at zero, ordered by lightness to both ends, the ends apart") {
    for (const ui::ThemeKind theme : {ui::ThemeKind::Dark, ui::ThemeKind::Light}) {
        const auto map = difference_colormap(theme, 1);
        const std::size_t count = map.size() / 3, middle = count / 2;
        const gfx::Rgba zero = gfx::color_of_value(0, difference_scale(0.4f), map);
        CHECK(zero == ui::theme_colors(theme).card);
        const double sign = theme == ui::ThemeKind::Dark ? 1 : -1;
        for (std::size_t i = middle; i + 1 < count; ++i)
            CHECK(sign * (lightness(&map[3 * (i + 1)]) - lightness(&map[3 * i])) > -0.35);
        for (std::size_t i = middle; i > 0; --i)
            CHECK(sign * (lightness(&map[3 * (i - 1)]) - lightness(&map[3 * i])) > -0.35);
        // Blue against red at both sides: the difference that every common colour blindness keeps.
        for (const std::size_t step : {count / 8, count / 4}) {
            CHECK(map[3 * (middle - step) + 2] > map[3 * (middle - step)]);
            CHECK(map[3 * (middle + step)] > map[3 * (middle + step) + 2]);
        }
    }
}

TEST_CASE("difference levels: the value farthest from zero survives at every size") {
    std::vector<float> cells(130 * 130, 0.001f);
    cells[129 * 130 + 128] = -0.9f;
    cells[5 * 130 + 4] = 0.5f;
    const auto levels = difference_levels(130, 130, cells);
    REQUIRE(levels.size() == 3);  // 130, 65, 33
    CHECK(levels[1].rows == 65);
    CHECK(levels[1].cell == 2);
    CHECK(levels[1].values[64 * 65 + 64] == -0.9f);
    CHECK(levels[2].values[1 * 33 + 1] == 0.5f);
    CHECK(levels[2].values[32 * 33 + 32] == -0.9f);
}

TEST_CASE("heat source: differences are after minus before, exact for short and long texts") {
    for (const int tokens : {8, 90}) {
        const Snapshot snapshot = sample_ablation({2, 2, tokens, 0}, Compare::Difference);
        SampleValues values(snapshot, SampleValues::Mode::Ready);
        HeatSource source;
        source.update(snapshot, values, {{1, 1}}, false);
        CHECK(source.is_difference());
        REQUIRE(source.is_exact());
        const auto after = snapshot.text->trace->matrix(1, 1),
                   before = snapshot.base_text->trace->matrix(1, 1);
        float largest = 0;
        for (int query = 0; query < tokens; ++query) {
            for (int key = 0; key <= query; ++key) {
                const auto cell = static_cast<std::size_t>(query * tokens + key);
                CHECK(*source.value(query, key) == doctest::Approx(after[cell] - before[cell]));
                largest = std::max(largest, std::abs(after[cell] - before[cell]));
            }
        }
        CHECK(source.largest() == doctest::Approx(largest));
    }
}

TEST_CASE("heat source: a difference that is not there yet has no picture") {
    const Snapshot snapshot = sample_ablation({2, 2, 90, 0}, Compare::Difference);
    SampleValues values(snapshot, SampleValues::Mode::Pending);
    HeatSource source;
    source.update(snapshot, values, {{1, 1}}, false);
    CHECK_FALSE(source.is_exact());
    CHECK_FALSE(source.has_matrix());
    CHECK_FALSE(source.value(3, 1).has_value());
}

TEST_CASE("training lines: values over steps, gaps left out, axes linear and logarithmic") {
    TrainingLog log = sample_training()->log;
    log.rows[3].values["loss"] = std::nullopt;
    const auto line = training_line(log, "loss");
    REQUIRE(line);
    CHECK(line->values.size() == 39);
    CHECK(line->steps[3] == 40);
    CHECK(line->hi == 3);
    CHECK_FALSE(training_line(log, "nothing"));
    CHECK(first_metrics(log, 3) == std::vector<std::string>{"loss", "attn_entropy"});
    CHECK(step_position(50, 0, 100, false) == doctest::Approx(0.5));
    CHECK(step_position(10, 1, 100, true) == doctest::Approx(0.5));
    CHECK(step_position(5, 5, 5, false) == 0.5);
    CHECK(step_position(0, 0, 100, true) == 0);
    CHECK(step_ticks(0, 1300, false, 7) == std::vector<double>{0, 200, 400, 600, 800, 1000, 1200});
    CHECK(step_ticks(0, 1300, true, 7) == std::vector<double>{1, 10, 100, 1000});
    CHECK(step_ticks(5, 5, false, 7) == std::vector<double>{5});
}
