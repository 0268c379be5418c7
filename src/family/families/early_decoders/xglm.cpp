// XGLM: BART's decoder without cross-attention; sinusoids whose last frequency is 1/10000. Lin et al. 2021.
#include <nlohmann/json.hpp>

#include "family/lines/fairseq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "xglm", "XGLM");
}

/// The row of the padding token is zeros: only rows before the first position may be that.
void check_padding(ConfigReader& config, const Architecture& arch) {
    const int pad = config.integer_or({"pad_token_id"}, -kMostVocab, kMostVocab, 1);
    if (pad >= 0 && pad < arch.position_offset) return;
    config.fail_with(ErrorKind::Unsupported,
                     fmt::format("'pad_token_id' is {}: an XGLM whose padding token takes a position's row "
                                 "(known: 0, 1, null) is not supported",
                                 pad));
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.hidden_size = config.integer({"hidden_size", "d_model"}, 1, kMostHidden);
    arch.num_layers = config.integer({"num_hidden_layers", "num_layers"}, 1, kMostLayers);
    arch.num_heads = config.integer({"num_attention_heads", "attention_heads"}, 1, kMostHeads);
    arch.intermediate_size = config.integer_or({"ffn_dim"}, 1, kMostIntermediate, 4096);
    read_fairseq_rest(config, arch, "activation_function", 2048);
    arch.position = PositionKind::Sinusoidal;
    arch.sinusoids_reach_end = true;
    check_padding(config, arch);
    if (arch.hidden_size < 4) {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'d_model' is {}: XGLM's sinusoids need at least 4", arch.hidden_size));
    }
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    add_fairseq_blocks(table, arch);
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

bool is_ignored(std::string_view name, const Architecture& arch) {
    return name.ends_with("embed_positions.weights") || (arch.is_head_tied && name == "lm_head.weight");
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return {{"model_type", "xglm"},
            {"d_model", request.hidden_size},
            {"attention_heads", request.num_heads},
            {"num_layers", request.num_layers},
            {"ffn_dim", 4 * request.hidden_size},
            {"vocab_size", request.vocab_size},
            {"max_position_embeddings", request.max_positions}};
}

}  // namespace

extern const Family k_family_xglm = {"xglm",      "XGLM",       "model.",   matches,
                                     read_config, file_weights, is_ignored, random_config};

}  // namespace headlight
