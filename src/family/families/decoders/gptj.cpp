// GPT-J: GPT-2 with rotary positions, both parts of a block reading one norm, and no biases in attention.
// Wang and Komatsuzaki 2021.
#include <nlohmann/json.hpp>

#include "family/lines/gpt_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "gptj", "GPTJ");
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("wte", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i), file = "h." + std::to_string(i) + ".";
        table.add(file + "ln_1", layer + "attention_norm");
        table.add(file + "attn.q_proj", layer + "query");
        table.add(file + "attn.k_proj", layer + "key");
        table.add(file + "attn.v_proj", layer + "value");
        table.add(file + "attn.out_proj", layer + "output");
        table.add(file + "mlp.fc_in", layer + "up");
        table.add(file + "mlp.fc_out", layer + "down");
    }
    table.add("ln_f", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return gptj_random_config(request, "gptj");
}

}  // namespace

extern const Family k_family_gptj = {"gptj",           "GPT-J",      "transformer.", matches,
                                     read_gptj_config, file_weights, is_gpt_extra,   random_config};

}  // namespace headlight
