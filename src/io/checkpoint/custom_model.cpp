#include "io/checkpoint/custom_model.h"

#include <filesystem>

#include "io/checkpoint/custom_rules.h"
#include "io/checkpoint/shard_index.h"
#include "io/json_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

bool is_regular(const std::string& path) {
    std::error_code code;
    return fs::is_regular_file(path, code);
}

Error wrong(const std::string& file, const std::string& what) {
    return make_error(ErrorKind::Corrupt,
                      "{}; expected {{\"family\": \"headlight\", \"config\": {{...}}, \"weights\": [...]}}",
                      what)
        .in_file(file);
}

/// Sizes that the writer of a description left to the reader.
std::string open_sizes(const nlohmann::json& config) {
    std::string names;
    for (const auto& [key, value] : config.items()) {
        if (value.is_null()) names += (names.empty() ? "" : ", ") + key.substr(0, 60);
    }
    return names;
}

/// The family's config: what the checkpoint brings, and over it what the description says.
Result<nlohmann::json> config_of(const nlohmann::json& description, const nlohmann::json& own,
                                 const std::string& file) {
    const std::string family = description["family"].get<std::string>();
    nlohmann::json config = own.is_object() && !is_custom_model(own) ? own : nlohmann::json::object();
    if (description.contains("config")) {
        if (!description["config"].is_object()) return fail(wrong(file, "'config' is no object"));
        config.update(description["config"]);
    }
    // In the configs of other families null means "the default"; in ours it was left open on purpose.
    const std::string open = family == "headlight" ? open_sizes(config) : std::string();
    if (!open.empty()) {
        return fail(
            make_error(
                ErrorKind::Missing,
                "the description leaves open: {}. The weights do not tell it; put the number of the code "
                "that trained the model in place of null",
                open)
                .in_file(file));
    }
    config.erase("architectures");
    config["model_type"] = family;
    return config;
}

Result<CheckpointPtr> described(const nlohmann::json& description, const std::string& file,
                                const CheckpointPtr& opened) {
    if (!is_custom_model(description)) return fail(wrong(file, "this does not describe a model"));
    HEADLIGHT_TRY(const std::vector<WeightRule> rules, read_weight_rules(description["weights"], file));
    HEADLIGHT_TRY(RenamedTensors renamed, apply_weight_rules(rules, *opened, file));
    // Other files may lie in the folder, such as attention that was measured.
    if (renamed.num_matched == 0 && !rules.empty()) return opened;
    auto out = std::make_shared<Checkpoint>(*opened);
    out->tensors = std::move(renamed.tensors);
    HEADLIGHT_TRY(out->config, config_of(description, opened->config, file));
    out->config_path = file;
    HEADLIGHT_CHECK(sort_tensors(*out));
    return CheckpointPtr(std::move(out));
}

}  // namespace

std::string find_custom_model(const std::string& path) {
    std::error_code code;
    if (fs::is_directory(path, code)) {
        const std::string inside = (fs::path(path) / kCustomModelName).string();
        return is_regular(inside) ? inside : std::string();
    }
    for (const std::string& beside :
         {path + "." + kCustomModelName, (fs::path(path).parent_path() / kCustomModelName).string()}) {
        if (is_regular(beside)) return beside;
    }
    return {};
}

bool is_custom_model(const nlohmann::json& json) {
    return json.is_object() && json.contains("family") && json["family"].is_string() &&
           json.contains("weights");
}

Result<CheckpointPtr> apply_custom_model(const std::string& path, bool has_given_config,
                                         CheckpointPtr opened) {
    if (is_custom_model(opened->config)) return described(opened->config, opened->config_path, opened);
    if (has_given_config) return opened;
    const std::string file = find_custom_model(path);
    if (file.empty()) return opened;
    HEADLIGHT_TRY(const nlohmann::json description, read_json_file(file, kMostBytes));
    return described(description, file, opened);
}

}  // namespace headlight
