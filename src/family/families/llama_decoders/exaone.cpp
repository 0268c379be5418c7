// EXAONE 3 and 3.5: Llama's block under GPT-2's names. LG AI Research 2024.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "exaone", "ExaoneFor");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_theta = 500000.0;
    defaults.layers_key = "num_layers";
    defaults.num_kv_heads = unless_null(config, "num_key_value_heads", 8);
    defaults.max_positions = 4096;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.norm_eps = config.number_or({"layer_norm_epsilon"}, 0, 1, arch.norm_eps);
    if (config.has({"activation_function"}))
        arch.activation = read_activation(config, {"activation_function"}, "silu");
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("wte", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i), file = "h." + std::to_string(i) + ".";
        const std::string attention = file + "attn.attention.";
        table.add(file + "ln_1", layer + "attention_norm");
        table.add(attention + "q_proj", layer + "query");
        table.add(attention + "k_proj", layer + "key");
        table.add(attention + "v_proj", layer + "value");
        table.add(attention + "out_proj", layer + "output");
        table.add(file + "ln_2", layer + "mlp_norm");
        table.add(file + "mlp.c_fc_0", layer + "gate");
        table.add(file + "mlp.c_fc_1", layer + "up");
        table.add(file + "mlp.c_proj", layer + "down");
    }
    table.add("ln_f", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

bool is_ignored(std::string_view name, const Architecture& arch) {
    return name.ends_with("rotary.inv_freq") || is_llama_extra(name, arch);
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "exaone");
}

}  // namespace

extern const Family k_family_exaone = {"exaone",    "EXAONE",     "transformer.", matches,
                                       read_config, file_weights, is_ignored,     random_config};

}  // namespace headlight
