// GPT-BigCode (SantaCoder, StarCoder): GPT-2 with one key head for all. Li et al. 2023.
#include <nlohmann/json.hpp>

#include "family/lines/gpt_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "gpt_bigcode", "GPTBigCode");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_gpt_config(config, true, "gelu_pytorch_tanh");
    if (config.boolean_or({"multi_query"}, true)) arch.num_kv_heads = 1;
    if (!config.boolean_or({"scale_attn_weights"}, true)) set_scale(arch, 1.0);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    // One key head: queries, key, value one after the other; otherwise head by head.
    const WeightTable::Options rows{.num_groups = arch.num_kv_heads};
    table.add("wte", "token_embedding");
    table.add("wpe", "position_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i), file = "h." + std::to_string(i) + ".";
        table.add(file + "ln_1", layer + "attention_norm");
        table.fused(file + "attn.c_attn", {layer + "query", layer + "key", layer + "value"}, rows);
        table.add(file + "attn.c_proj", layer + "output");
        table.add(file + "ln_2", layer + "mlp_norm");
        table.add(file + "mlp.c_fc", layer + "up");
        table.add(file + "mlp.c_proj", layer + "down");
    }
    table.add("ln_f", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return gpt_random_config(request, "gpt_bigcode");
}

}  // namespace

extern const Family k_family_gpt_bigcode = {"gpt_bigcode", "GPT-BigCode", "transformer.", matches,
                                            read_config,   file_weights,  is_gpt_extra,   random_config};

}  // namespace headlight
