// Long texts: what is kept grows with the tokens alone, and tiles of bands of rows are those of the matrix.
#include "kernel/overview.h"
#include "kernel/row_tiles.h"
#include "model/model_support.h"

using namespace headlight;
using namespace headlight::test;

namespace {

RandomModelRequest tiny_llama() {
    RandomModelRequest request;
    request.hidden_size = 16;
    request.num_heads = 2;
    request.num_kv_heads = 1;
    request.num_layers = 2;
    request.vocab_size = 97;
    request.seed = 5;
    return request;
}

RunRequest request_for(const std::vector<std::int32_t>& ids) {
    RunRequest request;
    request.ids = ids;
    request.capture = CaptureMode::QueryKey;
    return request;
}

/// The thumbnail of a whole matrix by way of the same bands and tiles, pooled in double.
Overview overview_of(const AttentionTrace& trace, int layer, int head) {
    const int n = trace.num_queries();
    const std::vector<float> matrix = trace.matrix(layer, head);
    OverviewBuilder builder(n, n);
    for (int query = 0; query < n;) {
        const int end = std::min(n, band_begin(query) + band_rows(query)), width = tile_width(end);
        std::vector<float> max(kMostTiles, 0.0f), sum(kMostTiles, 0.0f);
        std::vector<KeyRange> ranges;
        std::vector<double> sums(kMostTiles, 0.0);
        for (int row = query; row < end; ++row) {
            ranges.push_back({0, row + 1});
            for (int key = 0; key <= row; ++key) {
                const float weight = matrix[static_cast<std::size_t>(row) * static_cast<std::size_t>(n) +
                                            static_cast<std::size_t>(key)];
                const auto tile = static_cast<std::size_t>(key / width);
                max[tile] = std::max(max[tile], weight);
                sums[tile] += weight;
            }
        }
        std::copy(sums.begin(), sums.end(), sum.begin());
        builder.add_tiles(query, ranges, width, max.data(), sum.data());
        query = end;
    }
    return builder.take();
}

void check_overview(const AttentionTrace& trace, const Overview& expected, int layer, int head) {
    const Overview found = trace.overview(layer, head);
    REQUIRE(found.max.size() == expected.max.size());
    CHECK(largest_difference(found.max, expected.max) < 1e-6);
    CHECK(largest_difference(found.mean, expected.mean) < 1e-6);
}

}  // namespace

TEST_CASE("bands: rows are taken together as they grow, and never more than 128 tiles make a row") {
    for (const auto& [row, rows] :
         {std::pair(0, 1), std::pair(127, 1), std::pair(128, 2), std::pair(255, 2), std::pair(256, 4),
          std::pair(8191, 64), std::pair(8192, 128), std::pair(32767, 256)})
        CHECK(band_rows(row) == rows);
    int expected = 0;
    for (int row = 0; row < 5000; ++row) {
        if (row == expected) expected = row + band_rows(row);
        CHECK(band_begin(row) + band_rows(row) == expected);
        CHECK(ends_band(row) == (row + 1 == expected));
        CHECK((row + tile_width(row + 1)) / tile_width(row + 1) <= kMostTiles);
        CHECK(tile_width(row + 1) % 16 == 0);
    }
}

TEST_CASE("tiles: a spike counts once, sums are spread over what the mask allows") {
    OverviewBuilder builder(4, 4);  // cells are single pairs
    const std::vector<KeyRange> ranges = {{0, 3}, {0, 4}};
    const std::vector<float> max = {0.75f}, sum = {1.75f};
    builder.add_tiles(2, ranges, 16, max.data(), sum.data());
    const Overview found = builder.take();
    CHECK(found.max[2 * 4 + 2] == 0.75f);
    CHECK(found.max[2 * 4 + 3] == 0.0f);  // not allowed
    CHECK(found.mean[2 * 4 + 0] == doctest::Approx(0.25));
    CHECK(found.mean[3 * 4 + 3] == doctest::Approx(0.25));
    CHECK(found.mean[3] == 0.0f);
    OverviewBuilder nothing(4, 4);
    nothing.add_tiles(0, {}, 16, max.data(), sum.data());
    CHECK(nothing.take().max == std::vector<float>(16, 0.0f));
}

TEST_CASE("tiles: those that the pass takes are those of the matrix, at odd borders too") {
    for (const int n : {1, 2, 63, 64, 127, 128, 129, 200, 257, 300, 513, 700}) {
        INFO("tokens " << n);
        const auto runner = random_runner(tiny_llama(), n % 2 + 1);
        const RunResult result = run(*runner, request_for(some_ids(n, 97)));
        check_overview(*result.trace, overview_of(*result.trace, 1, 1), 1, 1);
    }
}

TEST_CASE("tiles: an edited text has those of the same text run from the start") {
    const auto warm = random_runner(tiny_llama());
    std::vector<std::int32_t> ids = some_ids(300, 97);
    run(*warm, request_for(ids));
    const auto step = [&](int least_reuse) {
        const RunResult edited = run(*warm, request_for(ids));
        CHECK(edited.num_reused >= least_reuse);
        const auto fresh = random_runner(tiny_llama());
        const RunResult anew = run(*fresh, request_for(ids));
        for (int head = 0; head < 2; ++head)
            check_overview(*edited.trace, anew.trace->overview(1, head), 1, head);
    };
    for (int i = 0; i < 9; ++i) {
        ids.push_back(i);
        step(300 + i);  // typed at the end
    }
    for (int i = 0; i < 20; ++i) {
        ids.pop_back();
        step(static_cast<int>(ids.size()));  // and taken back
    }
    ids.back() = (ids.back() + 1) % 97;
    step(static_cast<int>(ids.size()) - 1);  // the last word goes on
    ids[150] = (ids[150] + 1) % 97;
    step(150 - band_rows(150));  // in the middle of a band
    ids.resize(131);
    step(131 - band_rows(131));
    ids.insert(ids.end(), {1, 2, 3, 4, 5});
    step(131);
}

TEST_CASE("tiles: windows and texts seen in both directions") {
    RandomModelRequest request = tiny_llama();
    request.family = "bert";
    request.num_kv_heads = 0;
    request.max_positions = 400;
    const auto runner = random_runner(request);
    const RunResult result = run(*runner, request_for(some_ids(300, 97)));
    const Overview found = result.trace->overview(0, 1);
    const std::vector<float> matrix = result.trace->matrix(0, 1);
    double total = 0, mean = 0;
    for (const float weight : matrix)
        total += weight;
    for (std::size_t i = 0; i < found.mean.size(); ++i)
        mean += found.mean[i];
    CHECK(total == doctest::Approx(300).epsilon(1e-4));
    CHECK(mean / 4096 * 90000 == doctest::Approx(300).epsilon(0.05));
    CHECK(*std::max_element(found.max.begin(), found.max.end()) ==
          doctest::Approx(*std::max_element(matrix.begin(), matrix.end())));
}

TEST_CASE("long texts: what a trace keeps grows with the tokens, whatever they are") {
    const auto bytes_of = [](int n, bool is_one_token) {
        const auto runner = random_runner(tiny_llama());
        const std::vector<std::int32_t> ids =
            is_one_token ? std::vector<std::int32_t>(static_cast<std::size_t>(n), 7) : some_ids(n, 97);
        return static_cast<double>(run(*runner, request_for(ids)).trace->size_bytes());
    };
    for (const bool is_one_token : {false, true}) {
        const double a = bytes_of(512, is_one_token), b = bytes_of(1024, is_one_token),
                     c = bytes_of(2048, is_one_token);
        CHECK(c - b < 2.05 * (b - a));
        CHECK(c / 2048 < 1.02 * b / 1024);
    }
}

TEST_CASE("long texts: the whole matrix and a row of it are the same numbers") {
    const auto runner = random_runner(tiny_llama());
    const RunResult result = run(*runner, request_for(some_ids(333, 97)));
    const std::vector<float> matrix = result.trace->matrix(1, 0);
    std::vector<float> row(333);
    for (const int query : {0, 1, 15, 16, 127, 332}) {
        result.trace->rows(1, 0, query, query + 1, row);
        CHECK(std::equal(row.begin(), row.end(), matrix.begin() + static_cast<std::ptrdiff_t>(query) * 333));
    }
}
