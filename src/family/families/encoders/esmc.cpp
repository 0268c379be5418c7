// ESM C: proteins, a token per residue, through Llama's blocks in both directions with layer norms, also over
// all queries and keys, and residual parts that shrink with depth. EvolutionaryScale 2024.
#include <cmath>
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"
#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "esmc", "Esmc");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_llama_config(config, {.vocab_size = 64, .num_heads = 40});
    if (arch.num_kv_heads != arch.num_heads)
        config.fail_with(ErrorKind::Unsupported,
                         "'num_key_value_heads' must be num_attention_heads in ESM C");
    arch.norm = arch.qk_norm_kind = NormKind::LayerNorm;
    arch.norm_eps = 1e-5;  // not in the config
    arch.has_norm_bias = true;
    arch.has_final_norm_bias = false;
    arch.qk_norm = Architecture::QkNorm::Whole;
    arch.residual_scale = 1.0 / std::sqrt(arch.num_layers / 36.0);
    arch.is_causal = false;
    arch.is_masked_head = arch.has_head_bias = true;
    arch.is_head_tied = false;
    arch.head_transform.is_present = true;
    arch.head_transform.size = arch.hidden_size;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("embed_tokens", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        add_llama_mlp(table, layer);
    }
    table.add("norm", "final_norm");
    add_bert_head(table, kRobertaHead);
    return table.take();
}

bool is_ignored(std::string_view name, const Architecture& arch) {
    return is_bert_extra(name) || is_head_copy(name, kRobertaHead) || is_llama_extra(name, arch);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    RandomModelRequest same = request;
    same.num_kv_heads = 0;
    return llama_random_config(same, "esmc");
}
void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kRobertaHead);
}

}  // namespace

extern const Family k_family_esmc = {"esmc",       "ESM C",    "esmc.",       matches, read_config,
                                     file_weights, is_ignored, random_config, adapt};

}  // namespace headlight
