// Top-k lists and the zoom levels of a head.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stop_token>

#include "analysis/patterns.h"
#include "analysis/patterns/tile_map.h"
#include "analysis/patterns/tile_pyramid.h"
#include "analysis/patterns/top_k.h"

using namespace headlight;
using doctest::Approx;

TEST_CASE("top-k: heaviest admissible keys, ties to the lower index, fewer than k") {
    const std::vector<float> row = {.1f, .3f, .1f, .3f, .2f, 9.0f};
    const auto keys = top_keys(row, {0, 5}, 4);
    REQUIRE(keys.size() == 4);
    const int expected[] = {1, 3, 4, 0};
    for (int i = 0; i < 4; ++i)
        CHECK(keys[i].key == expected[i]);
    CHECK(keys[0].weight == Approx(.3));
    CHECK(top_keys(row, {0, 2}, 5).size() == 2);
    CHECK(top_keys(row, {0, 0}, 5).empty());
    CHECK(top_keys(row, {3, 100}, 1)[0].key == 5);
    CHECK(top_keys(row, {0, 5}, -1).empty());
}

TEST_CASE("top-k: mean over the heads of a layer") {
    const TracePtr trace = test::causal_trace(100, {test::previous, test::first});
    const std::vector<float> row = mean_row_of_layer(*trace, 0, 90);
    std::vector<float> matrix(100 * 100), room;
    mean_rows(*trace, std::vector<HeadId>{{0, 0}, {0, 1}}, 0, 100, matrix, room);
    CHECK(row[0] == Approx(0.5));
    CHECK(row[89] == Approx(0.5));
    CHECK(std::vector<float>(matrix.begin() + 9000, matrix.begin() + 9100) == row);
}

TEST_CASE("top-k: predictions are a softmax in double") {
    const std::vector<float> logits = {1, 3, 2, 3, -std::numeric_limits<float>::infinity(), std::nanf("")};
    const auto top = top_predictions(logits, 3);
    REQUIRE(top.size() == 3);
    const double sum = 2 * std::exp(3.0) + std::exp(2.0) + std::exp(1.0);
    CHECK(top[0].id == 1);
    CHECK(top[1].id == 3);
    CHECK(top[2].id == 2);
    CHECK(top[0].probability == Approx(std::exp(3.0) / sum).epsilon(1e-12));
    CHECK(top[2].probability == Approx(std::exp(2.0) / sum).epsilon(1e-12));
    CHECK(top_predictions(std::vector<float>{1e30f, 0}, 5)[0].probability == 1.0);
    CHECK(top_predictions({}, 5).empty());
}

namespace {

/// Every tile of every level against the weights themselves.
void check_pyramid(const AttentionTrace& trace, const std::vector<HeadId>& heads) {
    const auto pyramid = build_tile_pyramid(trace, heads, {});
    REQUIRE(pyramid.has_value());
    std::vector<double> mean(static_cast<std::size_t>(trace.num_queries()) * trace.num_keys());
    for (const HeadId head : heads) {
        const auto matrix = trace.matrix(head.layer, head.head);
        for (std::size_t i = 0; i < mean.size(); ++i)
            mean[i] += matrix[i] / static_cast<double>(heads.size());
    }
    for (const TileLevel& level : pyramid->levels) {
        for (int r = 0; r < level.rows; ++r) {
            for (int c = 0; c < level.cols; ++c) {
                double largest = 0, sum = 0;
                int count = 0;
                for (int i = r * level.cell; i < std::min((r + 1) * level.cell, trace.num_queries()); ++i) {
                    for (int j = c * level.cell; j < std::min((c + 1) * level.cell, i + 1); ++j) {
                        const double weight = mean[static_cast<std::size_t>(i) * trace.num_keys() + j];
                        largest = std::max(largest, weight);
                        sum += weight;
                        ++count;
                    }
                }
                const auto tile = static_cast<std::size_t>(r) * level.cols + c;
                REQUIRE(level.max[tile] == Approx(largest).epsilon(1e-6));
                REQUIRE(level.mean[tile] == Approx(count > 0 ? sum / count : 0).epsilon(1e-5));
            }
        }
    }
}

}  // namespace

TEST_CASE("tile pyramid: every tile of every level, for one head and for the mean of two") {
    const TracePtr trace = test::causal_trace(131, {test::noise(1), test::noise(2)});
    check_pyramid(*trace, {{0, 0}});
    check_pyramid(*trace, {{0, 0}, {0, 1}});
}

TEST_CASE("tile pyramid: levels halve until 64 tiles a side, and keep a lone spike") {
    const TracePtr trace =
        test::causal_trace(300, [](int query, int key) { return query == 250 && key == 7 ? 1.0 : 0.0; });
    const TilePyramid pyramid = build_tile_pyramid(*trace, {{0, 0}}, {}).value();
    REQUIRE(pyramid.levels.size() == 4);
    const int sides[] = {300, 150, 75, 38};
    for (int level = 0; level < 4; ++level) {
        CHECK(pyramid.levels[level].rows == sides[level]);
        CHECK(pyramid.levels[level].cell == 1 << level);
        CHECK(pyramid.levels[level].max[(250 >> level) * sides[level] + (7 >> level)] == 1.0f);
    }
    CHECK(pyramid.size_bytes() >= 2 * 4 * (300 * 300 + 150 * 150));
    CHECK(build_tile_pyramid(*test::causal_trace(64, test::uniform), {{0, 0}}, {}).value().levels.size() ==
          1);
}

TEST_CASE("tile pyramid: stops when told, refuses heads that are not there") {
    const TracePtr trace = test::causal_trace(10, test::uniform);
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = build_tile_pyramid(*trace, {{0, 0}}, JobContext(stop.get_token()));
    REQUIRE(!stopped);
    CHECK(stopped.error().kind == ErrorKind::Cancelled);
    CHECK(build_tile_pyramid(*trace, {{1, 0}}, {}).error().kind == ErrorKind::InvalidInput);
    CHECK(build_tile_pyramid(*trace, {}, {}).error().kind == ErrorKind::InvalidInput);
}
