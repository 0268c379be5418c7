// BioGPT: BART's decoder without cross-attention, with learned positions. Luo et al. 2022.
#include <nlohmann/json.hpp>

#include "family/lines/fairseq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "biogpt", "BioGpt");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.hidden_size = config.integer({"hidden_size"}, 1, kMostHidden);
    arch.num_layers = config.integer({"num_hidden_layers"}, 1, kMostLayers);
    arch.num_heads = config.integer({"num_attention_heads"}, 1, kMostHeads);
    arch.intermediate_size = config.integer_or({"intermediate_size"}, 1, kMostIntermediate, 4096);
    read_fairseq_rest(config, arch, "hidden_act", 1024);
    arch.position = PositionKind::Learned;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("embed_positions", "position_embedding");
    add_fairseq_blocks(table, arch);
    table.add("output_projection", "head", {.has_prefix = false});
    return table.take();
}

bool is_ignored(std::string_view name, const Architecture& arch) {
    return arch.is_head_tied && name == "output_projection.weight";
}

nlohmann::json random_config(const RandomModelRequest& request) {
    return {{"model_type", "biogpt"},
            {"hidden_size", request.hidden_size},
            {"num_attention_heads", request.num_heads},
            {"num_hidden_layers", request.num_layers},
            {"intermediate_size", 4 * request.hidden_size},
            {"vocab_size", request.vocab_size},
            {"max_position_embeddings", request.max_positions}};
}

}  // namespace

extern const Family k_family_biogpt = {"biogpt",    "BioGPT",     "biogpt.",  matches,
                                       read_config, file_weights, is_ignored, random_config};

}  // namespace headlight
