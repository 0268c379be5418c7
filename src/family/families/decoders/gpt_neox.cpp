// GPT-NeoX and Pythia: both parts of a block read the same x through norms of their own, a quarter of each
// head rotates, and q, k, v lie head by head. Black et al. 2022.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "gpt_neox", "GPTNeoX");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.theta = "rotary_emb_base";
    defaults.rope.partial = "rotary_pct";
    defaults.rope.turns_part = true;
    defaults.rope.default_partial = 0.25;
    defaults.activation = "gelu";
    Architecture arch = read_llama_config(config, defaults);
    use_layer_norms(config, arch, true);
    arch.num_kv_heads = arch.num_heads;
    if (arch.num_heads * arch.head_dim != arch.hidden_size) {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'head_dim' is {}: GPT-NeoX with heads of other than hidden_size / "
                                     "num_attention_heads ({}) is not supported",
                                     arch.head_dim, arch.hidden_size / arch.num_heads));
    }
    arch.is_gated = false;
    arch.has_mlp_bias = true;
    arch.has_qkv_bias = arch.has_output_bias = config.boolean_or({"attention_bias"}, true);
    arch.is_parallel = config.boolean_or({"use_parallel_residual"}, true);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("embed_in", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        table.fused(layer + "attention.query_key_value", {layer + "query", layer + "key", layer + "value"},
                    {.num_groups = arch.num_heads});
        table.add(layer + "attention.dense", layer + "output");
        table.add(layer + "mlp.dense_h_to_4h", layer + "up");
        table.add(layer + "mlp.dense_4h_to_h", layer + "down");
    }
    table.add("final_layer_norm", "final_norm");
    FileWeight head{"embed_out.weight", {"head"}, false, false};
    head.other_names = {"lm_head.weight"};  // what the reference library calls it itself
    table.exact(std::move(head));
    return table.take();
}

/// Masks and frequencies that old files carry, and the second copy of a tied head.
bool is_ignored(std::string_view name, const Architecture& arch) {
    return name.ends_with(".attention.bias") || name.ends_with(".attention.masked_bias") ||
           name.ends_with("rotary_emb.inv_freq") ||
           (arch.is_head_tied && (name == "embed_out.weight" || name == "lm_head.weight"));
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "gpt_neox");
    config["rotary_pct"] = even_rotary_share(request, 0.25);
    return config;
}

}  // namespace

extern const Family k_family_gpt_neox = {"gpt_neox",  "GPT-NeoX",   "gpt_neox.", matches,
                                         read_config, file_weights, is_ignored,  random_config};

}  // namespace headlight
