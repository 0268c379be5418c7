// Writes atlas.json: keys in a fixed order, one line per head, entry and example list, so that two atlases
// can be compared line by line.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "io/atlas/atlas_file.h"
#include "io/atlas/atlas_json.h"

namespace headlight {
namespace {

using AtlasJson = nlohmann::ordered_json;

AtlasJson number(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? AtlasJson(*value) : AtlasJson(nullptr);
}

std::string line(const AtlasJson& json) {
    return json.dump(-1, ' ', false, AtlasJson::error_handler_t::replace);
}

AtlasJson detector_json(const AtlasDetector& detector) {
    return {{"id", detector.id},
            {"label", detector.label},
            {"definition", detector.definition},
            {"source", detector.source},
            {"content", detector.is_content},
            {"threshold", detector.threshold},
            {"measured_on", detector.measured_on}};
}

AtlasJson score_json(const AtlasScore& score) {
    AtlasJson json = {{"sequences", score.num_sequences}};
    if (score.num_sequences == 0) return json;
    for (const auto& field : atlas_json::kScoreFields)
        json[field.name] = number(score.*field.value);
    return json;
}

AtlasJson entry_json(const AtlasEntry& entry) {
    AtlasJson json = {{"layer", entry.head.layer},
                      {"head", entry.head.head},
                      {"detector", entry.detector},
                      {"tagged", entry.is_tagged},
                      {"discovery", score_json(entry.discovery)},
                      {"confirmation", score_json(entry.confirmation)}};
    for (const auto& field : atlas_json::kEntryFields) {
        if (entry.*field.value) json[field.name] = number(entry.*field.value);
    }
    json["reason"] = entry.reason;
    return json;
}

AtlasJson example_json(const AtlasExample& example) {
    AtlasJson weights = AtlasJson::array();
    // Six digits are more than a picture needs and keep the file a third of the size.
    for (const float weight : example.weights)
        weights.push_back(std::isfinite(weight)
                              ? AtlasJson(std::round(static_cast<double>(weight) * 1e6) / 1e6)
                              : AtlasJson(nullptr));
    return {{"document", example.document}, {"first_token", example.first_token}, {"query", example.query},
            {"score", example.score},       {"decile", example.decile},           {"tokens", example.tokens},
            {"weights", std::move(weights)}};
}

AtlasJson head_json(const AtlasHead& head) {
    AtlasJson metrics = AtlasJson::object();
    for (const auto& [id, value] : head.metrics)
        metrics[id] = number(value);
    AtlasJson examples = AtlasJson::array();
    for (const AtlasExample& example : head.examples)
        examples.push_back(example_json(example));
    return {{"layer", head.head.layer},      {"head", head.head.head},
            {"shape", head.shape},           {"best_detector", head.best_detector},
            {"metrics", std::move(metrics)}, {"examples", std::move(examples)}};
}

AtlasJson control_json(const AtlasControl& control) {
    AtlasJson json = {{"name", control.name}};
    for (const auto& field : atlas_json::kControlFields)
        json[field.name] = control.*field.value;
    return json;
}

AtlasJson relation_json(const AtlasRelation& relation) {
    return {{"name", relation.name},         {"sentences", relation.num_sentences},
            {"pairs", relation.num_pairs},   {"null", relation.null},
            {"baseline", relation.baseline}, {"baseline_offset", relation.baseline_offset}};
}

AtlasJson relation_entry_json(const AtlasRelationEntry& entry) {
    AtlasJson json = {{"layer", entry.head.layer},
                      {"head", entry.head.head},
                      {"relation", entry.relation},
                      {"tagged", entry.is_tagged},
                      {"score", entry.score}};
    for (const auto& field : atlas_json::kRelationEntryFields) {
        if (entry.*field.value) json[field.name] = number(entry.*field.value);
    }
    json["reason"] = entry.reason;
    return json;
}

AtlasJson syntax_json(const Atlas& atlas) {
    return {{"files", atlas.conllu},
            {"discovery_sentences", atlas.num_sentences_discovery},
            {"confirmation_sentences", atlas.num_sentences_confirmation}};
}

/// The facts that are one value each, a line each.
AtlasJson facts_json(const Atlas& atlas) {
    return {{"format", atlas_json::kFormat},
            {"version", atlas_json::kVersion},
            {"headlight_version", atlas.headlight_version},
            {"model", atlas.model},
            {"family", atlas.family},
            {"dtype", atlas.dtype},
            {"model_path", atlas.model_path},
            {"layers", atlas.num_layers},
            {"heads_per_layer", atlas.num_heads},
            {"corpus", atlas.corpus},
            {"corpus_bytes", atlas.num_corpus_bytes},
            {"seed", atlas.seed},
            {"sequence_length", atlas.sequence_length},
            {"discovery_sequences", atlas.num_discovery},
            {"confirmation_sequences", atlas.num_confirmation},
            {"probes", atlas.probes},
            {"methods", atlas.methods}};
}

template <class Items, class ToJson>
void append_list(std::string& out, const char* name, const Items& items, const ToJson& to_json) {
    out += fmt::format(",\n\"{}\": [", name);
    bool is_first = true;
    for (const auto& item : items) {
        out += is_first ? "\n" : ",\n";
        is_first = false;
        out += line(to_json(item));
    }
    out += is_first ? "]" : "\n]";
}

}  // namespace

Status write_atlas(const std::string& path, const Atlas& atlas) {
    std::string out = "{";
    bool is_first = true;
    const AtlasJson facts = facts_json(atlas);
    for (const auto& [key, value] : facts.items()) {
        out += is_first ? "\n" : ",\n";
        is_first = false;
        out += "\"" + key + "\": " + line(value);
    }
    append_list(out, "detectors", atlas.detectors, detector_json);
    append_list(out, "answers", atlas.answers, [](const AtlasAnswer& answer) {
        return AtlasJson{{"question", answer.question}, {"answer", answer.answer}};
    });
    append_list(out, "controls", atlas.controls, control_json);
    append_list(out, "heads", atlas.heads, head_json);
    append_list(out, "entries", atlas.entries, entry_json);
    if (!atlas.conllu.empty()) {
        out += ",\n\"syntax\": " + line(syntax_json(atlas));
        append_list(out, "relations", atlas.relations, relation_json);
        append_list(out, "relation_entries", atlas.relation_entries, relation_entry_json);
    }
    return write_file_atomic(path, out + "\n}\n");
}

}  // namespace headlight
