// Llama 4, the part that reads text: chunked attention in layers that rotate, all keys and no rotation in
// every fourth, experts that read what their weight leaves of a token. Meta 2025.
#include <nlohmann/json.hpp>

#include "family/lines/qwen_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "llama4_text", "Llama4ForCausalLM");
}

/// `no_rope_layers` holds 1 for layers that do rotate.
void read_rotating(ConfigReader& config, Architecture& arch) {
    const int interval = config.integer_or({"no_rope_layer_interval"}, 1, kMostLayers, 4);
    const std::vector<int> listed = config.integers("no_rope_layers", kMostLayers, 0, 1);
    if (!listed.empty() && listed.size() < static_cast<std::size_t>(arch.num_layers)) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("the config's no_rope_layers has {} entries for {} layers",
                                     listed.size(), arch.num_layers));
        return;
    }
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        const bool rotates =
            listed.empty() ? (layer + 1) % interval != 0 : listed[static_cast<std::size_t>(layer)] != 0;
        arch.rope_use.push_back(rotates ? RopeUse::Main : RopeUse::None);
    }
}

/// Layers that rotate see their own chunk of `attention_chunk_size` tokens, unless `layer_types` says
/// otherwise.
void read_chunks(ConfigReader& config, Architecture& arch) {
    const int unsaid = config.mentions("attention_chunk_size") ? 0 : 8192;
    const int chunk = config.integer_or({"attention_chunk_size"}, 1, kMostPositions, unsaid);
    const std::vector<std::string> types =
        config.texts("layer_types", static_cast<std::size_t>(arch.num_layers));
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        std::string type =
            arch.rope_of(layer) != RopeUse::None && chunk > 0 ? "chunked_attention" : "full_attention";
        if (!types.empty()) type = types[static_cast<std::size_t>(layer)];
        if (type != "chunked_attention" && type != "full_attention") {
            config.fail_with(ErrorKind::Unsupported,
                             fmt::format("layer {} has attention of type '{}' (known: full_attention, "
                                         "chunked_attention)",
                                         layer, type.substr(0, 40)));
        } else if (type == "chunked_attention" && chunk == 0) {
            config.fail_with(ErrorKind::Missing,
                             "the config has chunked layers but no 'attention_chunk_size'");
        }
        arch.window.push_back(type == "chunked_attention" ? -chunk : 0);
    }
}

void read_experts(ConfigReader& config, Architecture& arch) {
    MoeSettings& moe = arch.moe;
    moe.num_experts = config.integer_or({"num_local_experts"}, 1, kMostExperts, 16);
    moe.experts_per_token = config.integer_or({"num_experts_per_tok"}, 1, kMostExperts, 1);
    moe.expert_size = moe.shared_expert_size = arch.intermediate_size;
    moe.has_shared_gate = false;
    moe.router = RouterKind::Sigmoid;
    moe.normalizes_weights = false;
    moe.scales_input = true;
    arch.intermediate_size = config.integer_or({"intermediate_size_mlp"}, 1, kMostIntermediate, 16384);
    const int step = config.integer_or({"interleave_moe_layer_step"}, 1, kMostLayers, 1);
    moe.is_sparse.assign(static_cast<std::size_t>(arch.num_layers), 0);
    if (config.list({"moe_layers"}) == nullptr) {
        for (int layer = step - 1; layer < arch.num_layers; layer += step)
            moe.is_sparse[static_cast<std::size_t>(layer)] = 1;
    }
    for (const int layer : config.integers("moe_layers", kMostLayers, 0, kMostLayers)) {
        if (layer < arch.num_layers) moe.is_sparse[static_cast<std::size_t>(layer)] = 1;
    }
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.rope.default_theta = 500000.0;
    defaults.vocab_size = 202048;
    defaults.num_heads = 40;
    defaults.num_kv_heads = 8;
    defaults.head_dim = 128;
    defaults.max_positions = 131072;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_mlp_bias = false;
    arch.rope.pairing = RopePairing::Neighbours;
    read_rotating(config, arch);
    read_chunks(config, arch);
    if (config.boolean_or({"use_qk_norm"}, true)) {
        // After the rotation, which changes no length: the same as before it.
        arch.qk_norm = Architecture::QkNorm::PerHead;
        arch.has_qk_norm_gain = false;
        arch.norms_rotating_only = true;
        if (arch.rope.attention_factor != 1.0) {
            config.fail_with(ErrorKind::Unsupported,
                             "'use_qk_norm' beside a rotary scaling that stretches queries and keys "
                             "(attention_factor) is not supported");
        }
    }
    if (config.boolean_or({"attn_temperature_tuning"}, true)) {
        arch.still_growth = config.number_or({"attn_scale"}, -1e6, 1e6, 0.1);
        arch.still_growth_span = config.integer_or({"floor_scale"}, 1, kMostPositions, 8192);
    }
    read_experts(config, arch);
    return arch;
}

/// Experts lie along a first axis, stored [in, out]; in each, gate stands before up.
void add_stacked(WeightTable& table, const MoeSettings& moe, const std::string& layer) {
    FileWeight gates{layer + "feed_forward.experts.gate_up_proj", {}, true};
    FileWeight downs{layer + "feed_forward.experts.down_proj", {}, true};
    for (int i = 0; i < moe.num_experts; ++i) {
        const std::string expert = layer + "experts." + std::to_string(i) + ".";
        gates.slots.insert(gates.slots.end(), {expert + "gate", expert + "up"});
        downs.slots.push_back(expert + "down");
    }
    gates.num_stacked = downs.num_stacked = moe.num_experts;
    table.exact(std::move(gates));
    table.exact(std::move(downs));
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i), file = layer + "feed_forward.";
        table.add(layer + "input_layernorm", layer + "attention_norm");
        add_llama_attention(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        table.add(file + "router", layer + "router");
        add_stacked(table, arch.moe, layer);
        for (const char* part : {"gate", "up", "down"}) {
            table.add(file + part + "_proj", layer + part);
            table.add(file + "shared_expert." + part + "_proj", layer + "shared_expert." + part);
        }
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "llama4_text");
    config["head_dim"] = request.hidden_size / request.num_heads / 2 * 2;
    config["intermediate_size_mlp"] = config["intermediate_size"];
    config["intermediate_size"] = 16;
    config["num_local_experts"] = 4;
    config["interleave_moe_layer_step"] = 2;
    config["no_rope_layer_interval"] = 2;
    config["attention_chunk_size"] = 16;
    config["floor_scale"] = 8;
    return config;
}

}  // namespace

extern const Family k_family_llama4 = {"llama4",    "Llama 4",    "model.",       matches,
                                       read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
