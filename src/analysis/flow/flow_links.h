// The heaviest links of one layer, for ribbons.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "analysis/flow/flow.h"

namespace headlight {

/// Keeps the `max_links` heaviest links of a layer in a heap with the lightest on top.
class HeaviestLinks {
  public:
    HeaviestLinks(int layer, int max_links)
        : layer_(layer), max_links_(static_cast<std::size_t>(std::max(0, max_links))) {}

    void add(int from, int to, double weight) {
        if (max_links_ == 0 || weight <= 0) return;
        if (links_.size() == max_links_) {
            if (weight <= links_.front().weight) return;
            std::pop_heap(links_.begin(), links_.end(), is_heavier);
            links_.pop_back();
        }
        links_.push_back({layer_, from, to, weight});
        std::push_heap(links_.begin(), links_.end(), is_heavier);
    }

    /// Appends them, heaviest first, until they carry `mass`.
    void append_to(std::vector<FlowLink>& out, double mass) {
        std::sort(links_.begin(), links_.end(), is_heavier);
        double carried = 0;
        for (const FlowLink& link : links_) {
            if (carried >= mass) break;
            carried += link.weight;
            out.push_back(link);
        }
    }

  private:
    static bool is_heavier(const FlowLink& a, const FlowLink& b) {
        if (a.weight != b.weight) return a.weight > b.weight;
        return a.from != b.from ? a.from < b.from : a.to < b.to;
    }
    int layer_;
    std::size_t max_links_;
    std::vector<FlowLink> links_;
};

}  // namespace headlight
