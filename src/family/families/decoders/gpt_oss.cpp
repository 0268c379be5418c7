// gpt-oss: a learned sink in each head's softmax, every other layer a window, YaRN, and experts with a
// clamped gate. OpenAI 2025.
#include <cmath>
#include <nlohmann/json.hpp>

#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "gpt_oss", "GptOss");
}

/// What a config means that says nothing of rotation.
const nlohmann::json& usual_rope() {
    static const nlohmann::json rope = {{"rope_type", "yarn"}, {"factor", 32.0},
                                        {"beta_fast", 32.0},   {"beta_slow", 1.0},
                                        {"truncate", false},   {"original_max_position_embeddings", 4096}};
    return rope;
}

void read_experts(ConfigReader& config, Architecture& arch) {
    MoeSettings& moe = arch.moe;
    moe.num_experts = config.integer_or({"num_local_experts", "num_experts"}, 1, kMostExperts, 128);
    moe.experts_per_token =
        config.integer_or({"num_experts_per_tok", "experts_per_token"}, 1, kMostExperts, 4);
    moe.expert_size = arch.intermediate_size;
    moe.has_bias = true;
    moe.gate_limit = config.number_or({"swiglu_limit"}, 1e-6, 1e9, 7.0);
    const double alpha = config.number_or({"swiglu_alpha"}, -1e9, 1e9, 1.702);
    if (alpha != 1.702) {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("the config's swiglu_alpha {} is not supported (known: 1.702)", alpha));
    }
}

/// Experts in four bits (MXFP4) become numbers where the file is read; other kinds of packing do not.
void refuse_quantised(ConfigReader& config) {
    const nlohmann::json* quantised = config.object({"quantization_config"});
    if (quantised == nullptr) return;
    ConfigReader reader(*quantised, config.file(), "quantization_config.");
    const std::string method = reader.text_or({"quant_method"}, "(not named)");
    if (method == "mxfp4") return;
    config.fail_with(
        ErrorKind::Unsupported,
        fmt::format("the weights are quantised as '{}' (quantization_config.quant_method), which is not "
                    "supported; save a copy in bfloat16 with the reference library and open that",
                    method.substr(0, 40)));
}

Architecture read_config(ConfigReader& config) {
    refuse_quantised(config);
    LlamaDefaults defaults;
    defaults.rope.default_theta = 150000.0;
    defaults.rope.usual = &usual_rope();
    defaults.head_dim = 64;
    defaults.max_positions = 131072;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = arch.has_output_bias = config.boolean_or({"attention_bias"}, true);
    arch.has_mlp_bias = false;
    arch.has_sinks = true;
    read_windows(config, arch, read_window(config, 128), [](int layer) { return layer % 2 == 0; });
    read_experts(config, arch);
    return arch;
}

/// Experts lie along a first axis; in each, rows of gate and up alternate.
void add_stacked(WeightTable& table, const MoeSettings& moe, const std::string& layer) {
    FileWeight gates{layer + "mlp.experts.gate_up_proj", {}, true};
    FileWeight downs{layer + "mlp.experts.down_proj", {}, true};
    for (int i = 0; i < moe.num_experts; ++i) {
        const std::string expert = layer + "experts." + std::to_string(i) + ".";
        gates.slots.insert(gates.slots.end(), {expert + "gate", expert + "up"});
        downs.slots.push_back(expert + "down");
    }
    gates.num_groups = moe.expert_size;
    gates.num_stacked = downs.num_stacked = moe.num_experts;
    for (FileWeight* weight : {&gates, &downs}) {
        FileWeight bias = *weight;
        bias.name += "_bias";
        bias.is_transposed = false;
        for (std::string& slot : bias.slots)
            slot += "_bias";
        table.exact(std::move(*weight));
        table.exact(std::move(bias));
    }
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        table.add(layer + "mlp.router", layer + "router");
        add_stacked(table, arch.moe, layer);
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "gpt_oss");
    config["head_dim"] = request.hidden_size / request.num_heads;
    config["num_local_experts"] = 4;
    config["num_experts_per_tok"] = 2;
    return config;
}

}  // namespace

extern const Family k_family_gpt_oss = {"gpt_oss",   "gpt-oss",    "model.",       matches,
                                        read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
