// The smallest set of keys that covers a share of a row, and the bundles made of it.
#include <doctest/doctest.h>

#include <cmath>

#include "analysis/lines/covering_lines.h"
#include "core/dense_trace.h"

using namespace headlight;
using doctest::Approx;

namespace {

using Keys = std::vector<std::int32_t>;

/// One head, causal; rows one after the other.
TracePtr causal_trace(int num_tokens, std::vector<float> weights) {
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = info.num_keys = num_tokens;
    return make_dense_trace(info, std::move(weights));
}

HeadLines lines_of(const AttentionTrace& shown, const AttentionTrace& plain, LinesRequest request) {
    auto lines = covering_lines(shown, plain, {0, 0}, request, {});
    REQUIRE(lines);
    return std::move(*lines);
}

}  // namespace

TEST_CASE("lines: the fewest keys that hold the share, ties to the lower key") {
    const std::vector<float> row = {0.1f, 0.4f, 0.2f, 0.2f, 0.1f};
    CHECK(covering_keys(row, 0.4) == Keys{1});
    CHECK(covering_keys(row, 0.41) == Keys{1, 2});
    CHECK(covering_keys(row, 0.6) == Keys{1, 2});
    CHECK(covering_keys(row, 0.7) == Keys{1, 2, 3});
    CHECK(covering_keys(row, 0.9) == Keys{1, 2, 3, 0});
    CHECK(covering_keys(row, 1) == Keys{1, 2, 3, 0, 4});
    CHECK(covering_keys(std::vector<float>(4, 0.25f), 0.5) == Keys{0, 1});
    CHECK(covering_keys(std::vector<float>(3, 0.0f), 0.5).empty());
    CHECK(covering_keys({}, 0.5).empty());
    CHECK(covering_keys(std::vector<float>{0, 0, 1}, 0.99) == Keys{2});
    CHECK(covering_keys(std::vector<float>{std::nanf(""), 1}, 0.5) == Keys{1});
}

TEST_CASE("lines: signed values go by their size") {
    CHECK(covering_keys(std::vector<float>{0.1f, -0.6f, 0.3f}, 0.6) == Keys{1});
    CHECK(covering_keys(std::vector<float>{0.5f, -0.5f}, 0.5) == Keys{0});
}

TEST_CASE("lines: the set is the smallest that covers, for every share") {
    std::vector<float> row;
    for (int i = 0; i < 37; ++i)
        row.push_back(0.5f + 0.5f * std::sin(3.1f * static_cast<float>(i * i)));
    double total = 0;
    for (const float value : row)
        total += value;
    for (int percent = 10; percent < 100; ++percent) {
        const Keys keys = covering_keys(row, percent / 100.0);
        double sum = 0;
        for (const std::int32_t key : keys)
            sum += row[static_cast<std::size_t>(key)];
        CHECK(sum >= percent / 100.0 * total * (1 - 1e-6));
        CHECK(sum - row[static_cast<std::size_t>(keys.back())] < percent / 100.0 * total);
    }
}

TEST_CASE("lines: the sink is never one, its share stands beside, rows with little else rest") {
    // Row 1 has half of its weight beside the sink, row 2 under 5 %.
    const TracePtr trace = causal_trace(3, {1, 0, 0, 0.5f, 0.5f, 0, 0.96f, 0.03f, 0.01f});
    const HeadLines lines = lines_of(*trace, *trace, {0.7, {true, false, false}, nullptr});
    const LineLevel& level = lines.levels.front();
    CHECK(lines.state == std::vector<RowRest>{RowRest::NoKeys, RowRest::Shown, RowRest::Resting});
    CHECK(level.row_begin == std::vector<std::uint32_t>{0, 0, 1, 1});
    CHECK(level.keys == Keys{1});
    CHECK(level.values == std::vector<float>{0.5f});
    CHECK(lines.sink == std::vector<float>{1, 0.5f, 0.96f});
    CHECK(lines.mean_sink == Approx(0.73));  // of the rows that see another key
}

TEST_CASE("lines: the same keys with the sink and without it, values as shown") {
    const TracePtr trace = causal_trace(3, {1, 0, 0, 0.5f, 0.5f, 0, 0.2f, 0.6f, 0.2f});
    const auto shown = WeightedTrace::without_sink(trace, {true, false, false});
    const HeadLines lines = lines_of(*shown, *trace, {0.7, {true, false, false}, nullptr});
    CHECK(lines.levels.front().keys == Keys{1, 1});
    CHECK(lines.levels.front().values[0] == Approx(1.0));
    CHECK(lines.levels.front().values[1] == Approx(0.75));
    CHECK(lines.sink[2] == Approx(0.2));
}

TEST_CASE("lines: of a difference, by size and with signs") {
    const TracePtr before = causal_trace(3, {1, 0, 0, 0.5f, 0.5f, 0, 0.2f, 0.6f, 0.2f});
    const TracePtr after = causal_trace(3, {1, 0, 0, 0.5f, 0.5f, 0, 0.2f, 0.1f, 0.7f});
    const HeadLines lines = lines_of(*after, *after, {0.9, {true, false, false}, before.get()});
    CHECK(lines.levels.front().keys == Keys{1, 2});
    CHECK(lines.levels.front().values[0] == Approx(-0.5));
    CHECK(lines.levels.front().values[1] == Approx(0.5));
}

TEST_CASE("lines: bundles hold the mean over their queries of what goes to their keys") {
    const int n = 130;
    std::vector<float> weights(static_cast<std::size_t>(n * n), 0.0f);
    for (int i = 0; i < n; ++i)
        weights[static_cast<std::size_t>(i * n + i / 2)] = 1;
    const TracePtr trace = causal_trace(n, std::move(weights));
    const HeadLines lines = lines_of(*trace, *trace, {0.7, {}, nullptr});
    REQUIRE(lines.levels.size() == 3);
    CHECK(lines.levels[2].cell == 4);
    CHECK(lines.levels[2].num_rows == 33);
    for (const LineLevel& level : lines.levels) {
        for (int row = 0; row < level.num_rows; ++row) {
            double sum = 0;
            for (std::uint32_t i = level.row_begin[static_cast<std::size_t>(row)];
                 i < level.row_begin[static_cast<std::size_t>(row) + 1]; ++i) {
                sum += level.values[i];
                // Queries cell*row .. of the group look at keys from half of that on.
                CHECK(level.keys[i] >= row / 2);
                CHECK(level.keys[i] <= (row + 1) / 2);
            }
            CHECK(sum == Approx(1.0));
        }
    }
}

TEST_CASE("lines: stop when nobody asks any more") {
    std::stop_source stop;
    stop.request_stop();
    const TracePtr trace = causal_trace(1, {1});
    const auto lines = covering_lines(*trace, *trace, {0, 0}, {}, JobContext(stop.get_token()));
    REQUIRE_FALSE(lines);
    CHECK(lines.error().kind == ErrorKind::Cancelled);
}
