// Null N1: what a head would do if only positions counted. Its own mean weight by offset, and its own mass on
// the first token, estimated on other texts and renormalised within the keys of each row.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/attention_trace.h"
#include "core/head_id.h"

namespace headlight {

class PositionalProfile {
  public:
    /// Offsets beyond this share one mean.
    static constexpr int kMostOffset = 256;

    /// Adds every valid row of one head of one text.
    void add(const AttentionTrace& trace, HeadId head);
    /// The same from weights at hand: matrix [num_queries, num_keys] of a head of `layer`.
    void add(const AttentionTrace& trace, int layer, std::span<const float> matrix);
    void merge(const PositionalProfile& other);
    bool is_empty() const { return num_rows_ == 0; }

    /// Expected weights of row `query` over its keys into out [num_keys]; keys outside the range get 0. Even
    /// over the keys where nothing is known of any of them.
    void fill_row(int query, KeyRange keys, std::span<float> out) const;
    /// Expected mass of a set of keys, ascending, of that row.
    double expected_mass(int query, KeyRange keys, std::span<const std::uint32_t> key_set) const;

    /// Plain numbers: rows, sum and rows of the first token, lowest offset, then sum and count of each offset
    /// up to the highest that occurred. from_values(values()) is the same profile; nullopt for a list that no
    /// profile has.
    std::vector<double> values() const;
    static std::optional<PositionalProfile> from_values(std::span<const double> values);

  private:
    struct Mean {
        double sum = 0, count = 0;
        double value() const { return count > 0 ? sum / count : 0.0; }
    };
    static int bucket(int query, int key);
    const Mean* mean_of(int query, int key) const;
    Mean& mean_at(int offset);

    double num_rows_ = 0;
    Mean first_;
    int lowest_ = 0;           // offset of means_[0]; negative where keys lie after the query
    std::vector<Mean> means_;  // [offset - lowest_], key 0 left out
};

}  // namespace headlight
