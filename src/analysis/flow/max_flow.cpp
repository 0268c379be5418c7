#include "analysis/flow/max_flow.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>

namespace headlight {
namespace {

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
using EdgeProperties =
    boost::property<boost::edge_capacity_t, std::int64_t,
                    boost::property<boost::edge_residual_capacity_t, std::int64_t,
                                    boost::property<boost::edge_reverse_t, Traits::edge_descriptor>>>;
using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property, EdgeProperties>;

}  // namespace

struct FlowGraph::Impl {
    explicit Impl(std::size_t num_nodes) : graph(num_nodes) {}
    Graph graph;
    std::vector<Traits::edge_descriptor> edges;
};

FlowGraph::FlowGraph(std::size_t num_nodes) : impl_(std::make_unique<Impl>(num_nodes)) {}
FlowGraph::~FlowGraph() = default;

void FlowGraph::add_edge(std::size_t from, std::size_t to, std::int64_t capacity) {
    Graph& graph = impl_->graph;
    const auto there = boost::add_edge(from, to, graph).first;
    const auto back = boost::add_edge(to, from, graph).first;
    boost::put(boost::edge_capacity, graph, there, capacity);
    boost::put(boost::edge_capacity, graph, back, std::int64_t{0});
    boost::put(boost::edge_reverse, graph, there, back);
    boost::put(boost::edge_reverse, graph, back, there);
    impl_->edges.push_back(there);
}

std::int64_t FlowGraph::solve(std::size_t source, std::size_t sink) {
    return boost::push_relabel_max_flow(impl_->graph, source, sink);
}

void FlowGraph::add_flows(std::vector<double>& totals) const {
    const Graph& graph = impl_->graph;
    for (std::size_t i = 0; i < impl_->edges.size(); ++i) {
        const auto flow = boost::get(boost::edge_capacity, graph, impl_->edges[i]) -
                          boost::get(boost::edge_residual_capacity, graph, impl_->edges[i]);
        totals[i] += static_cast<double>(std::max(std::int64_t{0}, flow));
    }
}

}  // namespace headlight
