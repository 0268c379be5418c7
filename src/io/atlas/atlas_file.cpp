// Reads atlas.json. The file may come from anyone: every count is held against the others, every text has a
// limit.
#include "io/atlas/atlas_file.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "base/mapped_file.h"
#include "io/atlas/atlas_json.h"
#include "io/json_file.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr std::size_t kMostFileBytes = std::size_t{256} << 20;
constexpr std::size_t kMostTextBytes = std::size_t{1} << 16;
constexpr std::int64_t kMostLayers = 1 << 12, kMostHeads = 1 << 12;
constexpr std::size_t kMostDetectors = 4096, kMostItems = std::size_t{1} << 20;
constexpr std::int64_t kMostWordOffset = 1 << 16;
constexpr std::size_t kMostExampleTokens = 1 << 14, kMostExamples = 4096;

/// Reads values out of JSON objects and remembers the first thing that was wrong, so that a whole atlas can
/// be read in straight lines and checked once at the end of each part.
class AtlasReader {
  public:
    explicit AtlasReader(std::string file) : file_(std::move(file)) {}

    bool is_sound() const { return !error_; }
    Error take_error() { return std::move(*error_); }
    void refuse(const std::string& key, const std::string& what) {
        if (error_) return;
        error_ = make_error(ErrorKind::Corrupt,
                            "this atlas cannot be read: {}; scan again or fetch the file again", what)
                     .in_file(file_)
                     .at_tensor(key);
    }

    std::string text(const json& from, const char* key) {
        const json* value = find(from, key);
        if (value == nullptr) return {};
        if (!value->is_string() || value->get_ref<const std::string&>().size() > kMostTextBytes) {
            refuse(key, fmt::format("expected a text of at most {} bytes", kMostTextBytes));
            return {};
        }
        return value->get<std::string>();
    }
    std::int64_t integer(const json& from, const char* key, std::int64_t least, std::int64_t most) {
        const json* value = find(from, key);
        if (value == nullptr) return least;
        std::int64_t found = 0;
        const bool fits =
            value->is_number_integer() &&
            !(value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{INT64_MAX}) &&
            (found = value->get<std::int64_t>()) >= least && found <= most;
        if (!fits) refuse(key, fmt::format("expected an integer from {} to {}", least, most));
        return fits ? found : least;
    }
    std::uint64_t seed(const json& from, const char* key) {
        const json* value = find(from, key);
        if (value == nullptr) return 0;
        if (!value->is_number_unsigned()) {
            refuse(key, "expected an integer that is not negative");
            return 0;
        }
        return value->get<std::uint64_t>();
    }
    bool flag(const json& from, const char* key) {
        const json* value = find(from, key);
        if (value == nullptr) return false;
        if (!value->is_boolean()) refuse(key, "expected true or false");
        return value->is_boolean() && value->get<bool>();
    }
    double real(const json& from, const char* key) {
        const std::optional<double> value = number(from, key);
        if (!value) refuse(key, "expected a number");
        return value.value_or(0);
    }
    /// A number, or nothing where it is null or not there.
    std::optional<double> number(const json& from, const char* key) {
        const auto found = from.find(key);
        if (found == from.end() || found->is_null()) return std::nullopt;
        return value_of(*found, key);
    }
    std::optional<double> value_of(const json& value, const std::string& key) {
        if (value.is_null()) return std::nullopt;
        if (!value.is_number() || !std::isfinite(value.get<double>())) {
            refuse(key, "expected a number or null");
            return std::nullopt;
        }
        return value.get<double>();
    }
    /// The array under `key`, each element an object when `of_objects`; an empty one when something is wrong.
    const json& list(const json& from, const char* key, std::size_t most, bool of_objects) {
        static const json kEmpty = json::array();
        const json* value = find(from, key);
        if (value == nullptr) return kEmpty;
        if (!value->is_array() || value->size() > most) {
            refuse(key, fmt::format("expected a list of at most {} items", most));
            return kEmpty;
        }
        for (const json& item : *value) {
            if (of_objects ? item.is_object() : !item.is_object()) continue;
            refuse(key, "the list holds an item of the wrong kind");
            return kEmpty;
        }
        return *value;
    }
    const json& object(const json& from, const char* key) {
        static const json kEmpty = json::object();
        const json* value = find(from, key);
        if (value == nullptr) return kEmpty;
        if (!value->is_object()) refuse(key, "expected an object");
        return value->is_object() ? *value : kEmpty;
    }
    std::vector<std::string> texts(const json& from, const char* key, std::size_t most) {
        std::vector<std::string> out;
        for (const json& item : list(from, key, most, false)) {
            if (!item.is_string() || item.get_ref<const std::string&>().size() > kMostTextBytes) {
                refuse(key, "expected a list of texts");
                return {};
            }
            out.push_back(item.get<std::string>());
        }
        return out;
    }

  private:
    const json* find(const json& from, const char* key) {
        const auto found = from.find(key);
        if (found != from.end()) return &*found;
        refuse(key, "a key is missing");
        return nullptr;
    }
    std::string file_;
    std::optional<Error> error_;
};

int count(AtlasReader& reader, const json& from, const char* key,
          std::int64_t most = std::numeric_limits<int>::max()) {
    return static_cast<int>(reader.integer(from, key, 0, most));
}

void read_facts(AtlasReader& reader, const json& from, Atlas& atlas) {
    atlas.headlight_version = reader.text(from, "headlight_version");
    atlas.model = reader.text(from, "model");
    atlas.family = reader.text(from, "family");
    atlas.dtype = reader.text(from, "dtype");
    atlas.model_path = reader.text(from, "model_path");
    atlas.num_layers = static_cast<int>(reader.integer(from, "layers", 1, kMostLayers));
    atlas.num_heads = static_cast<int>(reader.integer(from, "heads_per_layer", 1, kMostHeads));
    atlas.corpus = reader.texts(from, "corpus", kMostItems);
    atlas.num_corpus_bytes =
        reader.integer(from, "corpus_bytes", 0, std::numeric_limits<std::int64_t>::max());
    atlas.seed = reader.seed(from, "seed");
    atlas.sequence_length = count(reader, from, "sequence_length");
    atlas.num_discovery = count(reader, from, "discovery_sequences");
    atlas.num_confirmation = count(reader, from, "confirmation_sequences");
    atlas.probes = reader.texts(from, "probes", 64);
    atlas.methods = reader.text(from, "methods");
}

void read_small_lists(AtlasReader& reader, const json& from, Atlas& atlas) {
    for (const json& item : reader.list(from, "detectors", kMostDetectors, true)) {
        AtlasDetector& detector = atlas.detectors.emplace_back();
        detector.id = reader.text(item, "id");
        detector.label = reader.text(item, "label");
        detector.definition = reader.text(item, "definition");
        detector.source = reader.text(item, "source");
        detector.is_content = reader.flag(item, "content");
        detector.threshold = reader.real(item, "threshold");
        detector.measured_on = reader.text(item, "measured_on");
    }
    for (const json& item : reader.list(from, "answers", 256, true))
        atlas.answers.push_back({reader.text(item, "question"), reader.text(item, "answer")});
    for (const json& item : reader.list(from, "controls", 256, true)) {
        AtlasControl& control = atlas.controls.emplace_back();
        control.name = reader.text(item, "name");
        for (const auto& field : atlas_json::kControlFields)
            control.*field.value = count(reader, item, field.name);
    }
}

AtlasExample read_example(AtlasReader& reader, const json& from) {
    AtlasExample example;
    example.document = reader.text(from, "document");
    example.first_token = reader.integer(from, "first_token", 0, std::numeric_limits<std::int64_t>::max());
    example.tokens = reader.texts(from, "tokens", kMostExampleTokens);
    const auto num_tokens = static_cast<std::int64_t>(example.tokens.size());
    example.query =
        static_cast<int>(reader.integer(from, "query", 0, std::max<std::int64_t>(0, num_tokens - 1)));
    example.score = reader.real(from, "score");
    example.decile = static_cast<int>(reader.integer(from, "decile", -1, 9));
    for (const json& weight : reader.list(from, "weights", example.tokens.size(), false))
        example.weights.push_back(static_cast<float>(reader.value_of(weight, "weights").value_or(0)));
    return example;
}

/// Layer and head must be those of the place in the list: everything is looked up by place.
HeadId read_place(AtlasReader& reader, const json& from, const Atlas& atlas, std::size_t place,
                  const char* list) {
    const HeadId head{count(reader, from, "layer", kMostLayers), count(reader, from, "head", kMostHeads)};
    if (head != atlas.grid().at(place))
        reader.refuse(list, fmt::format("{} stands where another head is expected", head.to_string()));
    return head;
}

void read_heads(AtlasReader& reader, const json& from, Atlas& atlas) {
    for (const json& item : reader.list(from, "heads", kMostItems, true)) {
        if (!reader.is_sound()) return;
        AtlasHead head;
        head.head = read_place(reader, item, atlas, atlas.heads.size(), "heads");
        head.shape = reader.text(item, "shape");
        head.best_detector = reader.text(item, "best_detector");
        const json& metrics = reader.object(item, "metrics");
        for (const auto& metric : metrics.items())
            head.metrics[metric.key()] = reader.value_of(metric.value(), metric.key());
        for (const json& example : reader.list(item, "examples", kMostExamples, true))
            head.examples.push_back(read_example(reader, example));
        atlas.heads.push_back(std::move(head));
    }
    const std::size_t wanted = atlas.grid().size();
    if (atlas.heads.size() != wanted)
        reader.refuse("heads", fmt::format("{} heads are listed, {} layers x {} heads need {}",
                                           atlas.heads.size(), atlas.num_layers, atlas.num_heads, wanted));
}

AtlasScore read_score(AtlasReader& reader, const json& from, const char* key) {
    AtlasScore score;
    const json& item = reader.object(from, key);
    score.num_sequences = count(reader, item, "sequences");
    for (const auto& field : atlas_json::kScoreFields)
        score.*field.value = reader.number(item, field.name);
    return score;
}

void read_entries(AtlasReader& reader, const json& from, Atlas& atlas) {
    const std::size_t wanted = atlas.heads.size() * atlas.detectors.size();
    for (const json& item : reader.list(from, "entries", kMostItems * 16, true)) {
        if (!reader.is_sound() || atlas.entries.size() == wanted) break;
        const std::size_t place = atlas.entries.size();
        AtlasEntry entry;
        entry.head = read_place(reader, item, atlas, place / atlas.detectors.size(), "entries");
        entry.detector = reader.text(item, "detector");
        if (entry.detector != atlas.detectors[place % atlas.detectors.size()].id)
            reader.refuse("entries",
                          fmt::format("detector '{}' stands where another is expected", entry.detector));
        entry.discovery = read_score(reader, item, "discovery");
        entry.confirmation = read_score(reader, item, "confirmation");
        for (const auto& field : atlas_json::kEntryFields)
            entry.*field.value = reader.number(item, field.name);
        entry.is_tagged = reader.flag(item, "tagged");
        entry.reason = reader.text(item, "reason");
        atlas.entries.push_back(std::move(entry));
    }
    const std::size_t found = reader.list(from, "entries", kMostItems * 16, true).size();
    if (found != wanted)
        reader.refuse("entries", fmt::format("{} entries are listed, {} heads x {} detectors need {}", found,
                                             atlas.heads.size(), atlas.detectors.size(), wanted));
}

/// Gold syntax, where the scan read any.
void read_relations(AtlasReader& reader, const json& from, Atlas& atlas) {
    const json& syntax = reader.object(from, "syntax");
    atlas.conllu = reader.texts(syntax, "files", kMostItems);
    atlas.num_sentences_discovery = count(reader, syntax, "discovery_sentences");
    atlas.num_sentences_confirmation = count(reader, syntax, "confirmation_sentences");
    for (const json& item : reader.list(from, "relations", kMostDetectors, true)) {
        AtlasRelation& relation = atlas.relations.emplace_back();
        relation.name = reader.text(item, "name");
        relation.num_sentences = count(reader, item, "sentences");
        relation.num_pairs = count(reader, item, "pairs");
        relation.null = reader.real(item, "null");
        relation.baseline = reader.real(item, "baseline");
        relation.baseline_offset =
            static_cast<int>(reader.integer(item, "baseline_offset", -kMostWordOffset, kMostWordOffset));
    }
    const std::size_t wanted = atlas.grid().size() * atlas.relations.size();
    const json& entries = reader.list(from, "relation_entries", kMostItems * 16, true);
    if (entries.size() != wanted)
        reader.refuse("relation_entries",
                      fmt::format("{} entries are listed, {} heads x {} relations need {}", entries.size(),
                                  atlas.heads.size(), atlas.relations.size(), wanted));
    for (const json& item : entries) {
        if (!reader.is_sound()) return;
        const std::size_t place = atlas.relation_entries.size();
        AtlasRelationEntry& entry = atlas.relation_entries.emplace_back();
        entry.head = read_place(reader, item, atlas, place / atlas.relations.size(), "relation_entries");
        entry.relation = reader.text(item, "relation");
        if (entry.relation != atlas.relations[place % atlas.relations.size()].name)
            reader.refuse("relation_entries",
                          fmt::format("relation '{}' stands where another is expected", entry.relation));
        entry.score = reader.real(item, "score");
        for (const auto& field : atlas_json::kRelationEntryFields)
            entry.*field.value = reader.number(item, field.name);
        entry.is_tagged = reader.flag(item, "tagged");
        entry.reason = reader.text(item, "reason");
    }
}

std::string atlas_path(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored)
               ? (std::filesystem::path(path) / "atlas.json").string()
               : path;
}

}  // namespace

bool is_atlas(const std::string& path) {
    const std::string head = first_bytes(atlas_path(path), 4096);
    return head.starts_with('{') &&
           head.find(fmt::format("\"{}\"", atlas_json::kFormat)) != std::string::npos;
}

Result<Atlas> read_atlas(const std::string& path) {
    const std::string file = atlas_path(path);
    HEADLIGHT_TRY(const json from, read_json_file(file, kMostFileBytes));
    AtlasReader reader(file);
    if (!from.is_object() || from.value("format", json()) != atlas_json::kFormat) {
        return fail(make_error(ErrorKind::Corrupt, "this JSON file is no atlas; `headlight scan` writes them")
                        .in_file(file));
    }
    if (reader.integer(from, "version", 1, std::numeric_limits<int>::max()) > atlas_json::kVersion) {
        return fail(
            make_error(ErrorKind::Unsupported,
                       "this atlas was written by a newer Headlight (version {} of the format, {} is known); "
                       "update Headlight to open it",
                       from["version"].get<std::int64_t>(), atlas_json::kVersion)
                .in_file(file));
    }
    Atlas atlas;
    read_facts(reader, from, atlas);
    read_small_lists(reader, from, atlas);
    if (reader.is_sound()) read_heads(reader, from, atlas);
    if (reader.is_sound()) read_entries(reader, from, atlas);
    if (reader.is_sound() && from.contains("syntax")) read_relations(reader, from, atlas);
    if (!reader.is_sound()) return fail(reader.take_error());
    return atlas;
}

}  // namespace headlight
