// Scores that are more than q.k: biases, soft-caps, sinks, windows to both sides, other texts' keys.
#include <cmath>

#include "family/family.h"
#include "kernel/attention_kernel.h"
#include "model/forward/score_bias_tables.h"
#include "model/model_support.h"
#include "model/text_families.h"

using namespace headlight;
using namespace headlight::test;

namespace {

float some_value(int i) {
    return std::sin(0.7f * static_cast<float>(i)) + 0.3f * std::cos(0.13f * static_cast<float>(i));
}

/// One head of `rows` queries over `num_keys` keys, q and k not scaled.
struct Problem {
    int rows = 0, num_keys = 0, depth = 8;
    KernelMask mask;
    ScoreRule rule;
    std::vector<float> bias;  // [rows, num_keys]

    float query(int i, int d) const { return some_value(i * depth + d); }
    float key(int j, int d) const { return some_value(1000 + j * depth + d); }

    /// Weights [rows, num_keys] in double precision.
    std::vector<double> expected() const {
        std::vector<double> out(static_cast<std::size_t>(rows) * num_keys, 0.0);
        for (int i = 0; i < rows; ++i) {
            const KeyRange range = mask.range(i);
            double total = rule.has_sink ? std::exp(static_cast<double>(rule.sink)) : 0.0;
            double* row = out.data() + static_cast<std::size_t>(i) * num_keys;
            for (int j = range.begin; j < range.end; ++j) {
                double score = 0;
                for (int d = 0; d < depth; ++d)
                    score += static_cast<double>(query(i, d)) * key(j, d);
                if (!bias.empty()) score += bias[static_cast<std::size_t>(i) * num_keys + j];
                if (rule.softcap > 0) score = rule.softcap * std::tanh(score / rule.softcap);
                total += row[j] = std::exp(score);
            }
            for (int j = range.begin; j < range.end; ++j)
                row[j] /= total;
        }
        return out;
    }

    void run(const KernelIsa& isa, std::vector<float>& weights, std::vector<RowStats>& stats) const {
        std::vector<float> queries, panels(static_cast<std::size_t>((num_keys + 15) / 16 * 16) * depth);
        for (int i = 0; i < rows; ++i) {
            for (int d = 0; d < depth; ++d)
                queries.push_back(query(i, d));
        }
        for (int j = 0; j < num_keys; ++j) {
            for (int d = 0; d < depth; ++d) {
                panels[static_cast<std::size_t>(j / 16 * 16 * depth + d * 16 + j % 16)] = key(j, d);
            }
        }
        weights.assign(static_cast<std::size_t>(rows) * num_keys, 0.0f);
        stats.assign(static_cast<std::size_t>(rows), {});
        std::vector<RowTarget> targets(static_cast<std::size_t>(rows));
        KernelScratch scratch;
        const int step = kernel_block_rows(isa);
        for (int first = 0; first < rows; first += step) {
            const int count = std::min(step, rows - first);
            for (int r = 0; r < count; ++r) {
                targets[static_cast<std::size_t>(r)].weights =
                    weights.data() + std::ptrdiff_t{first + r} * num_keys;
                targets[static_cast<std::size_t>(r)].stats = &stats[static_cast<std::size_t>(first + r)];
            }
            HeadInputs head{
                queries.data() + std::ptrdiff_t{first} * depth, panels.data(), nullptr, 0, depth, rule};
            if (!bias.empty()) {
                head.rule.bias = bias.data() + std::ptrdiff_t{first} * num_keys;
                head.rule.bias_stride = num_keys;
            }
            attend_block(isa, mask, head, first, count, targets.data(), nullptr, 0, scratch);
        }
    }
};

void check(const Problem& problem) {
    const std::vector<double> expected = problem.expected();
    for (const KernelIsa* isa : kernel_isas()) {
        INFO(isa->name);
        std::vector<float> weights;
        std::vector<RowStats> stats;
        problem.run(*isa, weights, stats);
        double worst = 0;
        for (std::size_t i = 0; i < weights.size(); ++i)
            worst = std::max(worst, std::abs(weights[i] - expected[i]));
        CHECK(worst < 2e-6);
        for (int i = 0; i < problem.rows; ++i) {
            const std::span<const float> row(weights.data() + std::ptrdiff_t{i} * problem.num_keys,
                                             static_cast<std::size_t>(problem.num_keys));
            const RowStats& got = stats[static_cast<std::size_t>(i)];
            const RowStats want =
                compute_row_stats(row, problem.mask.is_cross ? -1 : i, problem.mask.range(i));
            CHECK(got.entropy == doctest::Approx(want.entropy).epsilon(1e-4));
            CHECK(got.row_sum == doctest::Approx(want.row_sum).epsilon(1e-5));
            CHECK(got.max_weight == doctest::Approx(want.max_weight).epsilon(1e-5));
            CHECK(got.mean_distance == doctest::Approx(want.mean_distance).epsilon(1e-4));
            CHECK(got.self == doctest::Approx(want.self).epsilon(1e-5));
            CHECK(got.previous == doctest::Approx(want.previous).epsilon(1e-5));
            CHECK(got.first == doctest::Approx(want.first).epsilon(1e-5));
            CHECK(got.local == doctest::Approx(want.local).epsilon(1e-5));
            CHECK(got.num_keys == want.num_keys);
        }
    }
}

}  // namespace

TEST_CASE("score rule: bias, soft-cap and sink in the order of the reference, whatever the mask") {
    for (const bool is_causal : {true, false}) {
        for (const int window : {0, 7}) {
            Problem problem;
            problem.rows = problem.num_keys = 83;
            problem.mask = {83, is_causal, window};
            for (int i = 0; i < 83 * 83; ++i)
                problem.bias.push_back(2 * some_value(5 * i));
            check(problem);
            problem.rule.softcap = 3.0f;
            check(problem);
            problem.rule.has_sink = true;
            problem.rule.sink = 1.5f;
            check(problem);
            problem.rule.sink = 60.0f;  // nearly all of the weight
            check(problem);
        }
    }
}

TEST_CASE("score rule: keys of another text, more and fewer than queries") {
    for (const int num_keys : {5, 16, 140}) {
        Problem problem;
        problem.rows = 37;
        problem.num_keys = num_keys;
        problem.mask = {num_keys, true, 0, true};
        check(problem);
    }
}

TEST_CASE("score rule: a row of a sink says what is left") {
    Problem problem;
    problem.rows = problem.num_keys = 20;
    problem.mask = {20, true, 0};
    problem.rule.has_sink = true;
    problem.rule.sink = 2.0f;
    std::vector<float> weights;
    std::vector<RowStats> stats;
    problem.run(kernel_isa(), weights, stats);
    // One key: its weight is e^s / (e^s + e^2).
    double score = 0;
    for (int d = 0; d < problem.depth; ++d)
        score += problem.query(0, d) * problem.key(0, d);
    CHECK(stats[0].row_sum ==
          doctest::Approx(std::exp(score) / (std::exp(score) + std::exp(2.0))).epsilon(1e-5));
    for (const RowStats& row : stats)
        CHECK(row.row_sum < 1.0f);
}

TEST_CASE("buckets: as T5 counts them") {
    const std::vector<int> distances = {-200, -128, -100, -64, -40, -17, -16, -9, -8,  -7,  -1, 0,
                                        1,    7,    8,    9,   16,  17,  40,  64, 100, 128, 200};
    const std::vector<int> both = {15, 15, 15, 14, 12, 10, 10, 8,  8,  7,  1, 0,
                                   17, 23, 24, 24, 26, 26, 28, 30, 31, 31, 31};
    const std::vector<int> past = {31, 31, 30, 26, 23, 16, 16, 9, 8, 7, 1, 0,
                                   0,  0,  0,  0,  0,  0,  0,  0, 0, 0, 0};
    const std::vector<int> small = {7, 7,  7,  7,  7,  6,  6,  5,  5,  4,  1, 0,
                                    9, 12, 13, 13, 14, 14, 15, 15, 15, 15, 15};
    for (std::size_t i = 0; i < distances.size(); ++i) {
        INFO(distances[i]);
        CHECK(distance_bucket(distances[i], true, 32, 128) == both[i]);
        CHECK(distance_bucket(distances[i], false, 32, 128) == past[i]);
        CHECK(distance_bucket(distances[i], true, 16, 40) == small[i]);
    }
}

TEST_CASE("buckets: as DeBERTa counts them") {
    const std::vector<int> distances = {-200, -128, -64, -17, -9, -8, -1,  0,   1,
                                        8,    9,    16,  17,  40, 64, 100, 128, 200};
    const std::vector<int> wide = {-169, -128, -64, -17, -9, -8, -1,  0,   1,
                                   8,    9,    16,  17,  40, 64, 100, 128, 169};
    const std::vector<int> narrow = {-16, -15, -13, -10, -9, -8, -1, 0, 1, 8, 9, 10, 10, 12, 13, 14, 15, 16};
    for (std::size_t i = 0; i < distances.size(); ++i) {
        INFO(distances[i]);
        CHECK(disentangled_bucket(distances[i], 256, 512) == wide[i]);
        CHECK(disentangled_bucket(distances[i], 16, 160) == narrow[i]);
        CHECK(disentangled_bucket(distances[i], 0, 512) == distances[i]);
    }
}

TEST_CASE("score rule: every family gives the same rows from q and k as from weights, and exact statistics") {
    for (const Family* family : text_families()) {
        INFO(family->id);
        RandomModelRequest sizes;
        sizes.family = family->id;
        sizes.hidden_size = 32;
        sizes.vocab_size = 60;
        sizes.num_layers = 4;
        const auto runner = random_runner(sizes);
        RunRequest request;
        request.ids = some_ids(91, 60);
        request.capture = CaptureMode::Weights;
        // All keys up to the query, also those that a layer's window hides.
        KeySet past{"past", {0}, {}};
        for (std::uint32_t i = 0; i < 91; ++i) {
            for (std::uint32_t j = 0; j <= i; ++j)
                past.keys.push_back(j);
            past.row_begin.push_back(static_cast<std::uint32_t>(past.keys.size()));
        }
        request.key_sets = {past};
        const RunResult dense = run(*runner, request);
        request.capture = CaptureMode::QueryKey;
        request.may_reuse_prefix = false;
        const RunResult sparse = run(*runner, request);
        CHECK(trace_difference(*dense.trace, *sparse.trace) == 0.0);
        if (dense.decoder_trace) CHECK(trace_difference(*dense.decoder_trace, *sparse.decoder_trace) == 0.0);
        std::vector<RowStats> stats(91);
        for (int layer = 0; layer < 4; ++layer) {
            dense.trace->row_stats(layer, 1, stats);
            const std::vector<float> matrix = dense.trace->matrix(layer, 1);
            std::vector<float> mass(91);
            REQUIRE(dense.trace->key_set_mass("past", layer, 1, mass));
            for (int i = 0; i < 91; ++i) {
                const std::span<const float> row(matrix.data() + std::ptrdiff_t{i} * 91, 91);
                double up_to_query = 0;
                for (int j = 0; j <= i; ++j)
                    up_to_query += row[static_cast<std::size_t>(j)];
                CHECK(mass[static_cast<std::size_t>(i)] == doctest::Approx(up_to_query).epsilon(1e-5));
                const RowStats want = compute_row_stats(row, i, dense.trace->admissible(layer, i));
                const RowStats& got = stats[static_cast<std::size_t>(i)];
                CHECK(got.num_keys == want.num_keys);
                CHECK(got.entropy == doctest::Approx(want.entropy).epsilon(1e-4));
                CHECK(got.mean_distance == doctest::Approx(want.mean_distance).epsilon(1e-3));
                CHECK(got.row_sum == doctest::Approx(want.row_sum).epsilon(1e-5));
            }
        }
    }
}

TEST_CASE("encoder-decoder: three kinds of one run; the encoder's work is kept while its text stays") {
    for (const char* family : {"t5", "bart", "marian"}) {
        INFO(family);
        RandomModelRequest sizes;
        sizes.family = family;
        sizes.hidden_size = 32;
        sizes.vocab_size = 60;
        sizes.num_layers = 2;
        const auto runner = random_runner(sizes);
        REQUIRE(runner->spec().has_decoder);
        RunRequest request;
        request.ids = some_ids(19, 60);
        request.decoder_ids = some_ids(7, 60, 3);
        request.wants_all_logits = true;
        const RunResult first = run(*runner, request);
        CHECK(first.trace->info().kind == AttentionKind::Encoder);
        CHECK_FALSE(first.trace->info().is_causal);
        CHECK(first.decoder_trace->info().kind == AttentionKind::Decoder);
        CHECK(first.decoder_trace->info().is_causal);
        CHECK(first.cross_trace->info().kind == AttentionKind::Cross);
        CHECK(first.cross_trace->num_queries() == 7);
        CHECK(first.cross_trace->num_keys() == 19);
        CHECK(first.logits.rows == 7);
        for (int i = 0; i < 7; ++i) {
            const std::vector<float> matrix = first.cross_trace->matrix(1, 2);
            double sum = 0;
            for (int j = 0; j < 19; ++j)
                sum += matrix[static_cast<std::size_t>(i * 19 + j)];
            CHECK(sum == doctest::Approx(1.0).epsilon(1e-5));
        }
        request.decoder_ids.push_back(5);
        const RunResult longer = run(*runner, request);
        CHECK(longer.num_reused == 19);
        CHECK(trace_difference(*longer.trace, *first.trace) == 0.0);
        request.may_reuse_prefix = false;
        const RunResult anew = run(*runner, request);
        // One row is multiplied in another order than eight.
        CHECK(trace_difference(*longer.decoder_trace, *anew.decoder_trace) < 1e-6);
        CHECK(trace_difference(*longer.cross_trace, *anew.cross_trace) < 1e-6);
        REQUIRE(longer.logits.values.size() == anew.logits.values.size());
        for (std::size_t i = 0; i < anew.logits.values.size(); ++i)
            CHECK(longer.logits.values[i] == doctest::Approx(anew.logits.values[i]).epsilon(1e-5));
        request.decoder_ids = {600};
        CHECK_FALSE(runner->run(request, {}).has_value());
    }
}
