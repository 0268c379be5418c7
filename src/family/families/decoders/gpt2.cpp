// GPT-2: learned positions, layer norm before each part, fused q k v stored [in, out]. Radford et al. 2019.
#include <cmath>
#include <nlohmann/json.hpp>

#include "family/lines/gpt_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "gpt2", "GPT2");
}

void read_scales(ConfigReader& config, Architecture& arch) {
    const double scale =
        config.boolean_or({"scale_attn_weights"}, true) ? 1.0 / std::sqrt(arch.head_dim) : 1.0;
    set_scale(arch, scale);
    if (!config.boolean_or({"scale_attn_by_inverse_layer_idx"}, false)) return;
    for (std::size_t layer = 0; layer < arch.attention_scale.size(); ++layer) {
        arch.attention_scale[layer] = static_cast<float>(scale / (static_cast<double>(layer) + 1.0));
    }
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_gpt_config(config, true);
    read_scales(config, arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("wte", "token_embedding");
    table.add("wpe", "position_embedding");
    add_gpt2_blocks(table, arch, {.is_transposed = true});
    table.add("ln_f", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return gpt_random_config(request, "gpt2");
}

}  // namespace

extern const Family k_family_gpt2 = {"gpt2",      "GPT-2",      "transformer.", matches,
                                     read_config, file_weights, is_gpt_extra,   random_config};

}  // namespace headlight
