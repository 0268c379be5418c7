#include "family/lines/gemma_layout.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace headlight {
LlamaDefaults gemma_defaults() {
    LlamaDefaults defaults;
    defaults.head_dim = 256;
    defaults.max_positions = 8192;
    defaults.activation = "gelu_pytorch_tanh";
    defaults.ties_head = true;
    return defaults;
}

Architecture read_gemma_config(ConfigReader& config, const LlamaDefaults& defaults) {
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    arch.embedding_scale = static_cast<float>(std::sqrt(static_cast<double>(arch.hidden_size)));
    return arch;
}

void read_gemma_attention(ConfigReader& config, Architecture& arch, double final_cap) {
    arch.activation = read_activation(config, {"hidden_activation"}, "gelu_pytorch_tanh");
    arch.norm_place = NormPlace::Both;
    set_scale(arch, 1.0 / std::sqrt(config.number_or({"query_pre_attn_scalar"}, 1e-6, 1e9, 256)));
    arch.logit_softcap = read_optional(config, "final_logit_softcapping", final_cap);
}

std::vector<FileWeight> gemma_file_weights(const Architecture& arch) {
    WeightTable table(arch);
    const bool has_four = arch.norm_place == NormPlace::Both;
    const WeightTable::Options norm{.offset = 1};
    table.add("embed_tokens", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm", norm);
        table.add(layer + "self_attn.q_norm", layer + "query_norm", norm);
        table.add(layer + "self_attn.k_norm", layer + "key_norm", norm);
        add_llama_projections(table, layer);
        table.add(layer + "post_attention_layernorm",
                  layer + (has_four ? "attention_output_norm" : "mlp_norm"), norm);
        if (has_four) table.add(layer + "pre_feedforward_layernorm", layer + "mlp_norm", norm);
        table.add(layer + "post_feedforward_layernorm", layer + "mlp_output_norm", norm);
        add_llama_mlp(table, layer);
    }
    table.add("norm", "final_norm", norm);
    FileWeight head{"lm_head.weight", {"head"}, false, false};
    head.other_names = {"language_model.lm_head.weight"};  // older files of the multimodal models
    table.exact(std::move(head));
    return table.take();
}

nlohmann::json gemma_random_config(const RandomModelRequest& request, const char* model_type) {
    nlohmann::json config = llama_random_config(request, model_type);
    config["head_dim"] = request.hidden_size / request.num_heads;
    config["query_pre_attn_scalar"] = config["head_dim"];
    return config;
}

}  // namespace headlight
