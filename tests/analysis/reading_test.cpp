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

namespace {

/// Every tile of an area against the weights themselves.
void check_tiles(const AttentionTrace& trace, const AttentionTrace* before, const std::vector<HeadId>& heads,
                 const TileArea& area) {
    const auto map = build_tile_map({&trace, before, heads, area}, {});
    REQUIRE(map.has_value());
    const auto value = [&](int query, int key) {
        double sum = 0;
        for (const HeadId head : heads) {
            std::vector<float> row(static_cast<std::size_t>(trace.num_keys()));
            trace.rows(head.layer, head.head, query, query + 1, row);
            sum += row[static_cast<std::size_t>(key)];
            if (before == nullptr) continue;
            before->rows(head.layer, head.head, query, query + 1, row);
            sum -= row[static_cast<std::size_t>(key)];
        }
        return sum / static_cast<double>(heads.size());
    };
    REQUIRE(map->values.size() == static_cast<std::size_t>(area.rows() * area.cols()));
    double largest = 0;
    for (int r = 0; r < area.rows(); ++r) {
        for (int c = 0; c < area.cols(); ++c) {
            double farthest = 0;
            for (int i = area.row_begin + r * area.cell;
                 i < std::min(area.row_end, area.row_begin + (r + 1) * area.cell); ++i) {
                for (int j = area.col_begin + c * area.cell;
                     j < std::min(area.col_end, area.col_begin + (c + 1) * area.cell); ++j) {
                    const double here = value(i, j);
                    if (std::abs(here) > std::abs(farthest)) farthest = here;
                }
            }
            CHECK(map->values[static_cast<std::size_t>(r * area.cols() + c)] ==
                  Approx(farthest).epsilon(1e-5));
            largest = std::max(largest, std::abs(farthest));
        }
    }
    CHECK(map->largest == Approx(largest).epsilon(1e-5));
}

}  // namespace

TEST_CASE("tiles of a part: odd borders, means of heads and differences are those of the weights") {
    const TracePtr trace = test::causal_trace(83, {test::noise(1), test::noise(2)}),
                   other = test::causal_trace(83, {test::noise(3), test::noise(4)});
    for (const TileArea& area :
         {TileArea{0, 83, 0, 83, 1}, TileArea{0, 83, 0, 83, 4}, TileArea{64, 83, 17, 60, 8},
          TileArea{0, 83, 41, 42, 1}, TileArea{82, 83, 0, 1, 16}}) {
        check_tiles(*trace, nullptr, {{0, 0}}, area);
        check_tiles(*trace, nullptr, {{0, 0}, {0, 1}}, area);
        check_tiles(*trace, other.get(), {{0, 1}}, area);
    }
    const auto even = build_tile_map({trace.get(), nullptr, {{0, 0}}, {0, 83, 0, 10, 4}}, {});
    for (const float sum : even->row_sum)
        CHECK(sum == Approx(1));  // over all keys of the row, whatever the area
    CHECK(even->row_size == even->row_sum);
}

TEST_CASE("tiles of a part: the whole in at most so many tiles") {
    CHECK(whole_area(2048, 2048, 2048) == TileArea{0, 2048, 0, 2048, 1});
    CHECK(whole_area(2049, 100, 2048) == TileArea{0, 2049, 0, 100, 2});
    CHECK(whole_area(32768, 32768, 2048).cell == 16);
    CHECK(whole_area(1, 1, 64).cell == 1);
}

TEST_CASE(
    "tiles of a part: refused outside the matrix, stopped when told, and pyramids of long texts are "
    "refused") {
    const TracePtr trace = test::causal_trace(10, test::uniform);
    for (const TileArea& area : {TileArea{0, 11, 0, 10, 1}, TileArea{5, 5, 0, 10, 1},
                                 TileArea{-1, 3, 0, 10, 1}, TileArea{0, 10, 0, 10, 0}})
        CHECK(build_tile_map({trace.get(), nullptr, {{0, 0}}, area}, {}).error().kind ==
              ErrorKind::InvalidInput);
    CHECK(build_tile_map({trace.get(), nullptr, {}, {0, 10, 0, 10, 1}}, {}).error().kind ==
          ErrorKind::InvalidInput);
    CHECK(build_tile_map({trace.get(), nullptr, {{0, 3}}, {0, 10, 0, 10, 1}}, {}).error().kind ==
          ErrorKind::InvalidInput);
    std::stop_source stop;
    stop.request_stop();
    CHECK(build_tile_map({trace.get(), nullptr, {{0, 0}}, {0, 10, 0, 10, 1}}, JobContext(stop.get_token()))
              .error()
              .kind == ErrorKind::Cancelled);
    const TracePtr large = test::causal_trace(kMostPyramidTokens + 1, test::uniform);
    CHECK(build_tile_pyramid(*large, {{0, 0}}, {}).error().kind == ErrorKind::Unsupported);
}
