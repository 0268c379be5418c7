#include "run/cause/circuit_layout.h"

#include <algorithm>
#include <map>

namespace headlight {
namespace {

/// Mean place of what reads the head; the middle where nothing does.
double place_of_readers(const CircuitGraph& graph, const CircuitLayout& layout, HeadId head) {
    double sum = 0;
    int count = 0;
    for (const CircuitEdge& edge : graph.edges) {
        if (edge.from != head) continue;
        sum += layout.nodes[layout.index_of(edge.to)].x;
        ++count;
    }
    return count > 0 ? sum / count : 0.5;
}

}  // namespace

std::size_t CircuitLayout::index_of(const std::optional<HeadId>& head) const {
    const auto found =
        std::find_if(nodes.begin(), nodes.end(), [&](const PlacedNode& node) { return node.head == head; });
    return static_cast<std::size_t>(found - nodes.begin());
}

CircuitLayout lay_out_circuit(const CircuitGraph& graph) {
    CircuitLayout out;
    std::map<int, std::vector<std::size_t>> rows;  // by layer
    for (const HeadId head : graph.heads()) {
        rows[head.layer].push_back(out.nodes.size());
        out.nodes.push_back({head, 0.5, 0});
    }
    int row = 0;
    for (auto& [layer, members] : rows) {
        for (const std::size_t index : members)
            out.nodes[index].row = row;
        ++row;
    }
    out.nodes.push_back({std::nullopt, 0.5, row});
    out.num_rows = row + 1;
    for (auto layer = rows.rbegin(); layer != rows.rend(); ++layer) {
        std::vector<std::pair<double, std::size_t>> order;
        for (const std::size_t index : layer->second)
            order.emplace_back(place_of_readers(graph, out, *out.nodes[index].head), index);
        std::stable_sort(order.begin(), order.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        for (std::size_t i = 0; i < order.size(); ++i)
            out.nodes[order[i].second].x = (static_cast<double>(i) + 0.5) / static_cast<double>(order.size());
    }
    return out;
}

}  // namespace headlight
