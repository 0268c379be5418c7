#include "kernel/attention_kernel.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>

namespace headlight {
namespace {

constexpr int kStripsPerBlock = 4;
constexpr int kKeyUnit = 64;      // blocks begin at a multiple of this
constexpr int kValueChunk = 128;  // keys whose values stay in the first cache while all rows use them

int floor_to(int x, int unit) {
    return x / unit * unit;
}
int ceil_to(int x, int unit) {
    return (x + unit - 1) / unit * unit;
}

/// One block while it is worked on. Keys are counted from `low`, the first key that any row may see.
class Block {
  public:
    Block(const KernelIsa& isa, const KernelMask& mask, const HeadInputs& head, int query, int rows,
          KernelScratch& scratch)
        : isa_(isa), mask_(mask), head_(head), query_(query), rows_(rows), scratch_(scratch) {
        low_ = floor_to(mask.range(query).begin, kKeyUnit);
        high_ = mask.range(query + rows - 1).end;
        // Keys that all rows see; after them the rows of each strip end where their last row ends.
        shared_end_ = std::max(low_, floor_to(mask.range(query).end, kPanel));
        stride_ = ceil_to(high_ - low_, kPanel) + kPanel;
        const auto needed = static_cast<std::size_t>(stride_) * rows_;
        if (scratch_.scores.size() < needed) scratch_.scores.resize(needed);
    }

    void score() {
        const std::int64_t panel_floats = std::int64_t{head_.depth} * kPanel;
        const float* panels = head_.key_panels + low_ / kPanel * panel_floats;
        const int shared = (shared_end_ - low_) / kPanel;
        if (shared > 0) {
            isa_.gemm(head_.query, head_.depth, rows_, head_.depth, panels, panel_floats, shared, row(0),
                      stride_, false);
        }
        for_strips([&](int first, int count, int end) {
            const int rest = ceil_to(end - shared_end_, kPanel) / kPanel;
            if (rest <= 0) return;
            isa_.gemm(head_.query + std::int64_t{first} * head_.depth, head_.depth, count, head_.depth,
                      panels + shared * panel_floats, panel_floats, rest, row(first) + shared * kPanel,
                      stride_, false);
        });
    }

    /// Softmax of row r, and all that is taken from it. Returns 1 / sum.
    float finish_row(int r, const RowTarget& target) {
        const KeyRange range = mask_.range(query_ + r);
        float* e = row(r);
        TileTarget tiles = target.tiles;
        if (tiles.width > 0) {
            const int num_tiles = ceil_to(row_end(range), tiles.width) / tiles.width;
            std::fill_n(tiles.max, num_tiles, 0.0f);
            std::fill_n(tiles.sum, num_tiles, 0.0f);
            tiles.max += low_ / tiles.width;
            tiles.sum += low_ / tiles.width;
            tiles.first = low_ % tiles.width;
        }
        apply_rule(r, range);
        RowSums sums;
        isa_.softmax(e, range.begin - low_, range.end - low_, tiles, sums);
        // Every row sees a key: where none has a score, the weights are no numbers, as in the reference.
        const double total = sums.max > kNoScore ? with_sink(sums) : std::numeric_limits<double>::quiet_NaN();
        const float inverse = static_cast<float>(1.0 / total);
        clear_outside(r, range);
        if (tiles.width > 0) {
            const int num_tiles = ceil_to(tiles.first + range.end - low_, tiles.width) / tiles.width;
            isa_.scale(tiles.max, inverse, tiles.max, num_tiles);
            isa_.scale(tiles.sum, inverse, tiles.sum, num_tiles);
        }
        if (target.stats != nullptr) *target.stats = statistics(e, query_ + r, range, sums, total);
        for (std::size_t i = 0; i < target.num_masses; ++i) {
            *target.masses[i].mass = mass(e, target.masses[i]) * inverse;
        }
        if (target.weights != nullptr) {
            std::fill_n(target.weights, range.begin, 0.0f);
            isa_.scale(e + (range.begin - low_), inverse, target.weights + range.begin, range.count());
            std::fill(target.weights + range.end, target.weights + row_end(range), 0.0f);
        }
        return inverse;
    }

    /// Values of the block into scratch, [rows, 16 num_panels], not yet divided by the sums.
    void weigh_values(int num_panels) {
        const int columns = num_panels * kPanel;
        const auto needed = static_cast<std::size_t>(columns) * rows_;
        if (scratch_.output.size() < needed) scratch_.output.resize(needed);
        bool adds = false;
        for (int key = low_; key < shared_end_; key += kValueChunk) {
            const int count = std::min(kValueChunk, shared_end_ - key);
            isa_.gemm(row(0) + (key - low_), stride_, rows_, count, value(key), head_.value_stride,
                      num_panels, scratch_.output.data(), columns, adds);
            adds = true;
        }
        for_strips([&](int first, int count, int end) {
            if (end <= shared_end_) return;
            isa_.gemm(row(first) + (shared_end_ - low_), stride_, count, end - shared_end_,
                      value(shared_end_), head_.value_stride, num_panels,
                      scratch_.output.data() + std::int64_t{first} * columns, columns, adds);
        });
    }

  private:
    float* row(int r) { return scratch_.scores.data() + std::int64_t{r} * stride_; }
    const float* value(int key) const { return head_.value_panels + std::int64_t{key} * kPanel; }

    /// Where a row's memory ends: without causality every row has room for all keys.
    int row_end(KeyRange range) const {
        return mask_.is_causal && !mask_.is_cross ? range.end : mask_.num_keys;
    }

    /// body(first row, rows, end of the keys that the strip's last row sees)
    template <class Body>
    void for_strips(const Body& body) {
        for (int first = 0; first < rows_; first += isa_.strip_rows) {
            const int count = std::min(isa_.strip_rows, rows_ - first);
            body(first, count, mask_.range(query_ + first + count - 1).end);
        }
    }

    void apply_rule(int r, KeyRange range) {
        const ScoreRule& rule = head_.rule;
        float* scores = row(r) - low_;
        if (rule.bias != nullptr) {
            const float* bias = rule.bias + r * rule.bias_stride;
            for (int key = range.begin; key < range.end; ++key)
                scores[key] += bias[key];
        }
        if (rule.softcap > 0) {
            const float inverse = 1.0f / rule.softcap;
            for (int key = range.begin; key < range.end; ++key) {
                scores[key] = rule.softcap * std::tanh(scores[key] * inverse);
            }
        }
    }

    /// Sum of the row's exponents, the sink's own included.
    double with_sink(const RowSums& sums) const {
        if (!head_.rule.has_sink) return sums.sum;
        return sums.sum + std::exp(static_cast<double>(head_.rule.sink) - static_cast<double>(sums.max));
    }

    /// Zeroes what the row's strip multiplies but the row itself does not see.
    void clear_outside(int r, KeyRange range) {
        const int before = floor_to(range.begin - low_, kPanel);
        std::fill_n(row(r), before, 0.0f);
        const int after = ceil_to(range.end - low_, kPanel);
        const int strip_end = ceil_to(high_ - low_, kPanel);
        if (after < strip_end) std::fill(row(r) + after, row(r) + strip_end, 0.0f);
    }

    /// `total` is what e is divided by: the sum over keys, and the sink's share where there is one.
    RowStats statistics(const float* e, int query, KeyRange range, const RowSums& sums, double total) const {
        RowStats stats = stats_of_sums(sums, total, range.count());
        if (stats.num_keys == 0) return stats;
        const double inverse = 1.0 / total;
        stats.argmax += low_;
        const auto at = [&](int key) {
            return key >= range.begin && key < range.end ? static_cast<float>(e[key - low_] * inverse) : 0.0f;
        };
        stats.first = at(0);
        if (mask_.is_cross) return stats;
        double local = 0;
        for (int key = std::max(range.begin, query - 5); key <= query && key < range.end; ++key)
            local += e[key - low_];
        stats.self = at(query);
        stats.previous = at(query - 1);
        stats.local = static_cast<float>(local * inverse);
        stats.mean_distance =
            static_cast<float>((query * sums.sum - (low_ * sums.sum + sums.keys)) * inverse);
        return stats;
    }

    float mass(const float* e, const MassTarget& target) const {
        double sum = 0;
        for (std::size_t i = 0; i < target.num_keys; ++i)
            sum += e[static_cast<int>(target.keys[i]) - low_];
        return static_cast<float>(sum);
    }

    const KernelIsa& isa_;
    const KernelMask& mask_;
    const HeadInputs& head_;
    int query_, rows_, low_ = 0, high_ = 0, shared_end_ = 0;
    std::int64_t stride_ = 0;
    KernelScratch& scratch_;
};

}  // namespace

RowStats stats_of_sums(const RowSums& sums, double total, int num_keys) {
    RowStats stats;
    if (!std::isfinite(total) || !(sums.sum > 0) || !std::isfinite(sums.scores)) return stats;
    const double inverse = 1.0 / total;
    const double entropy = (std::log(total) * sums.sum - sums.scores) * inverse;
    stats.entropy = static_cast<float>(std::max(0.0, entropy));
    stats.sum_squares = static_cast<float>(sums.squares * inverse * inverse);
    stats.sum_cubes = static_cast<float>(sums.cubes * inverse * inverse * inverse);
    stats.max_weight = static_cast<float>(inverse);
    stats.argmax = sums.argmax;
    stats.row_sum = static_cast<float>(sums.sum * static_cast<float>(inverse));
    stats.num_keys = num_keys;
    return stats;
}

int kernel_block_rows(const KernelIsa& isa) {
    return isa.strip_rows * kStripsPerBlock;
}

void attend_block(const KernelIsa& isa, const KernelMask& mask, const HeadInputs& head, int query, int rows,
                  const RowTarget* targets, float* out, std::int64_t out_stride, KernelScratch& scratch) {
    Block block(isa, mask, head, query, rows, scratch);
    block.score();
    constexpr int kMostRows = 64;
    float inverses[kMostRows];
    using Clock = std::chrono::steady_clock;
    const Clock::time_point begin = Clock::now();
    for (int r = 0; r < rows; ++r)
        inverses[r] = block.finish_row(r, targets[r]);
    scratch.statistics_ms += std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    if (head.value_panels == nullptr) return;
    const int num_panels = ceil_to(head.depth, kPanel) / kPanel;
    block.weigh_values(num_panels);
    for (int r = 0; r < rows; ++r) {
        const float* sums = scratch.output.data() + std::int64_t{r} * num_panels * kPanel;
        isa.scale(sums, inverses[r], out + r * out_stride, head.depth);
    }
}

}  // namespace headlight
