// VaultGemma: Gemma 2 without the norms after each part, trained with differential privacy. Google 2025.
#include <nlohmann/json.hpp>

#include "family/lines/gemma_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "vaultgemma", "VaultGemmaFor");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_gemma_config(config, gemma_defaults());
    read_gemma_attention(config, arch, 30);
    arch.norm_place = NormPlace::Before;
    arch.attention_softcap = read_optional(config, "attn_logit_softcapping", 50);
    read_windows(config, arch, read_window(config, 4096), [](int layer) { return layer % 2 == 0; });
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    const WeightTable::Options norm{.offset = 1};
    table.add("embed_tokens", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm", norm);
        add_llama_projections(table, layer);
        table.add(layer + "pre_feedforward_layernorm", layer + "mlp_norm", norm);
        add_llama_mlp(table, layer);
    }
    table.add("norm", "final_norm", norm);
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return gemma_random_config(request, "vaultgemma");
}

}  // namespace

extern const Family k_family_vaultgemma = {"vaultgemma", "VaultGemma", "model.",       matches,
                                           read_config,  file_weights, is_llama_extra, random_config};

}  // namespace headlight
