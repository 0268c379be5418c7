// Maximum flow through a layered graph; the graph library stays behind this wall.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace headlight {

/// A directed graph whose capacities are whole numbers, so that flows are exact and end in any order of
/// pushes.
class FlowGraph {
  public:
    explicit FlowGraph(std::size_t num_nodes);
    ~FlowGraph();
    FlowGraph(const FlowGraph&) = delete;
    FlowGraph& operator=(const FlowGraph&) = delete;

    /// Edges are numbered in the order in which they are added.
    void add_edge(std::size_t from, std::size_t to, std::int64_t capacity);

    /// Value of a maximum flow (push-relabel, Goldberg and Tarjan 1988).
    std::int64_t solve(std::size_t source, std::size_t sink);

    /// Adds the flow over each edge of the last solve() to totals [num_edges].
    void add_flows(std::vector<double>& totals) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace headlight
