#include <algorithm>

#include "analysis/flow/flow.h"

namespace headlight {
namespace {

constexpr int kFirstDisjointRow = 2;  // from here on self, previous and first are three different keys

/// Mean of shares over rows; the part that is none of the three is what is left.
struct ShareSum {
    double self = 0, previous = 0, first = 0;
    int count = 0;

    FlowShares mean() const {
        FlowShares shares;
        if (count == 0) return shares;
        shares.self = self / count;
        shares.previous = previous / count;
        shares.first = first / count;
        shares.other = std::max(0.0, 1 - shares.self - shares.previous - shares.first);
        shares.is_valid = true;
        return shares;
    }
};

}  // namespace

std::vector<FlowShares> flow_shares(const AttentionTrace& trace) {
    std::vector<FlowShares> layers;
    std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries()));
    // Across two texts no key is the query itself or the one before it.
    if (trace.info().kind == AttentionKind::Cross)
        return std::vector<FlowShares>(static_cast<std::size_t>(trace.num_layers()));
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        ShareSum sum;
        for (int head = 0; head < trace.num_heads(); ++head) {
            trace.row_stats(layer, head, rows);
            for (std::size_t query = kFirstDisjointRow; query < rows.size(); ++query) {
                if (rows[query].num_keys == 0) continue;
                sum.self += rows[query].self;
                sum.previous += rows[query].previous;
                sum.first += rows[query].first;
                ++sum.count;
            }
        }
        layers.push_back(sum.mean());
    }
    return layers;
}

FlowShares uniform_flow_shares(const AttentionTrace& trace) {
    ShareSum sum;
    if (trace.info().kind == AttentionKind::Cross) return sum.mean();
    std::vector<float> row(static_cast<std::size_t>(trace.num_keys()));  // of units
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        for (int query = kFirstDisjointRow; query < trace.num_queries(); ++query) {
            const KeyRange keys = trace.admissible(layer, query);
            if (keys.count() <= 0) continue;
            if (trace.has_units()) trace.even_rows(layer, query, query + 1, row);
            const auto weight = [&](int key) {
                if (key < keys.begin || key >= keys.end) return 0.0;
                return trace.has_units() ? static_cast<double>(row[static_cast<std::size_t>(key)])
                                         : 1.0 / keys.count();
            };
            sum.self += weight(query);
            sum.previous += weight(query - 1);
            sum.first += weight(0);
            ++sum.count;
        }
    }
    return sum.mean();
}

}  // namespace headlight
