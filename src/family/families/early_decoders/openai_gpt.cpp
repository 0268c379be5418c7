// GPT: GPT-2's block with a norm after each sum in place of before each part, and none at the end. Radford et
// al. 2018.
#include <nlohmann/json.hpp>

#include "family/lines/gpt_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "openai-gpt", "OpenAIGPT");
}

/// `afn` knows four names, and calls the tanh approximation "gelu".
Activation read_afn(ConfigReader& config) {
    const std::string name = config.text_or({"afn"}, "gelu");
    if (name == "gelu") return Activation::GeluTanh;
    if (name == "relu") return Activation::Relu;
    if (name == "silu" || name == "swish") return Activation::Silu;
    config.fail_with(ErrorKind::Unsupported,
                     fmt::format("activation '{}' of 'afn' is not supported (known: gelu, relu, silu, swish)",
                                 name.substr(0, 40)));
    return Activation::Identity;
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_gpt_config(config, true);
    arch.intermediate_size = 4 * arch.hidden_size;  // no key for it
    arch.activation = read_afn(config);
    arch.norm_place = NormPlace::AfterSum;
    arch.has_final_norm = false;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("tokens_embed", "token_embedding");
    table.add("positions_embed", "position_embedding");
    add_gpt2_blocks(table, arch, {.is_transposed = true});
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return gpt_random_config(request, "openai-gpt");
}

}  // namespace

extern const Family k_family_openai_gpt = {"openai_gpt", "GPT",        "transformer.", matches,
                                           read_config,  file_weights, is_gpt_extra,   random_config};

}  // namespace headlight
