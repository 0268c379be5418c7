// nanochat: norms without gains, also of queries and keys and after the embedding, rotation the other way
// round. Karpathy 2025.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "nanochat", "NanoChatFor");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.activation = "relu2";
    Architecture arch = read_llama_config(config, defaults);
    arch.has_norm_gain = arch.is_gated = arch.has_mlp_bias = false;
    arch.has_embedding_norm = true;
    arch.rope.turns_back = true;
    // After the rotation in the reference: without a gain the order makes no difference.
    arch.qk_norm = Architecture::QkNorm::PerHead;
    arch.has_qk_norm_gain = false;
    if (arch.rope.attention_factor != 1.0) {
        config.fail_with(
            ErrorKind::Unsupported,
            "a rotary scaling that also widens scores ('attention_factor', yarn, longrope) is not "
            "supported where queries and keys are normed after it");
    }
    arch.logit_softcap = read_optional(config, "final_logit_softcapping", 15.0);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        add_llama_projections(table, layer);
        table.add(layer + "mlp.fc1", layer + "up");
        table.add(layer + "mlp.fc2", layer + "down");
    }
    add_llama_ends(table);
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return llama_random_config(request, "nanochat");
}

}  // namespace

extern const Family k_family_nanochat = {"nanochat",  "nanochat",   "model.",       matches,
                                         read_config, file_weights, is_llama_extra, random_config};

}  // namespace headlight
