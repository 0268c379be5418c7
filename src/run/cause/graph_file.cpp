#include "run/cause/graph_file.h"

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "io/json_file.h"

namespace headlight {
namespace {

constexpr const char* kFormat = "headlight circuit";
constexpr std::size_t kMostGraphBytes = std::size_t{64} << 20, kMostGraphEdges = 100000;
constexpr int kMostNumber = 1 << 20;  // of a layer or a head in a file

nlohmann::ordered_json head_pair(HeadId head) {
    return nlohmann::ordered_json::array({head.layer, head.head});
}

Result<HeadId> read_head(const nlohmann::json& json) {
    if (json.is_array() && json.size() == 2 && json[0].is_number_unsigned() && json[1].is_number_unsigned() &&
        json[0] < kMostNumber && json[1] < kMostNumber)
        return HeadId{json[0].get<int>(), json[1].get<int>()};
    return fail(ErrorKind::Corrupt, "a head is [layer, head], found {}", json.dump().substr(0, 60));
}

Result<CircuitEdge> read_edge(const nlohmann::json& json) {
    if (!json.is_object() || !json.contains("from") || !json.contains("effect") ||
        !json["effect"].is_number())
        return fail(ErrorKind::Corrupt, "an edge needs \"from\" and a number \"effect\"");
    CircuitEdge edge;
    HEADLIGHT_TRY(edge.from, read_head(json["from"]));
    if (json.contains("to") && !json["to"].is_null()) {
        HEADLIGHT_TRY(edge.to, read_head(json["to"]));
    }
    const std::string input = json.value("input", nlohmann::json("q")).is_string() && edge.to
                                  ? json.value("input", std::string("q"))
                                  : "q";
    edge.input = input == "k" ? PathInput::Key : input == "v" ? PathInput::Value : PathInput::Query;
    edge.effect = json["effect"];
    if (json.contains("chance") && json["chance"].is_number()) edge.chance = json["chance"];
    return edge;
}

std::string text_or_empty(const nlohmann::json& json, const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

Result<CircuitGraph> parse_graph(const nlohmann::json& json) {
    if (!json.is_object() || text_or_empty(json, "format") != kFormat || !json.contains("edges") ||
        !json["edges"].is_array())
        return fail(ErrorKind::Corrupt, "this is no circuit: expected \"format\": \"{}\" and \"edges\"",
                    kFormat);
    if (json["edges"].size() > kMostGraphEdges)
        return fail(ErrorKind::Corrupt, "{} edges, at most {} are read", json["edges"].size(),
                    kMostGraphEdges);
    CircuitGraph graph;
    graph.model = text_or_empty(json, "model");
    graph.family = text_or_empty(json, "family");
    graph.question = text_or_empty(json, "question");
    graph.freezes_mlps = text_or_empty(json, "mlp") == "frozen";
    if (json.contains("threshold") && json["threshold"].is_number()) graph.threshold = json["threshold"];
    for (const auto& edge : json["edges"]) {
        HEADLIGHT_TRY(CircuitEdge read, read_edge(edge));
        graph.edges.push_back(std::move(read));
    }
    return graph;
}

}  // namespace

nlohmann::ordered_json graph_json(const CircuitGraph& graph) {
    nlohmann::ordered_json edges = nlohmann::ordered_json::array();
    for (const CircuitEdge& edge : graph.edges)
        edges.push_back({{"from", head_pair(edge.from)},
                         {"to", edge.to ? head_pair(*edge.to) : nlohmann::ordered_json(nullptr)},
                         {"input", edge.to ? nlohmann::ordered_json(to_string(edge.input))
                                           : nlohmann::ordered_json(nullptr)},
                         {"effect", edge.effect},
                         {"chance", edge.chance}});
    return {{"format", kFormat},
            {"model", graph.model},
            {"family", graph.family},
            {"question", graph.question},
            {"clean", graph.clean},
            {"corrupted", graph.corrupted},
            {"mlp", graph.freezes_mlps ? "frozen" : "recompute"},
            {"threshold", graph.threshold},
            {"stopped", graph.was_stopped},
            {"edges", std::move(edges)}};
}

Result<CircuitGraph> read_graph(const std::string& path) {
    HEADLIGHT_TRY(const nlohmann::json json, read_json_file(path, kMostGraphBytes));
    Result<CircuitGraph> graph = parse_graph(json);
    if (!graph) {
        Error error = std::move(graph).error();
        return fail(std::move(error).in_file(path));
    }
    return graph;
}

Status write_graph(const std::string& path, const CircuitGraph& graph) {
    return write_file_atomic(path, graph_json(graph).dump(1) + "\n");
}

}  // namespace headlight
