// CodeGen: GPT-J with q, v, k (in this order) fused in four blocks, as it lay on four cores. Nijkamp et al.
// 2022.
#include <nlohmann/json.hpp>

#include "family/lines/gpt_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "codegen", "CodeGen");
}

constexpr int kBlocks = 4;

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_gptj_config(config);
    if (arch.num_heads % kBlocks != 0) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("the config's n_head ({}) is not a multiple of the {} blocks in which "
                                     "CodeGen's projections lie",
                                     arch.num_heads, kBlocks));
    }
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("wte", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i), file = "h." + std::to_string(i) + ".";
        table.add(file + "ln_1", layer + "attention_norm");
        table.fused(file + "attn.qkv_proj", {layer + "query", layer + "value", layer + "key"},
                    {.num_groups = kBlocks});
        table.add(file + "attn.out_proj", layer + "output");
        table.add(file + "mlp.fc_in", layer + "up");
        table.add(file + "mlp.fc_out", layer + "down");
    }
    table.add("ln_f", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return gptj_random_config(request, "codegen");
}

}  // namespace

extern const Family k_family_codegen = {"codegen",   "CodeGen",    "transformer.", matches,
                                        read_config, file_weights, is_gpt_extra,   random_config};

}  // namespace headlight
