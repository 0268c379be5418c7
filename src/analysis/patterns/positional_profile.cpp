#include "analysis/patterns/positional_profile.h"

#include <algorithm>
#include <cmath>

namespace headlight {

int PositionalProfile::bucket(int query, int key) {
    return std::clamp(query - key, -kMostOffset, kMostOffset);
}

const PositionalProfile::Mean* PositionalProfile::mean_of(int query, int key) const {
    const int index = bucket(query, key) - lowest_;
    if (index < 0 || index >= static_cast<int>(means_.size())) return nullptr;
    return &means_[static_cast<std::size_t>(index)];
}

PositionalProfile::Mean& PositionalProfile::mean_at(int offset) {
    if (means_.empty()) lowest_ = offset;
    if (offset < lowest_) {
        means_.insert(means_.begin(), static_cast<std::size_t>(lowest_ - offset), Mean{});
        lowest_ = offset;
    }
    const auto index = static_cast<std::size_t>(offset - lowest_);
    if (index >= means_.size()) means_.resize(index + 1);
    return means_[index];
}

void PositionalProfile::add(const AttentionTrace& trace, HeadId head) {
    add(trace, head.layer, trace.matrix(head.layer, head.head));
}

void PositionalProfile::add(const AttentionTrace& trace, int layer, std::span<const float> matrix) {
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    for (int query = 0; query < trace.num_queries(); ++query) {
        const KeyRange keys = trace.admissible(layer, query);
        if (keys.count() < 2) continue;  // one key: its weight is 1 whatever the head does
        const float* row = matrix.data() + static_cast<std::size_t>(query) * num_keys;
        double sum = 0;
        for (int key = keys.begin; key < keys.end; ++key)
            sum += row[key];
        if (!(sum > 0) || !std::isfinite(sum)) continue;
        num_rows_ += 1;
        if (keys.begin == 0) {
            first_.sum += row[0];
            first_.count += 1;
        }
        mean_at(bucket(query, std::max(1, keys.begin)));
        for (int key = std::max(1, keys.begin); key < keys.end; ++key) {
            Mean& mean = mean_at(bucket(query, key));
            mean.sum += row[key];
            mean.count += 1;
        }
    }
}

void PositionalProfile::merge(const PositionalProfile& other) {
    num_rows_ += other.num_rows_;
    first_.sum += other.first_.sum;
    first_.count += other.first_.count;
    for (std::size_t i = 0; i < other.means_.size(); ++i) {
        Mean& mean = mean_at(other.lowest_ + static_cast<int>(i));
        mean.sum += other.means_[i].sum;
        mean.count += other.means_[i].count;
    }
}

void PositionalProfile::fill_row(int query, KeyRange keys, std::span<float> out) const {
    std::fill(out.begin(), out.end(), 0.0f);
    double sum = 0;
    for (int key = keys.begin; key < keys.end; ++key) {
        const Mean* mean = key == 0 ? &first_ : mean_of(query, key);
        const double weight = mean == nullptr ? 0.0 : mean->value();
        out[static_cast<std::size_t>(key)] = static_cast<float>(weight);
        sum += weight;
    }
    for (int key = keys.begin; key < keys.end; ++key) {
        float& weight = out[static_cast<std::size_t>(key)];
        weight = sum > 0 ? static_cast<float>(weight / sum) : 1.0f / static_cast<float>(keys.count());
    }
}

double PositionalProfile::expected_mass(int query, KeyRange keys,
                                        std::span<const std::uint32_t> key_set) const {
    std::vector<float> row(static_cast<std::size_t>(std::max(0, keys.end)));
    fill_row(query, keys, row);
    double mass = 0;
    for (const std::uint32_t key : key_set)
        mass += key < row.size() ? row[key] : 0.0f;
    return mass;
}

std::vector<double> PositionalProfile::values() const {
    std::vector<double> values = {num_rows_, first_.sum, first_.count, static_cast<double>(lowest_)};
    for (const Mean& mean : means_) {
        values.push_back(mean.sum);
        values.push_back(mean.count);
    }
    return values;
}

std::optional<PositionalProfile> PositionalProfile::from_values(std::span<const double> values) {
    constexpr std::size_t kHead = 4;
    if (values.size() < kHead || values.size() % 2 != 0) return std::nullopt;
    if (!std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); }))
        return std::nullopt;
    const std::size_t count = (values.size() - kHead) / 2;
    const double lowest = values[3];
    const bool fits = lowest >= -kMostOffset && lowest <= kMostOffset && lowest == std::floor(lowest) &&
                      lowest + static_cast<double>(count) <= kMostOffset + 1;
    if (!fits || values[0] < 0 || values[2] < 0) return std::nullopt;
    PositionalProfile profile;
    profile.num_rows_ = values[0];
    profile.first_ = {values[1], values[2]};
    profile.lowest_ = static_cast<int>(lowest);
    for (std::size_t i = 0; i < count; ++i)
        profile.means_.push_back({values[kHead + 2 * i], values[kHead + 2 * i + 1]});
    return profile;
}

}  // namespace headlight
