#include "study/rules/rule_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/paths.h"
#include "io/json_file.h"
#include "study/rules/rule_patterns.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kFormat = "headlight-rules";
constexpr std::size_t kMostRuleFiles = 1000;  // of a folder that are looked at

bool is_name_sign(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" -_.").find(c) != std::string_view::npos ||
           (static_cast<unsigned char>(c) & 0x80) != 0;
}

std::string file_of(const std::string& folder, const std::string& name) {
    return folder + "/" + own_detector_id(name).substr(4) + ".json";
}

Result<OwnRule> rule_of_json(const Json& json, const std::string& path, std::size_t number) {
    const auto broken = [&](const std::string& what) {
        return fail(make_error(ErrorKind::Corrupt, "rule {}: {}", number + 1, what).in_file(path));
    };
    if (!json.is_object()) return broken("an object with \"name\" and \"rule\" is expected");
    const auto name = json.find("name"), rule = json.find("rule"), threshold = json.find("threshold");
    if (name == json.end() || !name->is_string()) return broken("\"name\" is missing or no text");
    OwnRule out;
    out.name = name->get<std::string>();
    if (const std::string reason = why_no_rule_name(out.name); !reason.empty()) return broken(reason);
    if (rule == json.end() || !rule->is_string())
        return broken("\"rule\" of '" + out.name + "' is missing or no text");
    if (threshold != json.end()) {
        if (!threshold->is_number() || threshold->get<double>() < 0 || threshold->get<double>() > 1)
            return broken("\"threshold\" of '" + out.name + "' is no number from 0 to 1");
        out.threshold = threshold->get<double>();
    }
    auto read = read_rule(rule->get<std::string>());
    if (!read) return broken("'" + out.name + "': " + read.error().message);
    out.rule = std::move(*read);
    out.origin = path;
    return out;
}

/// Files of rules in a folder, by name.
std::vector<std::string> rule_files(const std::string& folder) {
    std::vector<std::string> out;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().extension() == ".json") out.push_back(entry->path().string());
        if (out.size() >= kMostRuleFiles) break;
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

std::string why_no_rule_name(const std::string& name) {
    if (name.empty() || name.find_first_not_of(' ') == std::string::npos) return "a rule needs a name";
    if (name.size() > kMostRuleNameBytes)
        return fmt::format("the name has {} bytes; {} are the most", name.size(), kMostRuleNameBytes);
    if (!std::all_of(name.begin(), name.end(), is_name_sign))
        return "a name holds letters, digits, spaces and “-_.” only";
    return {};
}

Result<std::vector<OwnRule>> read_rules(const std::string& path) {
    HEADLIGHT_TRY(const Json json, read_json_file(path, kMostRuleFileBytes));
    const auto broken = [&](const std::string& what) {
        return fail(make_error(ErrorKind::Corrupt, "these are no saved rules: {}", what).in_file(path));
    };
    if (!json.is_object() || json.value("format", Json()) != kFormat)
        return broken(fmt::format("\"format\" must be \"{}\"", kFormat));
    if (json.value("version", Json()) != 1) return broken("\"version\" must be 1");
    const auto rules = json.find("rules");
    if (rules == json.end() || !rules->is_array()) return broken("\"rules\" must be a list");
    if (rules->size() > kMostOwnRules)
        return broken(fmt::format("{} rules; {} are the most", rules->size(), kMostOwnRules));
    std::vector<OwnRule> out;
    for (const Json& one : *rules) {
        HEADLIGHT_TRY(OwnRule rule, rule_of_json(one, path, out.size()));
        const auto is_same = [&](const OwnRule& known) {
            return own_detector_id(known.name) == own_detector_id(rule.name);
        };
        if (std::any_of(out.begin(), out.end(), is_same))
            return broken("'" + rule.name + "' stands there twice");
        out.push_back(std::move(rule));
    }
    return out;
}

std::vector<OwnRule> read_all_rules(const std::string& folder, const std::string& model_path,
                                    std::vector<std::string>& problems) {
    std::vector<std::string> files;
    if (!folder.empty()) files = rule_files(folder);
    std::error_code error;
    if (!model_path.empty()) {
        const fs::path path(model_path);
        const fs::path beside =
            (fs::is_directory(path, error) ? path : path.parent_path()) / kRulesBesideModel;
        if (fs::is_regular_file(beside, error)) files.push_back(beside.string());
    }
    std::vector<OwnRule> out;
    for (const std::string& file : files) {
        auto rules = read_rules(file);
        if (!rules) {
            problems.push_back(rules.error().to_string());
            continue;
        }
        for (OwnRule& rule : *rules) {
            const auto is_same = [&](const OwnRule& known) {
                return own_detector_id(known.name) == own_detector_id(rule.name);
            };
            if (out.size() < kMostOwnRules && std::none_of(out.begin(), out.end(), is_same))
                out.push_back(std::move(rule));
        }
    }
    return out;
}

Status use_rule_files(const std::vector<std::string>& files) {
    std::vector<OwnRule> all;
    for (const std::string& file : files) {
        HEADLIGHT_TRY(const std::vector<OwnRule> rules, read_rules(file));
        for (const OwnRule& rule : rules) {
            for (const OwnRule& known : all) {
                if (own_detector_id(known.name) == own_detector_id(rule.name))
                    return fail(make_error(ErrorKind::InvalidInput, "the rule '{}' stands in {} too",
                                           rule.name, known.origin)
                                    .in_file(file));
            }
            all.push_back(rule);
        }
    }
    if (all.size() > kMostOwnRules)
        return fail(ErrorKind::InvalidInput, "{} rules were given; {} are the most", all.size(),
                    kMostOwnRules);
    set_own_detectors(all);
    return {};
}

Status save_rule(const std::string& folder, const OwnRule& rule) {
    if (const std::string reason = why_no_rule_name(rule.name); !reason.empty())
        return fail(ErrorKind::InvalidInput, "{}", reason);
    const Json json{
        {"format", kFormat},
        {"version", 1},
        {"rules", {{{"name", rule.name}, {"rule", rule.rule.text()}, {"threshold", rule.threshold}}}}};
    return write_file_atomic(file_of(folder, rule.name),
                             json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Status delete_rule(const std::string& folder, const std::string& name) {
    std::error_code error;
    for (const std::string& file : rule_files(folder)) {
        const auto rules = read_rules(file);
        if (!rules || rules->size() != 1 || rules->front().name != name) continue;
        if (fs::remove(file, error)) return {};
        return fail(
            make_error(ErrorKind::Internal, "the rule '{}' could not be deleted: {}", name, error.message())
                .in_file(file));
    }
    return fail(ErrorKind::Missing, "no rule '{}' of its own file is saved in {}", name, folder);
}

std::string default_rules_folder() {
    return config_dir() + "/rules";
}

}  // namespace headlight
