// The capture kernel alone, every instruction set of this machine, against plain loops in double precision.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernel/attention_kernel.h"
#include "kernel/overview.h"
#include "support/largest_difference.h"

namespace headlight {
extern const KernelIsa k_isa_portable_wide;
}

using namespace headlight;
using namespace headlight::test;

namespace {

/// Those that this machine runs, and the shape of the widest in plain code.
std::vector<const KernelIsa*> tested_isas() {
    std::vector<const KernelIsa*> list(kernel_isas().begin(), kernel_isas().end());
    list.push_back(&k_isa_portable_wide);
    return list;
}

/// One head with random q, k, v, in plain and in panel layout.
struct Head {
    int num_keys, depth;
    std::vector<float> query, key, value;         // [key, depth]
    std::vector<float> key_panels, value_panels;  // as HeadInputs

    Head(int keys, int dim, float spread) : num_keys(keys), depth(dim) {
        std::mt19937 random(static_cast<unsigned>(keys * 131 + dim));
        std::normal_distribution<float> normal(0.0f, spread);
        for (auto* list : {&query, &key, &value}) {
            list->resize(static_cast<std::size_t>(keys) * dim);
            for (float& x : *list)
                x = normal(random);
        }
        const int panels = (keys + kPanel - 1) / kPanel, columns = (dim + kPanel - 1) / kPanel;
        key_panels.assign(static_cast<std::size_t>(panels) * dim * kPanel, 0.0f);
        value_panels.assign(static_cast<std::size_t>(columns) * keys * kPanel, 0.0f);
        for (int j = 0; j < keys; ++j) {
            for (int d = 0; d < dim; ++d) {
                const float k = key[static_cast<std::size_t>(j * dim + d)];
                key_panels[static_cast<std::size_t>((j / kPanel * dim + d) * kPanel + j % kPanel)] = k;
                value_panels[static_cast<std::size_t>((d / kPanel * keys + j) * kPanel + d % kPanel)] =
                    value[static_cast<std::size_t>(j * dim + d)];
            }
        }
    }
    std::vector<double> row(int query_index, KeyRange range) const {
        std::vector<double> weights(static_cast<std::size_t>(num_keys), 0.0);
        double max = -1e300, sum = 0;
        for (int j = range.begin; j < range.end; ++j) {
            double score = 0;
            for (int d = 0; d < depth; ++d) {
                score += static_cast<double>(query[static_cast<std::size_t>(query_index * depth + d)]) *
                         key[static_cast<std::size_t>(j * depth + d)];
            }
            weights[static_cast<std::size_t>(j)] = score;
            max = std::max(max, score);
        }
        for (int j = range.begin; j < range.end; ++j) {
            auto& w = weights[static_cast<std::size_t>(j)];
            w = std::exp(w - max);
            sum += w;
        }
        for (double& w : weights)
            w /= sum;
        return weights;
    }
};

/// All that the kernel gives for one head.
struct Captured {
    std::vector<float> weights;  // [query, key]
    std::vector<float> out;      // [query, depth]
    std::vector<RowStats> stats;
    std::vector<float> mass, tile_max, tile_sum;
    int num_tiles = 0;
};

Captured capture(const KernelIsa& isa, const Head& head, const KernelMask& mask, int tile_width) {
    const auto n = static_cast<std::size_t>(head.num_keys);
    Captured all;
    all.num_tiles = (head.num_keys + tile_width - 1) / tile_width;
    all.weights.assign(n * n, 0.0f);
    all.out.resize(n * static_cast<std::size_t>(head.depth));
    all.stats.resize(n);
    all.mass.resize(n);
    all.tile_max.resize(n * static_cast<std::size_t>(all.num_tiles));
    all.tile_sum = all.tile_max;
    KernelScratch scratch;
    const int step = kernel_block_rows(isa);
    std::vector<std::uint32_t> own(n);
    std::vector<MassTarget> masses(n);
    for (int first = 0; first < head.num_keys; first += step) {
        const int count = std::min(step, head.num_keys - first);
        std::vector<RowTarget> targets(static_cast<std::size_t>(count));
        for (int r = 0; r < count; ++r) {
            const auto i = static_cast<std::size_t>(first + r);
            own[i] = static_cast<std::uint32_t>(i);  // the key set "self"
            masses[i] = {&own[i], 1, &all.mass[i]};
            const std::size_t tile = i * static_cast<std::size_t>(all.num_tiles);
            targets[static_cast<std::size_t>(r)] = {&all.stats[i],
                                                    &all.weights[i * n],
                                                    {tile_width, &all.tile_max[tile], &all.tile_sum[tile]},
                                                    &masses[i],
                                                    1};
        }
        attend_block(isa, mask,
                     {head.query.data() + first * head.depth, head.key_panels.data(),
                      head.value_panels.data(), std::int64_t{head.num_keys} * kPanel, head.depth},
                     first, count, targets.data(), all.out.data() + first * head.depth, head.depth, scratch);
    }
    return all;
}

void compare(const KernelIsa& isa, const Head& head, const KernelMask& mask) {
    INFO(isa.name << " keys " << head.num_keys << " depth " << head.depth << " causal " << mask.is_causal
                  << " window " << mask.window);
    const Captured found = capture(isa, head, mask, 16);
    const auto n = static_cast<std::size_t>(head.num_keys);
    double weight_error = 0, out_error = 0, entropy_error = 0, distance_error = 0, share_error = 0,
           tile_error = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const KeyRange range = mask.range(static_cast<int>(i));
        const std::vector<double> expected = head.row(static_cast<int>(i), range);
        const std::vector<float> rounded(expected.begin(), expected.end());
        const RowStats truth = compute_row_stats(rounded, static_cast<int>(i), range);
        const RowStats& stats = found.stats[i];
        for (std::size_t j = 0; j < n; ++j) {
            weight_error = std::max(weight_error, std::abs(found.weights[i * n + j] - expected[j]));
        }
        for (int d = 0; d < head.depth; ++d) {
            double sum = 0;
            for (std::size_t j = 0; j < n; ++j)
                sum += expected[j] * head.value[j * static_cast<std::size_t>(head.depth) + d];
            out_error =
                std::max(out_error, std::abs(found.out[i * static_cast<std::size_t>(head.depth) + d] - sum));
        }
        for (int t = 0; t * 16 < range.end; ++t) {
            float largest = 0;
            double sum = 0;
            for (int j = t * 16; j < std::min(range.end, t * 16 + 16); ++j) {
                largest = std::max(largest, rounded[static_cast<std::size_t>(j)]);
                sum += expected[static_cast<std::size_t>(j)];
            }
            const std::size_t tile =
                i * static_cast<std::size_t>(found.num_tiles) + static_cast<std::size_t>(t);
            tile_error = std::max({tile_error, std::abs(static_cast<double>(found.tile_max[tile]) - largest),
                                   std::abs(found.tile_sum[tile] - sum)});
        }
        CHECK(stats.num_keys == range.count());
        CHECK(stats.argmax == truth.argmax);
        entropy_error = std::max(entropy_error, std::abs(static_cast<double>(stats.entropy) - truth.entropy));
        distance_error = std::max(
            distance_error,
            std::abs(static_cast<double>(stats.mean_distance) - truth.mean_distance) / head.num_keys);
        for (const auto& [mine, theirs] :
             {std::pair(stats.sum_squares, truth.sum_squares), std::pair(stats.sum_cubes, truth.sum_cubes),
              std::pair(stats.max_weight, truth.max_weight), std::pair(stats.self, truth.self),
              std::pair(stats.previous, truth.previous), std::pair(stats.first, truth.first),
              std::pair(stats.local, truth.local), std::pair(stats.row_sum, 1.0f),
              std::pair(found.mass[i], truth.self)}) {
            share_error = std::max(share_error, std::abs(static_cast<double>(mine) - theirs));
        }
    }
    CHECK(weight_error < 4e-6);
    CHECK(out_error < 2e-5);
    CHECK(entropy_error < 1e-5);
    CHECK(distance_error < 1e-6);
    CHECK(share_error < 4e-6);
    CHECK(tile_error < 4e-6);
}

}  // namespace

TEST_CASE("kernel: weights, values and all row statistics agree with double precision") {
    for (const KernelIsa* isa : tested_isas()) {
        for (const auto& [keys, depth] : {std::pair(1, 4), std::pair(5, 12), std::pair(17, 16),
                                          std::pair(64, 80), std::pair(131, 64), std::pair(300, 24)}) {
            const Head head(keys, depth, 0.6f);
            compare(*isa, head, {keys, true, 0});
            compare(*isa, head, {keys, true, 16});
            compare(*isa, head, {keys, true, 100});
            compare(*isa, head, {keys, false, 0});
        }
    }
}

TEST_CASE("kernel: one row alone gives the same bits as in its block") {
    const Head head(203, 64, 0.5f);
    const KernelMask mask{203, true, 0};
    for (const KernelIsa* isa : tested_isas()) {
        const Captured all = capture(*isa, head, mask, 64);
        KernelScratch scratch;
        for (const int query : {0, 7, 63, 64, 150, 202}) {
            std::vector<float> row(203, 0.0f);
            RowTarget target;
            target.weights = row.data();
            attend_block(*isa, mask, {head.query.data() + query * 64, head.key_panels.data(), nullptr, 0, 64},
                         query, 1, &target, nullptr, 0, scratch);
            const std::vector<float> expected(all.weights.begin() + query * 203,
                                              all.weights.begin() + (query + 1) * 203);
            CHECK(row == expected);
        }
    }
}

TEST_CASE("kernel: scores that overflow mark the row as invalid instead of inventing numbers") {
    Head head(20, 16, 1.0f);
    head.query[5 * 16] = std::numeric_limits<float>::quiet_NaN();
    for (const KernelIsa* isa : tested_isas()) {
        const Captured all = capture(*isa, head, {20, true, 0}, 16);
        CHECK(all.stats[5].num_keys == 0);
        CHECK(all.stats[4].num_keys == 5);
        CHECK(all.stats[6].num_keys == 7);
    }
}

TEST_CASE("overview: cells from tiles agree with cells from weights where tiles and cells meet") {
    constexpr int kTokens = 256;  // cells of 4 keys; tiles of 16 spread over four of them
    std::vector<float> weights(kTokens), max(16), sum(16);
    for (int j = 0; j < kTokens; ++j)
        weights[static_cast<std::size_t>(j)] = j / 16 == 3 ? 1.0f / 16 : 0.0f;
    max[3] = 1.0f / 16;
    sum[3] = 1.0f;
    OverviewBuilder exact(kTokens, kTokens), tiled(kTokens, kTokens);
    for (int query = 64; query < kTokens; ++query) {
        exact.add_weights(query, {0, query + 1}, weights.data());
        const KeyRange keys{0, query + 1};
        tiled.add_tiles(query, {&keys, 1}, 16, max.data(), sum.data());
    }
    const Overview a = exact.take(), b = tiled.take();
    CHECK(a.rows == 64);
    CHECK(a.cols == 64);
    CHECK(largest_difference(a.max, b.max) < 1e-7);
    CHECK(largest_difference(a.mean, b.mean) < 1e-7);
    CHECK(a.max[63 * 64 + 12] == doctest::Approx(1.0 / 16));
    CHECK(a.max[63 * 64 + 11] == 0.0f);
}

TEST_CASE("overview: rows that are taken together are those of the whole matrix, at odd borders too") {
    struct Shape {
        int tokens, window;
    };
    for (const Shape shape : {Shape{63, 0}, Shape{131, 0}, Shape{200, 37}, Shape{256, 0}}) {
        const int n = shape.tokens, window = shape.window;
        INFO("tokens " << n << ", window " << window);
        std::vector<float> matrix(static_cast<std::size_t>(n) * static_cast<std::size_t>(n));
        for (std::size_t i = 0; i < matrix.size(); ++i)
            matrix[i] = static_cast<float>(i * 7919 % 1009) / 1009.0f;
        const auto range_of = [&](int query) {
            return KeyRange{window > 0 ? std::max(0, query + 1 - window) : 0, query + 1};
        };
        const int cells = std::min(n, 64);
        std::vector<double> max(static_cast<std::size_t>(cells * cells)), sum(max.size()), count(max.size());
        OverviewBuilder builder(n, n);
        for (int query = 0; query < n;) {
            std::vector<KeyRange> ranges;
            std::vector<const float*> rows;
            const int first = query, end = builder.end_of_row(query);
            for (; query < end; ++query) {
                ranges.push_back(range_of(query));
                rows.push_back(matrix.data() + static_cast<std::size_t>(query) * static_cast<std::size_t>(n));
                for (int key = ranges.back().begin; key < ranges.back().end; ++key) {
                    const auto at = static_cast<std::size_t>(query * cells / n * cells + key * cells / n);
                    max[at] = std::max(max[at], static_cast<double>(rows.back()[key]));
                    sum[at] += static_cast<double>(rows.back()[key]);
                    count[at] += 1;
                }
            }
            builder.add_rows(first, ranges, rows);
        }
        const Overview found = builder.take();
        REQUIRE(found.max.size() == max.size());
        double largest = 0;
        for (std::size_t i = 0; i < max.size(); ++i) {
            const double mean = count[i] > 0 ? sum[i] / count[i] : 0.0;
            largest = std::max({largest, std::abs(max[i] - static_cast<double>(found.max[i])),
                                std::abs(mean - static_cast<double>(found.mean[i]))});
        }
        CHECK(largest < 1e-6);
    }
}
