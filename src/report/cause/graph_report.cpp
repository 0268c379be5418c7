#include "report/cause/graph_report.h"

#include <fmt/format.h>

namespace headlight {
namespace {

std::string end_name(const CircuitEdge& edge) {
    return edge.to ? fmt::format("{} {}", edge.to->to_string(), to_string(edge.input)) : "logits";
}

}  // namespace

std::string graph_text(const CircuitGraph& graph) {
    std::string out = fmt::format(
        "{}\n{} heads, {} direct paths that move at least {:.1f} % of the gap, feed-forward parts {}\n\n",
        graph.question, graph.heads().size(), graph.edges.size(), 100 * graph.threshold,
        graph.freezes_mlps ? "fixed" : "recomputed");
    for (const CircuitEdge& edge : graph.edges)
        out += fmt::format("  {:<8} -> {:<10} {:+.3f}   (95 % of senders below {:.3f})\n",
                           edge.from.to_string(), end_name(edge), edge.effect, edge.chance);
    if (graph.edges.empty()) out += "  no path reaches the threshold; lower --threshold\n";
    out +=
        "\n+ : the answer loses when the corrupted value takes this path; - : it gains. Effects do not add "
        "up.\n"
        "One pair of prompts: no claim about others, nor that this is \"the circuit\".\n";
    if (graph.was_stopped) out += "Stopped before all was measured.\n";
    return out;
}

std::string compared_graphs_text(const CircuitGraph& a, const CircuitGraph& b) {
    std::string out = fmt::format("A: {} ({})\nB: {} ({})\n\n  {:<8}    {:<10} {:>8} {:>8} {:>8}\n",
                                  a.question, a.model, b.question, b.model, "from", "to", "A", "B", "A - B");
    const auto cell = [](const std::optional<double>& effect) {
        return effect ? fmt::format("{:+.3f}", *effect) : std::string("–");
    };
    for (const EdgePair& pair : compare_circuits(a, b))
        out += fmt::format("  {:<8} -> {:<10} {:>8} {:>8} {:>+8.3f}\n", pair.edge.from.to_string(),
                           end_name(pair.edge), cell(pair.a), cell(pair.b),
                           pair.a.value_or(0) - pair.b.value_or(0));
    out +=
        fmt::format("\n–: below that circuit's threshold ({:.1f} % and {:.1f} % of the gap), counted as 0\n",
                    100 * a.threshold, 100 * b.threshold);
    return out;
}

}  // namespace headlight
