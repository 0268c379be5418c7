#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "figure/axis_labels.h"
#include "figure/label_plan.h"
#include "figure/text_layout.h"

using namespace headlight;

TEST_CASE("labels: neighbours never touch, whatever the number of tokens") {
    for (const double height : {8.0, 12.0, 15.5}) {
        for (const double angle : {35.0, 55.0, 90.0}) {
            for (int count = 1; count <= 5000; count = count * 3 / 2 + 1) {
                for (const double side : {120.0, 672.0, 1024.0}) {
                    const double cell = side / count;
                    const LabelPlan plan = plan_labels(count, cell, height, angle);
                    const int shown = (count + plan.step - 1) / plan.step;
                    const double distance = plan.step * cell * std::sin(angle * std::numbers::pi / 180);
                    CHECK_MESSAGE((shown == 1 || distance >= height), count, " tokens, step ", plan.step);
                    CHECK(plan.statement.empty() == (plan.step == 1));
                }
            }
        }
    }
}

TEST_CASE("labels: steps are round and as small as possible") {
    CHECK(plan_labels(40, 16, 12, 55).step == 1);
    CHECK(plan_labels(100, 9, 12, 55).step == 2);
    CHECK(plan_labels(100, 9, 12, 55).statement == "every 2nd token is labelled");
    CHECK(plan_labels(300, 3, 12, 55).step == 5);
    CHECK(plan_labels(900, 1, 12, 55).step == 20);
    CHECK(plan_labels(9000, 0.1, 12, 55).step == 200);
    CHECK(plan_labels(9000, 0.1, 12, 55).statement == "every 200th token is labelled");
}

TEST_CASE("labels: the room that is set aside holds every label") {
    std::vector<Token> tokens(40);
    for (std::size_t i = 0; i < tokens.size(); ++i)
        tokens[i].display = std::string(1 + i % 30, 'm');
    const AxisLabels axis = make_axis_labels(tokens, 16, 10.5, 110, {});
    REQUIRE(axis.labels.size() == tokens.size());
    const double sine = std::sin(kColumnAngleDeg * std::numbers::pi / 180);
    const double cosine = std::cos(kColumnAngleDeg * std::numbers::pi / 180);
    for (const AxisLabel& label : axis.labels) {
        CHECK(label.text_width <= 110);
        CHECK(label.text_width + axis.index_width < axis.row_width);
        CHECK(label.text_width * sine < axis.column_height);
        const double right_edge = (label.token + 0.5) * 16 + label.text_width * cosine;
        CHECK(right_edge <= 40 * 16 + axis.column_reach + 1e-9);
    }
}
