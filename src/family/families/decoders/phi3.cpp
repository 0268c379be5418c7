// Phi 3, 3.5 and 4: Llama's block with q, k, v fused, gate and up fused, and frequencies stretched by
// LongRoPE. Abdin et al. 2024.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "phi3", "Phi3");
}

/// Frequencies of one kind of scaling: the older names "su" and "yarn" mean LongRoPE here, and the trained
/// length stands outside of the scaling's own part.
void read_phi_rope(ConfigReader& config, Architecture& arch) {
    const nlohmann::json* scaling = config.object({"rope_scaling"});
    if (scaling == nullptr || scaling->empty()) scaling = config.object({"rope_parameters"});
    nlohmann::json flat = {
        {"rope_theta", config.number_or({"rope_theta"}, 1.0 + 1e-6, 1e15, 10000.0)},
        {"partial_rotary_factor", config.number_or({"partial_rotary_factor"}, 0, 1, 1.0)},
        {"original_max_position_embeddings",
         config.integer_or({"original_max_position_embeddings"}, 2, kMostPositions, 4096)}};
    if (scaling != nullptr) {
        flat["rope_parameters"] = *scaling;
        ConfigReader named(*scaling, config.file(), "rope_scaling.");
        const std::string kind = named.text_or({"rope_type", "type"}, "default");
        if (kind == "su" || kind == "yarn") flat["rope_parameters"]["rope_type"] = "longrope";
        if (auto status = named.status(); !status)
            config.fail_with(status.error().kind, status.error().message);
    }
    ConfigReader reader(flat, config.file());
    read_rope(reader, arch, {.turns_part = true});
    if (auto status = reader.status(); !status) config.fail_with(status.error().kind, status.error().message);
    if (arch.rope.scaling == RopeScaling::Default || arch.rope.scaling == RopeScaling::LongRope) return;
    config.fail_with(ErrorKind::Unsupported,
                     "Phi 3 knows no rotary scaling but 'longrope' (older: 'su', 'yarn')");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.reads_rope = false;
    defaults.max_positions = 4096;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_llama_config(config, defaults);
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = false;
    read_phi_rope(config, arch);
    set_window(arch, read_window(config, 0));
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        table.fused(layer + "self_attn.qkv_proj", {layer + "query", layer + "key", layer + "value"});
        table.add(layer + "self_attn.o_proj", layer + "output");
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        table.fused(layer + "mlp.gate_up_proj", {layer + "gate", layer + "up"});
        table.add(layer + "mlp.down_proj", layer + "down");
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "phi3");
}

}  // namespace

extern const Family k_family_phi3 = {"phi3",      "Phi-3",      "model.",       matches,
                                     read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
