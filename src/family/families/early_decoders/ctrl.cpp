// CTRL: a decoder with the sinusoids of the original transformer and a control code as its first token.
// Keskar et al. 2019.
#include <cmath>
#include <nlohmann/json.hpp>

#include "family/lines/gpt_layout.h"

namespace headlight {
namespace {

constexpr double kBlockEps = 1e-6;  // of the norms inside blocks, whatever the config says

bool matches(const nlohmann::json& config) {
    return config_says(config, "ctrl", "CTRL");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_gpt_config(config, true);
    arch.intermediate_size = config.integer_or({"dff"}, 1, kMostIntermediate, 8192);
    arch.activation = Activation::Relu;
    arch.position = PositionKind::Sinusoidal;
    arch.embedding_scale = std::sqrt(static_cast<double>(arch.hidden_size));
    arch.has_head_bias = true;
    arch.norm_eps = kBlockEps;
    const double last = config.number_or({"layer_norm_epsilon"}, 0, 1, kBlockEps);
    if (last != kBlockEps) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format(
                "'layer_norm_epsilon' is {}: a CTRL whose last norm has another epsilon than those of its "
                "blocks ({}) is not supported",
                last, kBlockEps));
    }
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("w", "token_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i), file = "h." + std::to_string(i) + ".";
        const std::string attention = file + "multi_head_attention.";
        table.add(file + "layernorm1", layer + "attention_norm");
        table.add(attention + "Wq", layer + "query");
        table.add(attention + "Wk", layer + "key");
        table.add(attention + "Wv", layer + "value");
        table.add(attention + "dense", layer + "output");
        table.add(file + "layernorm2", layer + "mlp_norm");
        table.add(file + "ffn.0", layer + "up");
        table.add(file + "ffn.2", layer + "down");
    }
    table.add("layernorm", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = gpt_random_config(request, "ctrl");
    config["dff"] = 4 * request.hidden_size;
    return config;
}

}  // namespace

extern const Family k_family_ctrl = {"ctrl",      "CTRL",       "transformer.", matches,
                                     read_config, file_weights, is_gpt_extra,   random_config};

}  // namespace headlight
