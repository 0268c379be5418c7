#include "model/device/device_capture.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

// Keys before the row's own whose weights are its local mass, itself included.
constexpr int kNearKeys = 6;
// e is 0 long before; finite, so that 0 times it is 0.
constexpr double kLowestShift = -1e4;

/// What comes back of a row: sums over e, and e at a few keys.
enum Column {
    kMax,
    kSum,
    kSquares,
    kCubes,
    kScores,
    kDistance,
    kArgmax,
    kFirst,
    kNear,
    kMasses = kNear + kNearKeys
};

torch::Tensor on_processor(const torch::Tensor& x) {
    return x.to(torch::kCPU).contiguous();
}

torch::Tensor uploaded(const std::vector<std::uint32_t>& values, const torch::TensorOptions& options) {
    const std::vector<std::int64_t> wide(values.begin(), values.end());
    return torch::tensor(wide, torch::kInt64).to(options.device());
}

}  // namespace

DeviceCapture::DeviceCapture(const Architecture& arch, const CapturePlan& plan, int block_rows,
                             torch::Device device)
    : arch_(arch),
      plan_(plan),
      indices_(torch::TensorOptions().dtype(torch::kInt64).device(device)),
      gather_(plan.tiles, plan.tiles_before, plan.begin, plan.begin + static_cast<int>(plan.rows.size()),
              block_rows, arch.num_heads, plan.num_keys, arch.is_causal) {
    if (!is_wanted()) return;
    for (const KeySet& set : plan.key_sets) {
        std::vector<std::uint32_t> begin = set.row_begin, end = set.row_end;
        if (end.empty()) end.assign(begin.begin() + 1, begin.end());
        sets_.push_back({uploaded(set.keys, indices_), uploaded(begin, indices_), uploaded(end, indices_)});
    }
}

KernelMask DeviceCapture::mask(int layer) const {
    return {plan_.num_keys, arch_.is_causal, arch_.window_of(layer), plan_.is_cross};
}

void DeviceCapture::keep_query_key(int layer, const torch::Tensor& query, const torch::Tensor& key) {
    if (!is_wanted() || plan_.rows.front()->layout().keeps_weights) return;
    const torch::Tensor q = on_processor(query), k = on_processor(key);
    const std::int64_t query_floats = arch_.query_size(), key_floats = arch_.kv_size();
    for (std::size_t token = 0; token < plan_.rows.size(); ++token) {
        const auto at = static_cast<std::int64_t>(token);
        const RowBlock& row = *plan_.rows[token];  // heads of a layer lie side by side
        std::copy_n(q.const_data_ptr<float>() + at * query_floats, query_floats, row.query(layer, 0));
        std::copy_n(k.const_data_ptr<float>() + at * key_floats, key_floats, row.key(layer, 0));
    }
}

void DeviceCapture::take(const ScoredBlock& block, const std::vector<float>& sinks) {
    take_statistics(block, sinks);
    if (plan_.rows.front()->layout().keeps_weights) take_weights(block);
    if (gather_.is_wanted()) take_tiles(block);
}

void DeviceCapture::finish_layer(int layer) {
    if (gather_.is_wanted()) gather_.finish_layer(layer);
}

torch::Tensor DeviceCapture::mass(const ScoredBlock& block, std::size_t index) const {
    const std::int64_t heads = block.e.size(0), rows = block.e.size(1), keys = block.e.size(2);
    const std::int64_t query = plan_.begin + block.first;
    std::size_t longest = 0;
    for (std::int64_t r = 0; r < rows; ++r) {
        longest = std::max(longest, plan_.key_sets[index].row(static_cast<std::size_t>(query + r)).size());
    }
    if (longest == 0) return torch::zeros({heads, rows}, block.e.options());
    const KeysOfSet& set = sets_[index];
    const torch::Tensor place = set.begin.narrow(0, query, rows).unsqueeze(1) +
                                torch::arange(static_cast<std::int64_t>(longest), indices_);  // [R, longest]
    const torch::Tensor key =
        set.keys.index_select(0, place.clamp_max(set.keys.size(0) - 1).flatten()).view_as(place) - block.low;
    const torch::Tensor is_there = place.lt(set.end.narrow(0, query, rows).unsqueeze(1))
                                       .logical_and(key.ge(0))
                                       .logical_and(key.lt(keys));
    const torch::Tensor weights =
        block.e.gather(2, key.clamp(0, keys - 1).expand({heads, -1, -1}));  // [H, R, longest]
    return (weights * is_there).sum(-1);
}

torch::Tensor DeviceCapture::columns(const ScoredBlock& block) const {
    const torch::Tensor& e = block.e;
    const std::int64_t heads = e.size(0), rows = e.size(1), keys = e.size(2);
    std::vector<torch::Tensor> out(kMasses, torch::zeros({heads, rows}, e.options()));
    out[kMax] = block.max;
    out[kSum] = e.sum(-1);
    const torch::Tensor squares = e.square();
    out[kSquares] = squares.sum(-1);
    out[kCubes] = (squares * e).sum(-1);
    out[kScores] = (e * block.shifted.clamp_min(kLowestShift)).sum(-1);
    out[kArgmax] = e.argmax(-1).to(torch::kFloat32);  // the lowest on ties; exact up to 16 million keys
    if (block.low == 0) out[kFirst] = e.select(2, 0);
    if (!plan_.is_cross) {
        const std::int64_t query = plan_.begin + block.first - block.low;  // of row 0, counted as keys are
        out[kDistance] = torch::matmul(e, (query - torch::arange(keys, indices_)).to(torch::kFloat32));
        const torch::Tensor own = query + torch::arange(rows, indices_);
        for (int back = 0; back < kNearKeys; ++back) {
            const torch::Tensor key = own - back;  // [R]
            const torch::Tensor index = key.clamp(0, keys - 1).view({1, rows, 1}).expand({heads, -1, -1});
            out[static_cast<std::size_t>(kNear + back)] = e.gather(2, index).squeeze(2) * key.ge(0);
        }
    }
    for (std::size_t set = 0; set < sets_.size(); ++set)
        out.push_back(mass(block, set));
    return on_processor(torch::stack(out));  // [columns, H, R]
}

void DeviceCapture::take_statistics(const ScoredBlock& block, const std::vector<float>& sinks) {
    const torch::Tensor taken = columns(block);
    const auto heads = static_cast<int>(taken.size(1)), rows = static_cast<int>(taken.size(2));
    const KernelMask allowed = mask(block.layer);
    for (int head = 0; head < heads; ++head) {
        for (int r = 0; r < rows; ++r) {
            const float* at = taken.const_data_ptr<float>() + std::int64_t{head} * rows + r;
            const auto value = [&](int column) {
                return static_cast<double>(at[std::int64_t{column} * heads * rows]);
            };
            RowSums sums;
            sums.max = static_cast<float>(value(kMax));
            sums.argmax = block.low + static_cast<int>(value(kArgmax));
            sums.sum = value(kSum);
            sums.squares = value(kSquares);
            sums.cubes = value(kCubes);
            sums.scores = value(kScores);
            double total = sums.sum;
            if (!sinks.empty())
                total += std::exp(static_cast<double>(sinks[static_cast<std::size_t>(head)]) - value(kMax));
            const int row = block.first + r, query = plan_.begin + row;
            const double inverse = 1.0 / total;
            RowStats stats = stats_of_sums(sums, total, allowed.range(query).count());
            if (stats.num_keys > 0) {
                double local = 0;
                for (int back = 0; back < kNearKeys; ++back)
                    local += value(kNear + back);
                stats.first = static_cast<float>(value(kFirst) * inverse);
                stats.self = static_cast<float>(value(kNear) * inverse);
                stats.previous = static_cast<float>(value(kNear + 1) * inverse);
                stats.local = static_cast<float>(local * inverse);
                // Keys were counted from the block's first query.
                if (!plan_.is_cross)
                    stats.mean_distance = static_cast<float>((r * sums.sum + value(kDistance)) * inverse);
            }
            const RowBlock& kept = *plan_.rows[static_cast<std::size_t>(row)];
            kept.stats(block.layer, head) = stats;
            for (int set = 0; set < static_cast<int>(sets_.size()); ++set)
                kept.mass(set, block.layer, head) = static_cast<float>(value(kMasses + set) * inverse);
        }
    }
}

void DeviceCapture::take_weights(const ScoredBlock& block) {
    const torch::Tensor weights = on_processor(block.e * block.inverse.unsqueeze(-1));  // [H, R, K]
    const std::int64_t rows = weights.size(1), keys = weights.size(2);
    const float* from = weights.const_data_ptr<float>();
    for (int head = 0; head < arch_.num_heads; ++head) {
        for (std::int64_t r = 0; r < rows; ++r, from += keys) {
            const RowBlock& row = *plan_.rows[static_cast<std::size_t>(block.first + r)];
            float* to = row.weights(block.layer, head);
            const int end = std::min(row.num_keys(), block.low + static_cast<int>(keys));
            std::fill_n(to, block.low, 0.0f);
            std::copy_n(from, end - block.low, to + block.low);
            std::fill(to + end, to + row.num_keys(), 0.0f);
        }
    }
}

void DeviceCapture::take_tiles_of(const ScoredBlock& block, int begin, int end,
                                  std::vector<std::vector<float>>& rooms) {
    std::vector<float> unused;
    const int width = gather_.row_target(block.first + begin, begin, unused).width;
    const int first_tile = block.low / width, before = block.low - first_tile * width;
    const auto keys = static_cast<int>(block.e.size(2));
    const int num_tiles = (before + keys + width - 1) / width;
    torch::Tensor e = block.e.narrow(1, begin, end - begin);
    e = torch::constant_pad_nd(e, {before, num_tiles * width - before - keys}, 0)
            .unflatten(2, {num_tiles, width});
    const torch::Tensor factor = block.inverse.narrow(1, begin, end - begin).unsqueeze(-1);
    // [{max, sum}, H, rows, tiles]
    const torch::Tensor tiles = on_processor(torch::stack({e.amax(-1) * factor, e.sum(-1) * factor}));
    const float* largest = tiles.const_data_ptr<float>();
    const float* sum = largest + tiles.numel() / 2;
    const KernelMask allowed = mask(block.layer);
    for (std::vector<float>& room : rooms) {  // of one head after the other
        for (int r = begin; r < end; ++r, largest += num_tiles, sum += num_tiles) {
            const TileTarget to = gather_.row_target(block.first + r, r, room);
            const int row_end =
                arch_.is_causal ? allowed.range(plan_.begin + block.first + r).end : plan_.num_keys;
            const int all = (row_end + width - 1) / width;
            const int some = std::clamp(all - first_tile, 0, num_tiles);
            std::fill_n(to.max, all, 0.0f);
            std::fill_n(to.sum, all, 0.0f);
            std::copy_n(largest, some, to.max + first_tile);
            std::copy_n(sum, some, to.sum + first_tile);
        }
    }
}

void DeviceCapture::take_tiles(const ScoredBlock& block) {
    const auto rows = static_cast<int>(block.e.size(1));
    std::vector<std::vector<float>> rooms(static_cast<std::size_t>(arch_.num_heads));
    std::vector<float> unused;
    const auto width_of = [&](int r) { return gather_.row_target(block.first + r, r, unused).width; };
    for (int begin = 0; begin < rows;) {
        int end = begin + 1;
        while (end < rows && width_of(end) == width_of(begin))
            ++end;
        take_tiles_of(block, begin, end, rooms);
        begin = end;
    }
    for (int head = 0; head < arch_.num_heads; ++head)
        gather_.pool_block(head, block.first, rows, rooms[static_cast<std::size_t>(head)]);
}

}  // namespace headlight
