// The facts of a scan as the header of its journals.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analysis/metric.h"
#include "io/json_file.h"
#include "study/rules/rule_files.h"
#include "study/rules/rule_patterns.h"
#include "study/scan/plan.h"

namespace headlight {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::size_t kMostItems = 10'000'000;

Json items_json(const std::vector<ScanItem>& items) {
    Json out = Json::array();
    for (const ScanItem& item : items)
        out.push_back({static_cast<int>(item.part), item.number, item.model});
    return out;
}

bool read_items(const Json& from, std::vector<ScanItem>& items) {
    if (!from.is_array() || from.size() > kMostItems) return false;
    for (const Json& item : from) {
        if (!item.is_array() || item.size() != 3) return false;
        const int part = item[0].get<int>();
        if (part < 0 || part >= kNumScanParts) return false;
        items.push_back({static_cast<ScanPart>(part), item[1].get<int>(), item[2].get<int>()});
        if (items.back().number < 0 || items.back().model < -1) return false;
    }
    return true;
}

Json rules_json(const std::vector<OwnRule>& rules) {
    Json out = Json::array();
    for (const OwnRule& rule : rules)
        out.push_back({{"name", rule.name}, {"rule", rule.rule.text()}, {"threshold", rule.threshold}});
    return out;
}

/// Throws what the JSON library throws.
bool read_saved_rules(const Json& from, std::vector<OwnRule>& rules) {
    if (!from.is_array() || from.size() > kMostOwnRules) return false;
    for (const Json& one : from) {
        auto rule = read_rule(one.at("rule").get<std::string>());
        const auto name = one.at("name").get<std::string>();
        if (!rule || !why_no_rule_name(name).empty()) return false;
        rules.push_back({name, std::move(*rule), one.at("threshold").get<double>(), "the journal of a scan"});
    }
    return true;
}

/// Throws what the JSON library throws.
bool read_facts(const Json& from, ScanFacts& facts) {
    from.at("model").get_to(facts.model);
    from.at("family").get_to(facts.family);
    from.at("dtype").get_to(facts.dtype);
    from.at("model path").get_to(facts.model_path);
    from.at("layers").get_to(facts.num_layers);
    from.at("heads").get_to(facts.num_heads);
    from.at("vocabulary").get_to(facts.vocab_size);
    from.at("corpus").get_to(facts.corpus);
    from.at("corpus bytes").get_to(facts.num_corpus_bytes);
    from.at("discovery files").get_to(facts.discovery_files);
    from.at("confirmation files").get_to(facts.confirmation_files);
    from.at("probes").get_to(facts.probes);
    from.at("detectors").get_to(facts.detectors);
    from.at("metrics").get_to(facts.metrics);
    from.at("seed").get_to(facts.seed);
    from.at("length").get_to(facts.sequence_length);
    from.at("discovery sequences").get_to(facts.num_discovery);
    from.at("confirmation sequences").get_to(facts.num_confirmation);
    from.at("random models").get_to(facts.num_random_models);
    from.at("permutations").get_to(facts.num_permutations);
    from.at("controls").get_to(facts.has_controls);
    if (from.contains("syntax")) {
        from.at("syntax").at("files").get_to(facts.conllu);
        from.at("syntax").at("discovery").get_to(facts.num_sentences_discovery);
        from.at("syntax").at("confirmation").get_to(facts.num_sentences_confirmation);
    }
    if (from.contains("rules") && !read_saved_rules(from.at("rules"), facts.rules)) return false;
    constexpr int kMost = 1 << 12;
    return facts.num_layers > 0 && facts.num_layers <= kMost && facts.num_heads > 0 &&
           facts.num_heads <= kMost && facts.num_random_models >= 0 && facts.num_random_models <= 1000 &&
           read_items(from.at("items"), facts.items);
}

bool knows_all(const ScanFacts& facts) {
    if (facts.detectors.size() != detectors().size() || facts.metrics.size() != metrics().size())
        return false;
    for (std::size_t d = 0; d < facts.detectors.size(); ++d) {
        if (facts.detectors[d] != detectors()[d]->id) return false;
    }
    for (std::size_t m = 0; m < facts.metrics.size(); ++m) {
        if (facts.metrics[m] != metrics()[m]->id) return false;
    }
    return true;
}

std::string shown(const Json& value) {
    const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return text.size() <= 60 ? text : std::string();
}

}  // namespace

std::string facts_to_json(const ScanFacts& facts, std::uint64_t model_print, std::uint64_t sequences_print) {
    Json json = {{"journal version", kVersion},
                 {"model", facts.model},
                 {"family", facts.family},
                 {"dtype", facts.dtype},
                 {"model path", facts.model_path},
                 {"layers", facts.num_layers},
                 {"heads", facts.num_heads},
                 {"vocabulary", facts.vocab_size},
                 {"weights", fmt::format("{:016x}", model_print)},
                 {"corpus", facts.corpus},
                 {"corpus bytes", facts.num_corpus_bytes},
                 {"discovery files", facts.discovery_files},
                 {"confirmation files", facts.confirmation_files},
                 {"text", fmt::format("{:016x}", sequences_print)},
                 {"probes", facts.probes},
                 {"detectors", facts.detectors},
                 {"metrics", facts.metrics},
                 {"seed", facts.seed},
                 {"length", facts.sequence_length},
                 {"discovery sequences", facts.num_discovery},
                 {"confirmation sequences", facts.num_confirmation},
                 {"random models", facts.num_random_models},
                 {"permutations", facts.num_permutations},
                 {"controls", facts.has_controls},
                 {"items", items_json(facts.items)}};
    if (!facts.rules.empty()) json["rules"] = rules_json(facts.rules);
    if (!facts.conllu.empty())
        json["syntax"] = {{"files", facts.conllu},
                          {"discovery", facts.num_sentences_discovery},
                          {"confirmation", facts.num_sentences_confirmation}};
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<ScanFacts> facts_from_json(const std::string& header, const std::string& file) {
    const auto broken = [&](const char* what) {
        return fail(make_error(ErrorKind::Corrupt, "the beginning of this journal cannot be read: {}", what)
                        .in_file(file));
    };
    HEADLIGHT_TRY(const nlohmann::json parsed, parse_json(header, file));
    const Json from = parsed;
    ScanFacts facts;
    try {
        if (from.at("journal version").get<int>() != kVersion)
            return fail(make_error(ErrorKind::Unsupported,
                                   "this journal was written by another version of Headlight; scan again")
                            .in_file(file));
        if (!read_facts(from, facts)) return broken("a number is out of range");
    } catch (const nlohmann::json::exception&) {
        return broken("a fact is missing or of another kind");
    }
    set_own_detectors(facts.rules);
    if (!knows_all(facts)) {
        return fail(
            make_error(ErrorKind::Unsupported,
                       "this journal was written by a Headlight with other detectors or metrics; scan again")
                .in_file(file));
    }
    return facts;
}

std::string header_differences(const std::string& old_header, const std::string& new_header) {
    const Json before = Json::parse(old_header, nullptr, false),
               now = Json::parse(new_header, nullptr, false);
    if (!before.is_object() || !now.is_object()) return "its beginning";
    std::string out;
    for (const auto& [key, value] : now.items()) {
        const auto found = before.find(key);
        if (found != before.end() && (*found == value || key == "model path")) continue;
        out += out.empty() ? key : ", " + key;
        if (found != before.end() && !shown(*found).empty() && !shown(value).empty())
            out += fmt::format(" ({}, now {})", shown(*found), shown(value));
    }
    return out;
}

}  // namespace headlight
