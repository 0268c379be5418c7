#include "model/row_trace.h"

#include <algorithm>
#include <mutex>

#include "core/head_id.h"
#include "kernel/attention_kernel.h"
#include "kernel/overview.h"

namespace headlight {
namespace {

/// Keys [0, num_keys) of one head in panels, gathered from the rows that hold them.
std::vector<float> gather_keys(const std::vector<RowBlockPtr>& rows, int layer, int kv_head, int num_keys,
                               int depth) {
    const int panels = (num_keys + kPanel - 1) / kPanel;
    std::vector<float> packed(static_cast<std::size_t>(panels) * depth * kPanel);  // [panel, depth, 16]
    for (int key = 0; key < num_keys; ++key) {
        const float* from = rows[static_cast<std::size_t>(key)]->key(layer, kv_head);
        float* to = packed.data() + std::int64_t{key / kPanel} * depth * kPanel + key % kPanel;
        for (int d = 0; d < depth; ++d)
            to[d * kPanel] = from[d];
    }
    return packed;
}

class RowTrace final : public AttentionTrace {
  public:
    RowTrace(TraceFacts facts, std::vector<RowBlockPtr> rows, std::vector<RowTilesPtr> tiles)
        : facts_(std::move(facts)), info_(facts_.info), rows_(std::move(rows)), tiles_(std::move(tiles)) {
        info_.num_queries = static_cast<int>(rows_.size());
        info_.storage = rows_.front()->layout().keeps_weights ? "weights" : "q and k";
    }

    const TraceInfo& info() const override { return info_; }

    void rows(int layer, int head, int begin, int end, std::span<float> out) const override {
        if (is_absent(layer)) {
            std::fill(out.begin(), out.end(), 0.0f);  // no such row was ever taken
        } else if (rows_.front()->layout().keeps_weights) {
            copy_rows(layer, head, begin, end, out);
        } else {
            compute_rows(layer, head, begin, end, out);
        }
    }

    void row_stats(int layer, int head, std::span<RowStats> out) const override {
        for (std::size_t i = 0; i < rows_.size(); ++i)
            out[i] = is_absent(layer) ? RowStats() : rows_[i]->stats(layer, head);
    }

    bool key_set_mass(const std::string& id, int layer, int head, std::span<float> out) const override {
        const auto& sets = rows_.front()->layout().key_sets;
        const auto found = std::find(sets.begin(), sets.end(), id);
        if (found == sets.end()) return false;
        const int set = static_cast<int>(found - sets.begin());
        for (std::size_t i = 0; i < rows_.size(); ++i)
            out[i] = is_absent(layer) ? 0.0f : rows_[i]->mass(set, layer, head);
        return true;
    }

    Overview overview(int layer, int head) const override {
        OverviewBuilder builder(info_.num_queries, info_.num_keys);
        if (is_absent(layer)) return builder.take();
        if (rows_.front()->layout().keeps_weights) {
            builder.add_all_rows(
                [&](int query) { return admissible(layer, query); },
                [&](int query) { return rows_[static_cast<std::size_t>(query)]->weights(layer, head); });
            return builder.take();
        }
        std::vector<KeyRange> ranges;
        for (const RowTilesPtr& band : tiles_) {
            ranges.clear();
            for (int query = band->first_query(); query < band->end_query(); ++query)
                ranges.push_back(admissible(layer, query));
            builder.add_tiles(band->first_query(), ranges, band->width(), band->max(layer, head),
                              band->sum(layer, head));
        }
        return builder.take();
    }

    bool has_score_parts() const override { return !rows_.front()->layout().keeps_weights; }

    std::shared_ptr<const ScoreParts> score_parts(int layer, int head) const override {
        if (!has_score_parts() || is_absent(layer)) return nullptr;
        const RowLayout& layout = rows_.front()->layout();
        const int depth = layout.head_dim, kv_head = head / (layout.num_heads / layout.num_kv_heads);
        ScoreParts parts = start_score_parts(facts_, {layer, head}, info_.num_queries, depth);
        for (const RowBlockPtr& row : rows_) {
            const float* query = row->query(layer, head);  // times the scale
            for (int d = 0; d < depth; ++d)
                parts.query.push_back(query[d] / parts.scale);
            const float* key = row->key(layer, kv_head);
            parts.key.insert(parts.key.end(), key, key + depth);
        }
        return std::make_shared<const ScoreParts>(std::move(parts));
    }

    std::size_t size_bytes() const override {
        std::size_t total = 0;
        for (const RowBlockPtr& row : rows_)
            total += row->size_bytes() + sizeof(RowBlock);
        for (const RowTilesPtr& band : tiles_)
            total += band->size_bytes();
        return total;
    }

  private:
    void copy_rows(int layer, int head, int begin, int end, std::span<float> out) const {
        float* to = out.data();
        for (int query = begin; query < end; ++query, to += info_.num_keys) {
            const RowBlock& row = *rows_[static_cast<std::size_t>(query)];
            const int count = std::min(row.num_keys(), info_.num_keys);
            std::copy_n(row.weights(layer, head), count, to);
            std::fill(to + count, to + info_.num_keys, 0.0f);
        }
    }

    void compute_rows(int layer, int head, int begin, int end, std::span<float> out) const {
        if (begin >= end) return;
        const RowLayout& layout = rows_.front()->layout();
        const int depth = layout.head_dim, kv_head = head / (layout.num_heads / layout.num_kv_heads);
        const std::shared_ptr<const std::vector<float>> panels = key_panels(layer, kv_head, depth);
        const KernelMask mask{info_.num_keys, info_.is_causal,
                              info_.window.empty() ? 0 : info_.window[static_cast<std::size_t>(layer)]};
        const int step = kernel_block_rows(kernel_isa());
        std::vector<float> queries(static_cast<std::size_t>(step) * depth);
        std::vector<RowTarget> targets(static_cast<std::size_t>(step));
        KernelScratch scratch;
        for (int first = begin; first < end; first += step) {
            const int count = std::min(step, end - first);
            for (int r = 0; r < count; ++r) {
                std::copy_n(rows_[static_cast<std::size_t>(first + r)]->query(layer, head), depth,
                            queries.data() + std::int64_t{r} * depth);
                float* to = out.data() + std::int64_t{first - begin + r} * info_.num_keys;
                targets[static_cast<std::size_t>(r)].weights = to;
                std::fill(to + admissible(layer, first + r).end, to + info_.num_keys, 0.0f);
            }
            const HeadInputs inputs{queries.data(), panels->data(),          nullptr, 0,
                                    depth,          rule(layer, head, first)};
            attend_block(kernel_isa(), mask, inputs, first, count, targets.data(), nullptr, 0, scratch);
        }
    }

    /// Keys of a head as the kernel reads them. Those of the last head are kept: long texts are read block by
    /// block.
    std::shared_ptr<const std::vector<float>> key_panels(int layer, int kv_head, int depth) const {
        {
            const std::lock_guard lock(panels_mutex_);
            if (panels_ && panels_of_ == HeadId{layer, kv_head}) return panels_;
        }
        auto made = std::make_shared<const std::vector<float>>(
            gather_keys(rows_, layer, kv_head, info_.num_keys, depth));
        const std::lock_guard lock(panels_mutex_);
        panels_ = made;
        panels_of_ = {layer, kv_head};
        return made;
    }

    ScoreRule rule(int layer, int head, int query) const {
        ScoreRule rule;
        if (facts_.bias) {
            rule.bias = facts_.bias.row(head, query);
            rule.bias_stride = facts_.bias.query_stride;
        }
        rule.softcap = facts_.softcap;
        rule.has_sink = !facts_.sinks.empty();
        if (rule.has_sink) rule.sink = facts_.sinks[info_.grid().index({layer, head})];
        return rule;
    }

    TraceFacts facts_;
    TraceInfo info_;
    std::vector<RowBlockPtr> rows_;   // one per query
    std::vector<RowTilesPtr> tiles_;  // of bands of rows, from the first to the last
    mutable std::mutex panels_mutex_;
    mutable std::shared_ptr<const std::vector<float>> panels_;
    mutable HeadId panels_of_;
};

}  // namespace

TracePtr make_row_trace(TraceFacts facts, std::vector<RowBlockPtr> rows,
                        const std::vector<RowTilesPtr>& tiles) {
    const int num_queries = static_cast<int>(rows.size());
    return std::make_shared<RowTrace>(std::move(facts), std::move(rows), tiles_of_text(tiles, num_queries));
}

}  // namespace headlight
