// InternLM 2: Llama's block under names of its own, q, k, v fused by key head. Its files come with code of
// their own, which is not run: they are what Llama computes. Cai et al. 2024.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "internlm2", "InternLM2");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.num_kv_heads = 0;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = arch.has_output_bias = config.boolean_or({"bias"}, true);
    arch.has_mlp_bias = false;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("tok_embeddings", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "attention_norm", layer + "attention_norm");
        table.fused(layer + "attention.wqkv", {layer + "query", layer + "key", layer + "value"},
                    {.num_groups = arch.num_kv_heads});
        table.add(layer + "attention.wo", layer + "output");
        table.add(layer + "ffn_norm", layer + "mlp_norm");
        table.add(layer + "feed_forward.w1", layer + "gate");
        table.add(layer + "feed_forward.w3", layer + "up");
        table.add(layer + "feed_forward.w2", layer + "down");
    }
    table.add("norm", "final_norm");
    table.add("output", "head", {.has_prefix = false});
    return table.take();
}

bool is_ignored(std::string_view name, const Architecture& arch) {
    return name.ends_with("rotary_emb.inv_freq") || (arch.is_head_tied && name == "output.weight");
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "internlm2");
}

}  // namespace

extern const Family k_family_internlm2 = {"internlm2", "InternLM 2", "model.",   matches,
                                          read_config, file_weights, is_ignored, random_config};

}  // namespace headlight
