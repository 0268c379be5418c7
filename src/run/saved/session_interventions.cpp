// Replaced attention in a session file.
#include <cmath>

#include "run/saved/session_parts.h"

namespace headlight {
namespace {

constexpr std::size_t kMostChanges = 65'536, kMostChangedHeads = 65'536, kMostCutEdges = 1'000'000;
constexpr std::size_t kMostValues = std::size_t{1} << 22;  // of all patterns and of all outputs
constexpr std::size_t kMostSide = 4096;                    // of a pattern

SessionJson head_json(HeadId head) {
    return SessionJson::array({head.layer, head.head});
}

/// Two whole numbers.
bool read_pair(const nlohmann::json& entry, std::int64_t most, int& first, int& second) {
    const auto is_good = [most](const nlohmann::json& value) {
        return value.is_number_integer() && value.get<std::int64_t>() >= 0 &&
               value.get<std::int64_t>() <= most;
    };
    if (!entry.is_array() || entry.size() != 2 || !is_good(entry[0]) || !is_good(entry[1])) return false;
    first = entry[0].get<int>();
    second = entry[1].get<int>();
    return true;
}

/// A row of finite numbers; `room` is what is left of kMostValues.
bool read_row(const nlohmann::json& row, std::vector<float>& out, std::size_t& room) {
    if (!row.is_array() || row.size() > room) return false;
    room -= row.size();
    for (const nlohmann::json& value : row) {
        const float number = value.is_number() ? value.get<float>() : NAN;
        if (!std::isfinite(number)) return false;
        out.push_back(number);
    }
    return true;
}

bool read_pattern(const nlohmann::json& rows, Matrix& out, std::size_t& room) {
    if (!rows.is_array() || rows.empty() || rows.size() > kMostSide || !rows[0].is_array()) return false;
    out.rows = static_cast<std::int64_t>(rows.size());
    out.cols = static_cast<std::int64_t>(rows[0].size());
    for (const nlohmann::json& row : rows) {
        if (!row.is_array() || row.size() != rows[0].size() || !read_row(row, out.values, room)) return false;
    }
    return out.cols > 0;
}

void read_heads(JsonFields& fields, std::vector<HeadId>& out) {
    const auto* list = fields.list("heads", kMostChangedHeads);
    for (std::size_t i = 0; list && i < list->size(); ++i) {
        HeadId head;
        if (!read_pair((*list)[i], kMostHeadIndex, head.layer, head.head))
            return fields.blame("heads", "a list of [layer, head]");
        out.push_back(head);
    }
}

void read_edges(JsonFields& fields, std::vector<Edge>& out, std::size_t& room) {
    const auto* list = fields.list("edges", room);
    for (std::size_t i = 0; list && i < list->size(); ++i) {
        Edge edge;
        if (!read_pair((*list)[i], kMostTokenIndex, edge.query, edge.key))
            return fields.blame("edges", "a list of [query, key]");
        out.push_back(edge);
    }
    if (list) room -= list->size();
}

struct Room {
    std::size_t values = kMostValues, edges = kMostCutEdges;
};

Intervention read_change(JsonFields fields, Room& room) {
    Intervention out;
    fields.word("mode", intervention_mode, out.mode);
    if (!fields.find("mode")) fields.blame("mode", "the name of a mode");
    read_heads(fields, out.heads);
    fields.counts("mlp_layers", kMostChangedHeads, 0, kMostHeadIndex, out.mlp_layers);
    fields.count("window", 0, kMostTokenIndex, out.window);
    fields.number("factor", -1e6, 1e6, out.factor);
    read_edges(fields, out.edges, room.edges);
    const auto* patterns = fields.list("patterns", kMostChangedHeads);
    for (std::size_t i = 0; patterns && i < patterns->size() && fields.is_good(); ++i) {
        if (!read_pattern((*patterns)[i], out.patterns.emplace_back(), room.values))
            fields.blame("patterns", "a list of rows of equally many finite numbers");
    }
    const auto* outputs = fields.list("outputs", kMostChangedHeads);
    for (std::size_t i = 0; outputs && i < outputs->size() && fields.is_good(); ++i) {
        if (!read_row((*outputs)[i], out.outputs.emplace_back(), room.values))
            fields.blame("outputs", "a list of finite numbers for each head");
    }
    if (out.heads.empty() && out.mlp_layers.empty()) fields.blame("heads", "not empty");
    if (out.mode == InterventionMode::Pattern && out.patterns.size() != 1 &&
        out.patterns.size() != out.heads.size())
        fields.blame("patterns", "one for all heads, or one for each");
    if (out.mode == InterventionMode::MeanOutput && !out.outputs.empty() &&
        out.outputs.size() != out.heads.size())
        fields.blame("outputs", "one for each head");
    return out;
}

}  // namespace

SessionJson interventions_json(const Interventions& changes) {
    SessionJson out = SessionJson::array();
    for (const Intervention& change : changes) {
        SessionJson& entry = out.emplace_back();
        entry["mode"] = to_string(change.mode);
        for (const HeadId head : change.heads)
            entry["heads"].push_back(head_json(head));
        if (!change.mlp_layers.empty()) entry["mlp_layers"] = change.mlp_layers;
        if (change.mode == InterventionMode::LocalWindow) entry["window"] = change.window;
        if (change.mode == InterventionMode::Scale) entry["factor"] = change.factor;
        for (const Edge& edge : change.edges)
            entry["edges"].push_back(SessionJson::array({edge.query, edge.key}));
        for (const Matrix& pattern : change.patterns) {
            SessionJson& rows = entry["patterns"].emplace_back(SessionJson::array());
            for (std::int64_t row = 0; row < pattern.rows; ++row)
                rows.push_back(std::vector<float>(pattern.row(row).begin(), pattern.row(row).end()));
        }
        for (const std::vector<float>& output : change.outputs)
            entry["outputs"].push_back(output);
    }
    return out;
}

InterventionsPtr read_interventions(JsonFields& file, const char* key) {
    const auto* list = file.list(key, kMostChanges);
    if (!list || list->empty()) return nullptr;
    Interventions out;
    Room room;
    for (std::size_t i = 0; i < list->size() && file.is_good(); ++i)
        out.push_back(read_change(file.inside((*list)[i], key, i), room));
    return std::make_shared<const Interventions>(std::move(out));
}

}  // namespace headlight
