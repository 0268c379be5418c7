#include "family/family.h"

#include <nlohmann/json.hpp>

#include "base/registry.h"
#include "family/text_part.h"

namespace headlight {

#define HEADLIGHT_FAMILY(name, ...) extern const Family k_family_##name;
#include "family/families/families.def"
#undef HEADLIGHT_FAMILY

std::span<const Family* const> families() {
    static constexpr const Family* kAll[] = {
#define HEADLIGHT_FAMILY(name, ...) &k_family_##name,
#include "family/families/families.def"
#undef HEADLIGHT_FAMILY
    };
    return kAll;
}

const Family* family_by_id(std::string_view id) {
    return find_entry(families(), id);
}

namespace {

/// What must hold for every family before a size is used.
Status check_sizes(const Architecture& arch, const std::string& file) {
    const auto corrupt = [&](std::string message) {
        return fail(make_error(ErrorKind::Corrupt, "{}", message).in_file(file));
    };
    if (arch.num_kv_heads <= 0 || arch.num_heads % arch.num_kv_heads != 0) {
        return corrupt(
            fmt::format("{} query heads cannot share {} key heads (num_attention_heads must be a multiple of "
                        "num_key_value_heads)",
                        arch.num_heads, arch.num_kv_heads));
    }
    constexpr std::int64_t kMostExperts = std::int64_t{1} << 18;  // of all layers
    if (std::int64_t{arch.moe.num_experts} * arch.num_layers > kMostExperts ||
        arch.moe.experts_per_token > arch.moe.num_experts) {
        return corrupt(fmt::format("{} experts a layer, {} of them a token", arch.moe.num_experts,
                                   arch.moe.experts_per_token));
    }
    if (arch.decoder != nullptr) HEADLIGHT_CHECK(check_sizes(*arch.decoder, file));
    if (arch.head_dim <= 0)
        return corrupt(fmt::format("heads of width {} (head_dim must be positive)", arch.head_dim));
    return {};
}

/// Keys of no family in particular that the reference library's shared code obeys, and ours does not.
void refuse_shared_keys(ConfigReader& config, const Architecture& arch) {
    const bool is_causal = arch.is_causal || arch.decoder != nullptr;
    if (is_causal && !config.boolean_or({"is_causal"}, true)) {
        config.fail_with(
            ErrorKind::Unsupported,
            "a decoder whose tokens see those after them (the config's is_causal is false) is not supported");
    }
    if (config.has({"per_layer_config"})) {
        config.fail_with(
            ErrorKind::Unsupported,
            "layers with settings of their own (the config's per_layer_config) are not supported");
    }
}

}  // namespace

namespace {

const Family* family_that_matches(const nlohmann::json& config) {
    for (const Family* family : families()) {
        if (family->matches(config)) return family;
    }
    return nullptr;
}

/// The language model's, of which the whole may do without its scale and cap of logits.
Architecture read_text_part(const Family& family, const TextPart& part, ConfigReader& reader) {
    Architecture arch = family.read_config(reader);
    if (part.has_plain_head) {
        arch.logit_scale = 1.0;
        arch.logit_softcap = 0;
    }
    return arch;
}

}  // namespace

Result<const Family*> find_family(const nlohmann::json& config, const std::string& file) {
    if (!config.is_object()) {
        return fail(ErrorKind::Missing,
                    "the checkpoint has no config.json, so its architecture is unknown; put the "
                    "model's config.json beside the weights or give it with --config");
    }
    if (const Family* family = family_that_matches(config)) return family;
    const std::optional<TextPart> part = find_text_part(config);
    if (const Family* family = part ? family_that_matches(part->config) : nullptr) return family;
    std::string known;
    for (const Family* family : families())
        known += std::string(known.empty() ? "" : ", ") + family->id;
    const auto type = config.find("model_type");
    const std::string name =
        type != config.end() && type->is_string() ? type->get<std::string>() : "(none given)";
    return fail(make_error(ErrorKind::Unsupported, "models of type '{}' are not supported (known: {})",
                           name.substr(0, 80), known)
                    .in_file(file));
}

Result<Architecture> read_architecture(const Family& family, const nlohmann::json& config,
                                       const std::string& file) {
    const std::optional<TextPart> part = family.matches(config) ? std::nullopt : find_text_part(config);
    ConfigReader reader(part ? part->config : config, file, part ? "text_config." : "");
    Architecture arch = part ? read_text_part(family, *part, reader) : family.read_config(reader);
    refuse_shared_keys(reader, arch);
    if (part) {
        ConfigReader whole(config, file);
        refuse_shared_keys(whole, arch);
        HEADLIGHT_CHECK(whole.status());
    }
    HEADLIGHT_CHECK(reader.status());
    HEADLIGHT_CHECK(check_sizes(arch, file));
    return arch;
}

bool config_says(const nlohmann::json& config, std::string_view model_type, std::string_view class_prefix) {
    const auto type = config.find("model_type");
    if (type != config.end() && type->is_string()) return type->get_ref<const std::string&>() == model_type;
    const auto classes = config.find("architectures");
    if (classes == config.end() || !classes->is_array()) return false;
    for (const nlohmann::json& name : *classes) {
        if (name.is_string() && name.get_ref<const std::string&>().starts_with(class_prefix)) return true;
    }
    return false;
}

}  // namespace headlight
