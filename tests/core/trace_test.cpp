#include <doctest/doctest.h>

#include <cmath>

#include "core/attention_trace.h"
#include "core/dense_trace.h"

using namespace headlight;

namespace {

TracePtr uniform_causal(int num_tokens) {
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = info.num_keys = num_tokens;
    std::vector<float> weights(static_cast<std::size_t>(num_tokens) * num_tokens, 0.0f);
    for (int i = 0; i < num_tokens; ++i) {
        for (int j = 0; j <= i; ++j)
            weights[static_cast<std::size_t>(i) * num_tokens + j] = 1.0f / (i + 1);
    }
    return make_dense_trace(info, weights);
}

}  // namespace

TEST_CASE("dense trace: row statistics of a uniform causal head (closed form C1)") {
    const TracePtr trace = uniform_causal(8);
    std::vector<RowStats> rows(8);
    trace->row_stats(0, 0, rows);
    double entropy = 0, distance = 0;
    for (int i = 0; i < 8; ++i) {
        CHECK(rows[i].entropy == doctest::Approx(std::log(i + 1.0)).epsilon(1e-6));
        CHECK(rows[i].num_keys == i + 1);
        CHECK(rows[i].row_sum == doctest::Approx(1.0));
        entropy += rows[i].entropy / 8;
        distance += rows[i].mean_distance / 8;
    }
    CHECK(entropy == doctest::Approx(1.3255753628).epsilon(1e-6));
    CHECK(distance == doctest::Approx(1.75).epsilon(1e-6));
}

TEST_CASE("trace: admissible keys follow mask and window") {
    TraceInfo info;
    info.num_layers = 2;
    info.num_heads = 1;
    info.num_queries = info.num_keys = 5;
    info.window = {0, 2};
    const TracePtr trace = make_dense_trace(info, std::vector<float>(50, 0.0f));
    CHECK(trace->admissible(0, 3).count() == 4);
    CHECK(trace->admissible(1, 3).begin == 2);
    CHECK(trace->admissible(1, 0).count() == 1);
}

TEST_CASE("row statistics: a NaN row is invalid, not a number") {
    const std::vector<float> row = {0.5f, std::nanf("")};
    CHECK(compute_row_stats(row, 1, {0, 2}).num_keys == 0);
}
