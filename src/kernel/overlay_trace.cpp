#include "kernel/overlay_trace.h"

#include <algorithm>
#include <set>

#include "kernel/overview.h"

namespace headlight {
namespace {

class OverlayTrace final : public AttentionTrace {
  public:
    explicit OverlayTrace(OverlayParts parts) : parts_(std::move(parts)) {
        info_ = parts_.above->info();
        info_.source = "changed";
    }

    const TraceInfo& info() const override { return info_; }

    void rows(int layer, int head, int begin, int end, std::span<float> out) const override {
        const float* dense = replaced(layer, head);
        if (dense == nullptr) return measured(layer).rows(layer, head, begin, end, out);
        const std::int64_t num_keys = info_.num_keys;
        std::copy(dense + begin * num_keys, dense + end * num_keys, out.begin());
    }

    void row_stats(int layer, int head, std::span<RowStats> out) const override {
        const float* dense = replaced(layer, head);
        if (dense == nullptr) return measured(layer).row_stats(layer, head, out);
        for (int query = 0; query < info_.num_queries; ++query) {
            out[static_cast<std::size_t>(query)] =
                compute_row_stats(row(dense, query), query, admissible(layer, query));
        }
    }

    bool key_set_mass(const std::string& id, int layer, int head, std::span<float> out) const override {
        const float* dense = replaced(layer, head);
        if (dense == nullptr) return measured(layer).key_set_mass(id, layer, head, out);
        for (const KeySet& set : parts_.key_sets) {
            if (set.id != id) continue;
            for (int query = 0; query < info_.num_queries; ++query) {
                const auto i = static_cast<std::size_t>(query);
                double mass = 0;
                for (const std::uint32_t key : set.row(i))
                    mass += row(dense, query)[key];
                out[i] = static_cast<float>(mass);
            }
            return true;
        }
        return false;
    }

    Overview overview(int layer, int head) const override {
        const float* dense = replaced(layer, head);
        if (dense == nullptr) return measured(layer).overview(layer, head);
        OverviewBuilder builder(info_.num_queries, info_.num_keys);
        builder.add_all_rows([&](int query) { return admissible(layer, query); },
                             [&](int query) { return row(dense, query).data(); });
        return builder.take();
    }

    std::size_t size_bytes() const override {
        std::size_t total = parts_.above->size_bytes();
        if (parts_.below != nullptr) total += parts_.below->size_bytes();
        std::set<const void*> counted;
        for (const auto& [head, rows] : parts_.replaced) {
            if (counted.insert(rows.get()).second) total += rows->size() * sizeof(float);
        }
        return total;
    }

  private:
    const AttentionTrace& measured(int layer) const {
        return layer < parts_.first_layer ? *parts_.below : *parts_.above;
    }
    const float* replaced(int layer, int head) const {
        const auto found = parts_.replaced.find({layer, head});
        return found == parts_.replaced.end() ? nullptr : found->second->data();
    }
    std::span<const float> row(const float* dense, int query) const {
        return {dense + std::int64_t{query} * info_.num_keys, static_cast<std::size_t>(info_.num_keys)};
    }

    TraceInfo info_;
    OverlayParts parts_;
};

}  // namespace

TracePtr make_overlay_trace(OverlayParts parts) {
    return std::make_shared<OverlayTrace>(std::move(parts));
}

}  // namespace headlight
