// The attention of a text between its words, sentences or lines: a trace over the trace of its tokens.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "core/attention_trace.h"

namespace headlight {

/// W_ab = mean over the rows of a of the sum over the keys of b (Clark et al. 2019): rows sum to 1 where the
/// tokens' do. Rows that the mask leaves no key, and with `skips_empty_rows` rows of zeros, are out of the
/// mean. A head is gathered once, when it is first asked for; its statistics and its overview are kept, its
/// rows where those of all heads fit into kMostKeptBytes.
class GroupedTrace final : public AttentionTrace {
  public:
    static constexpr std::size_t kMostKeptBytes = std::size_t{96} << 20;

    /// `key_sets`: pairs of units whose mass is taken along. Throws std::invalid_argument when groups or sets
    /// are not of this trace's text.
    GroupedTrace(TracePtr tokens, std::shared_ptr<const TextGroups> groups, bool skips_empty_rows = false,
                 std::vector<KeySet> key_sets = {});

    const TracePtr& tokens() const { return tokens_; }
    const std::shared_ptr<const TextGroups>& groups() const { return groups_; }

    const TraceInfo& info() const override { return info_; }
    void rows(int layer, int head, int query_begin, int query_end, std::span<float> out) const override;
    /// Rows without a key that counts are invalid (num_keys 0).
    void row_stats(int layer, int head, std::span<RowStats> out) const override;
    bool key_set_mass(const std::string& id, int layer, int head, std::span<float> out) const override;
    Overview overview(int layer, int head) const override;
    std::size_t size_bytes() const override;
    /// Units that hold a token which the mask allows to one of the rows.
    KeyRange admissible(int layer, int query) const override;
    void even_rows(int layer, int query_begin, int query_end, std::span<float> out) const override;
    int mask_of(int layer) const override { return mask_of_[static_cast<std::size_t>(layer)]; }
    /// overview() and row_stats() of this head cost nothing any more.
    bool is_gathered(int layer, int head) const;

  private:
    /// What is kept of a head.
    struct Head {
        std::vector<float> matrix;  // [num_queries, num_keys]; empty: too much for all heads
        std::vector<RowStats> stats;
        std::vector<std::vector<float>> mass;  // [key set][num_queries]
        Overview overview;
    };
    std::shared_ptr<const Head> gather(int layer, int head) const;
    Head make_head(int layer, int head) const;
    TokenRange rows_of(int query) const;
    void find_masks();
    /// Rows [query_begin, query_end) from `read`, which gives rows of tokens.
    template <class Read>
    void add_up(int layer, int query_begin, int query_end, std::span<float> out, const Read& read) const;

    TracePtr tokens_;
    std::shared_ptr<const TextGroups> groups_;
    TraceInfo info_;
    bool skips_empty_rows_ = false, keeps_rows_ = false;
    std::vector<KeySet> key_sets_;
    std::vector<int> mask_of_;                  // [layer]
    std::vector<std::vector<KeyRange>> masks_;  // [layer][query]; empty: that of the layer mask_of() names
    mutable std::mutex mutex_;
    mutable std::vector<std::shared_ptr<const Head>> heads_;  // [layer, head], null: not gathered yet
};

}  // namespace headlight
