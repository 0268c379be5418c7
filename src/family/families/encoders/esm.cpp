// ESM-1b and ESM-2: proteins, a token per residue. RoBERTa with norms before each part, learned or rotary
// positions, and embeddings scaled by the share of masked tokens. Rives et al. 2021, Lin et al. 2023.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertLayerNames kLayer = {.attention_norm = "attention.LayerNorm",
                                   .mlp_norm = "LayerNorm",
                                   .final_norm = "encoder.emb_layer_norm_after",
                                   .embedding_norm = "embeddings.layer_norm"};
constexpr const char* kFrequencies = "rotary_embeddings.inv_freq";
constexpr const char* kOlderFrequencies = "encoder.layer.0.attention.self.rotary_embeddings.inv_freq";
constexpr const char* kAllLayers =
    "encoder.layer.*.attention.self.rotary_embeddings.inv_freq";  // so it is saved

bool matches(const nlohmann::json& config) {
    return config_says(config, "esm", "EsmFor");
}

void read_rotation(ConfigReader& config, Architecture& arch) {
    arch.position = PositionKind::Rotary;
    arch.rope.theta = config.number_or({"rope_theta"}, 1e-3, 1e12, 10000.0);
    arch.rope.rotary_dim = arch.head_dim;
    if (arch.head_dim % 2 != 0) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("heads of width {} cannot rotate: hidden_size / num_attention_heads must be even",
                        arch.head_dim));
    }
    for (const char* key : {"head_dim", "rope_scaling", "rope_parameters"}) {
        if (config.has({key}))
            config.fail_with(ErrorKind::Unsupported, fmt::format("'{}' is not supported for ESM", key));
    }
}

/// `token_dropout`: masked tokens count as dropped, the rest is scaled as training left it.
void read_dropout(ConfigReader& config, Architecture& arch) {
    const int mask = config.integer_or({"mask_token_id"}, 0, kMostVocab, -1);
    if (!config.boolean_or({"token_dropout"}, false)) return;
    arch.dropout_mask_id = mask;
    if (mask < 0)
        config.fail_with(ErrorKind::Missing, "the config has 'token_dropout' but no 'mask_token_id'");
}

Architecture read_config(ConfigReader& config) {
    config.integer({"vocab_size"}, 1, kMostVocab);
    if (config.boolean_or({"is_folding_model"}, false))
        config.fail_with(ErrorKind::Unsupported, "'is_folding_model' is true: ESMFold is not supported");
    BertDefaults defaults;
    defaults.num_types = 0;
    defaults.max_positions = 1026;
    defaults.is_pre_norm = defaults.has_rotary_choice = true;
    Architecture arch = read_bert_config(config, defaults);
    arch.has_embedding_norm = config.boolean_or({"emb_layer_norm_before"}, false);
    arch.activation = arch.head_transform.activation = Activation::Gelu;  // whatever hidden_act says
    if (config.text_or({"position_embedding_type"}, "absolute") == "rotary") {
        read_rotation(config, arch);
    } else {
        offset_positions(config, arch, config.integer({"pad_token_id"}, 0, kMostVocab));
    }
    read_dropout(config, arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    std::vector<FileWeight> list = bert_file_weights(arch, kRobertaHead, kLayer);
    if (arch.stored_rotation != StoredRotation::Frequencies) return list;
    list.push_back({kFrequencies, {"rotary_frequencies"}});
    list.back().other_names = {kAllLayers, kOlderFrequencies};
    return list;
}

bool is_ignored(std::string_view name, const Architecture& arch) {
    const bool is_rotary = arch.position == PositionKind::Rotary;
    if (is_rotary && name == "embeddings.position_embeddings.weight") return true;
    return is_bert_extra(name) || is_head_copy(name, kRobertaHead) || name.starts_with("contact_head.") ||
           name.ends_with("rotary_embeddings.inv_freq");
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bert_random_config(request, "esm");
    config["position_embedding_type"] = "rotary";
    config["token_dropout"] = true;
    config["mask_token_id"] = request.vocab_size - 1;
    config["pad_token_id"] = 1;
    return config;
}

void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kRobertaHead);
    const bool has_frequencies = has(kFrequencies) || has(kAllLayers) || has(kOlderFrequencies);
    if (arch.position == PositionKind::Rotary && has_frequencies)
        arch.stored_rotation = StoredRotation::Frequencies;
}

}  // namespace

extern const Family k_family_esm = {"esm",        "ESM",      "esm.",        matches, read_config,
                                    file_weights, is_ignored, random_config, adapt};

}  // namespace headlight
