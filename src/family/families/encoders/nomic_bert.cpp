// Nomic BERT: rotary positions, gated feed-forward parts and no biases; names as the reference library saves
// them or as the published files have them. Nussbaum et al. 2024.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"
#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

constexpr BertHeadNames kHead = {"cls.predictions.transform.dense", "cls.predictions.transform.layer_norm",
                                 "cls.predictions.decoder", "cls.predictions.bias"};
constexpr double kTheta = 1000.0;

bool matches(const nlohmann::json& config) {
    return config_says(config, "nomic_bert", "NomicBert");
}

/// Published files of the older class spell their config in keys of their own, which the reference library
/// does not read either.
void refuse_older_keys(ConfigReader& config) {
    for (const char* key : {"n_embd", "n_inner", "rotary_emb_base", "rotary_emb_fraction", "qkv_proj_bias"}) {
        if (!config.has({key})) continue;
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("'{}' belongs to the model's own code; supported is the config that "
                                     "NomicBertModel of transformers 5 writes (hidden_size, rope_parameters)",
                                     key));
    }
}

Architecture read_config(ConfigReader& config) {
    refuse_older_keys(config);
    BertDefaults defaults;
    defaults.vocab_size = 30528;
    defaults.max_positions = 2048;
    defaults.activation = "silu";
    Architecture arch = read_bert_config(config, defaults);
    arch.head_dim = config.integer_or({"head_dim"}, 1, kMostHeadDim, arch.head_dim);
    set_scale(arch);
    arch.position = PositionKind::Rotary;
    read_rope(config, arch, {.default_theta = kTheta});
    arch.is_gated = true;
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = false;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    add_bert_embeddings(table);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        add_llama_projections(table, layer);
        table.add(layer + "post_attention_layernorm", layer + "attention_norm");
        add_llama_mlp(table, layer);
        table.add(layer + "post_mlp_layernorm", layer + "mlp_norm");
    }
    add_bert_head(table, kHead);
    return table.take();
}

bool is_ignored(std::string_view name, const Architecture&) {
    return is_bert_extra(name) || is_head_copy(name, kHead);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bert_random_config(request, "nomic_bert");
}
void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kHead);
}

}  // namespace

extern const Family k_family_nomic_bert = {"nomic_bert", "Nomic BERT", "nomic_bert.", matches, read_config,
                                           file_weights, is_ignored,   random_config, adapt};

}  // namespace headlight
