#include "io/checkpoint/adapter/adapter_config.h"

#include <algorithm>
#include <cmath>

#include "io/json_file.h"

namespace headlight {
namespace {

constexpr std::size_t kMostSettingsBytes = std::size_t{4} << 20;

// Keys that say nothing of the merged weights, or are read below. Any other one that is set is refused.
constexpr std::string_view kKnown[] = {"alpha_pattern",
                                       "auto_mapping",
                                       "base_model_name_or_path",
                                       "bias",
                                       "corda_config",
                                       "ensure_weight_tying",
                                       "eva_config",
                                       "exclude_modules",
                                       "fan_in_fan_out",
                                       "inference_mode",
                                       "init_lora_weights",
                                       "layers_pattern",
                                       "layers_to_transform",
                                       "loftq_config",
                                       "lora_alpha",
                                       "lora_bias",
                                       "lora_dropout",
                                       "lora_ga_config",
                                       "megatron_config",
                                       "megatron_core",
                                       "modules_to_save",
                                       "peft_type",
                                       "peft_version",
                                       "qalora_group_size",
                                       "r",
                                       "rank_pattern",
                                       "revision",
                                       "runtime_config",
                                       "target_modules",
                                       "task_type",
                                       "trainable_token_indices",
                                       "use_dora",
                                       "use_rslora"};
// How A and B begin; where the base is changed as well, the adapter alone does not say what the weights are.
constexpr std::string_view kChangesBase[] = {"pissa", "olora", "corda", "loftq", "lora_ga"};

tl::unexpected<Error> refused(const std::string& file, const std::string& key, const std::string& why) {
    return fail(make_error(ErrorKind::Unsupported,
                           "opening a LoRA adapter: {} of {} {}. Merge it where it was trained "
                           "(merge_and_unload(), save_pretrained(...)) and open that folder",
                           key, kAdapterConfigName, why)
                    .in_file(file)
                    .at_tensor(key));
}

/// null, false, 0, "", [] and {} say that a feature is not used.
bool is_set(const nlohmann::json& value) {
    if (value.is_boolean()) return value.get<bool>();
    if (value.is_number()) return value.get<double>() != 0;
    if (value.is_string()) return !value.get_ref<const std::string&>().empty();
    return !value.is_null() && !value.empty();
}

std::string setting_text(const nlohmann::json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool truth_of(const nlohmann::json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && is_set(*found);
}

Status check_keys(const nlohmann::json& json, const std::string& file) {
    for (const auto& [key, value] : json.items()) {
        if (is_set(value) && std::find(std::begin(kKnown), std::end(kKnown), key) == std::end(kKnown))
            return refused(file, key.substr(0, 60), "is set, which is not merged here");
    }
    std::string init = setting_text(json, "init_lora_weights");
    std::transform(init.begin(), init.end(), init.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const std::string_view begin : kChangesBase) {
        if (init.starts_with(begin))
            return refused(file, "init_lora_weights", "is '" + init + "', which changes the base model too");
    }
    return {};
}

Status read_alphas(const nlohmann::json& json, AdapterConfig& out) {
    const auto wrong = [&](const char* key) {
        return fail(make_error(ErrorKind::Corrupt, "{} of {} must be numbers", key, kAdapterConfigName)
                        .in_file(out.file));
    };
    if (const auto alpha = json.find("lora_alpha"); alpha != json.end() && !alpha->is_null()) {
        if (!alpha->is_number()) return wrong("lora_alpha");
        out.alpha = alpha->get<double>();
    }
    const auto patterns = json.find("alpha_pattern");
    if (patterns == json.end() || !is_set(*patterns)) return {};
    if (!patterns->is_object()) return wrong("alpha_pattern");
    for (const auto& [pattern, value] : patterns->items()) {
        if (!value.is_number()) return wrong("alpha_pattern");
        out.alpha_pattern.emplace_back(pattern, value.get<double>());
    }
    return {};
}

}  // namespace

Result<double> AdapterConfig::scaling(std::string_view module, std::int64_t rank) const {
    double value = alpha;
    bool is_found = false;
    for (const auto& [pattern, of_pattern] : alpha_pattern) {
        auto is_match = matches_module(pattern, module);
        if (!is_match) return fail(std::move(is_match).error().in_file(file).at_tensor("alpha_pattern"));
        if (!*is_match) continue;
        // Which comes first is lost in some files; where it matters nobody can know.
        if (is_found && value != of_pattern)
            return refused(file, "alpha_pattern", fmt::format("has two values for {}", module));
        value = of_pattern;
        is_found = true;
    }
    const auto divisor = static_cast<double>(rank);
    return value / (divides_by_root ? std::sqrt(divisor) : divisor);
}

Result<AdapterConfig> read_adapter_config(const std::string& file) {
    HEADLIGHT_TRY(const nlohmann::json json, read_json_file(file, kMostSettingsBytes));
    AdapterConfig out;
    out.file = file;
    if (!json.is_object())
        return fail(make_error(ErrorKind::Corrupt,
                               "expected a JSON object with the adapter's settings, found {}",
                               json.type_name())
                        .in_file(file));
    const std::string type = setting_text(json, "peft_type");
    if (type != "LORA")
        return fail(
            make_error(
                ErrorKind::Unsupported,
                "this is a PEFT adapter of the kind '{}' (peft_type) of the base model '{}'; only LORA "
                "is merged here. Merge it where it was trained (merge_and_unload(), "
                "save_pretrained(...)), where its kind allows that, and open that folder",
                type.substr(0, 60), setting_text(json, "base_model_name_or_path").substr(0, 200))
                .in_file(file)
                .at_tensor("peft_type"));
    out.base_name = setting_text(json, "base_model_name_or_path");
    out.revision = setting_text(json, "revision");
    HEADLIGHT_CHECK(check_keys(json, file));
    HEADLIGHT_CHECK(read_alphas(json, out));
    out.divides_by_root = truth_of(json, "use_rslora");
    out.is_fan_in_fan_out = truth_of(json, "fan_in_fan_out");
    out.ties_weights = truth_of(json, "ensure_weight_tying");
    if (const auto names = json.find("modules_to_save"); names != json.end() && names->is_array()) {
        for (const nlohmann::json& name : *names)
            if (name.is_string()) out.modules_to_save.push_back(name.get<std::string>());
    }
    if (const auto indices = json.find("trainable_token_indices"); indices != json.end())
        out.token_indices = *indices;
    return out;
}

}  // namespace headlight
