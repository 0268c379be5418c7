// Encoders of BERT's line whose positions rotate: Nomic BERT (Nussbaum et al. 2024), GTE (Zhang et al. 2024)
// and Jina embeddings v3 (Sturua et al. 2024). Queries, keys and values lie in one matrix.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertHeadNames kNomicHead = {"cls.predictions.transform.dense",
                                      "cls.predictions.transform.layer_norm", "cls.predictions.decoder",
                                      "cls.predictions.bias"};
constexpr BertHeadNames kGteHead = {"lm_head.dense", "lm_head.norm", "lm_head.decoder",
                                    "lm_head.decoder.bias"};

/// Names behind that of the block.
struct RotaryNames {
    const char *block, *fused, *output, *attention_norm, *mlp_norm, *down;
    std::vector<const char*> inner;  // one tensor of up and gate, or up and gate, or up
    const char* embedding_norm;
};

bool matches_nomic(const nlohmann::json& config) {
    return config_says(config, "nomic_bert", "NomicBert");
}
bool matches_gte(const nlohmann::json& config) {
    return config_says(config, "gte", "Gte");
}
bool matches_jina(const nlohmann::json& config) {
    return config_says(config, "jina_embeddings_v3", "JinaEmbeddingsV3");
}

Architecture read_rotary(ConfigReader& config, const BertDefaults& defaults, double theta) {
    Architecture arch = read_bert_config(config, defaults);
    if (config.has({"head_dim"})) {
        arch.head_dim = config.integer({"head_dim"}, 1, kMostHeadDim);
        set_scale(arch);
    }
    arch.position = PositionKind::Rotary;
    read_rope(config, arch, {.default_theta = theta});
    return arch;
}

/// Published configs also have the keys of the model's own code. The reference library does not read those,
/// so they must say the same.
void check_older_keys(ConfigReader& config, const Architecture& arch) {
    const std::pair<const char*, double> expected[] = {{"rotary_emb_base", arch.rope.theta},
                                                       {"rotary_emb_fraction", 1.0},
                                                       {"layer_norm_epsilon", arch.norm_eps},
                                                       {"n_head", arch.num_heads}};
    for (const auto& [key, value] : expected) {
        const double found = config.number_or({key}, 0, 1e12, value);
        if (found == value) continue;
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("'{}' is {}, but transformers 5 computes this model with {}", key, found, value));
    }
    for (const char* key : {"rotary_emb_interleaved", "prenorm", "qkv_proj_bias", "mlp_fc1_bias"}) {
        if (config.boolean_or({key}, false))
            config.fail_with(ErrorKind::Unsupported, fmt::format("'{}' is true, supported is false", key));
    }
}

Architecture read_nomic(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 30528;
    defaults.max_positions = 2048;
    defaults.activation = "silu";
    Architecture arch = read_rotary(config, defaults, 1000.0);
    arch.is_gated = true;
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = false;
    check_older_keys(config, arch);
    return arch;
}

Architecture read_gte(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 250048;
    defaults.max_positions = 8192;
    defaults.num_types = 0;
    Architecture arch = read_rotary(config, defaults, 160000.0);
    arch.num_token_types = config.integer_or({"type_vocab_size"}, 0, kMostVocab, 1);
    arch.is_gated = true;
    arch.has_inner_bias = false;
    arch.head_transform.activation = Activation::Gelu;  // whatever hidden_act says
    return arch;
}

Architecture read_jina(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 250002;
    defaults.hidden_size = 1024;
    defaults.num_layers = 24;
    defaults.num_heads = 16;
    defaults.intermediate_size = 4096;
    defaults.max_positions = 8194;
    defaults.num_types = 1;
    defaults.norm_eps = 1e-5;
    Architecture arch = read_rotary(config, defaults, 20000.0);
    arch.head_transform.activation = Activation::Gelu;  // whatever hidden_act says
    return arch;
}

std::vector<FileWeight> rotary_weights(const Architecture& arch, const RotaryNames& names,
                                       const BertHeadNames& head) {
    WeightTable table(arch);
    add_bert_embeddings(table, {.embedding_norm = names.embedding_norm});
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string file = fmt::format("{}{}.", names.block, i), to = layer_slot(i);
        table.fused(file + names.fused, {to + "query", to + "key", to + "value"});
        table.add(file + names.output, to + "output");
        table.add(file + names.attention_norm, to + "attention_norm");
        if (arch.is_gated && names.inner.size() == 1) {
            table.fused(file + names.inner[0], {to + "up", to + "gate"});
        } else {
            table.add(file + names.inner[0], to + "up");
            if (arch.is_gated) table.add(file + names.inner[1], to + "gate");
        }
        table.add(file + names.down, to + "down");
        table.add(file + names.mlp_norm, to + "mlp_norm");
    }
    add_bert_head(table, head);
    return table.take();
}

std::vector<FileWeight> nomic_weights(const Architecture& arch) {
    return rotary_weights(arch,
                          {"encoder.layers.",
                           "attn.Wqkv",
                           "attn.out_proj",
                           "norm1",
                           "norm2",
                           "mlp.fc2",
                           {"mlp.fc11", "mlp.fc12"},
                           "emb_ln"},
                          kNomicHead);
}
std::vector<FileWeight> gte_weights(const Architecture& arch) {
    return rotary_weights(arch,
                          {"encoder.layer.",
                           "attention.qkv_proj",
                           "attention.o_proj",
                           "attn_ln",
                           "mlp_ln",
                           "mlp.down_proj",
                           {"mlp.up_gate_proj"},
                           "embeddings.LayerNorm"},
                          kGteHead);
}
std::vector<FileWeight> jina_weights(const Architecture& arch) {
    return rotary_weights(arch,
                          {"encoder.layers.",
                           "mixer.Wqkv",
                           "mixer.out_proj",
                           "norm1",
                           "norm2",
                           "mlp.fc2",
                           {"mlp.fc1"},
                           "emb_ln"},
                          kRobertaHead);
}

bool is_extra(std::string_view name, const BertHeadNames& head) {
    return is_bert_extra(name) || is_head_copy(name, head) || name.ends_with("inv_freq");
}
bool is_nomic_extra(std::string_view name, const Architecture&) {
    return is_extra(name, kNomicHead);
}
bool is_gte_extra(std::string_view name, const Architecture&) {
    return is_extra(name, kGteHead);
}
bool is_jina_extra(std::string_view name, const Architecture&) {
    return is_extra(name, kRobertaHead);
}

nlohmann::json random_nomic(const RandomModelRequest& request) {
    return bert_random_config(request, "nomic_bert");
}
nlohmann::json random_gte(const RandomModelRequest& request) {
    return bert_random_config(request, "gte");
}
nlohmann::json random_jina(const RandomModelRequest& request) {
    return bert_random_config(request, "jina_embeddings_v3");
}

void adapt_nomic(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kNomicHead);
}
void adapt_gte(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kGteHead);
}

}  // namespace

extern const Family k_family_nomic_bert = {"nomic_bert",   "Nomic BERT", "nomic_bert.",
                                           matches_nomic,  read_nomic,   nomic_weights,
                                           is_nomic_extra, random_nomic, adapt_nomic};
extern const Family k_family_gte = {"gte",       "GTE",        "gte.|new.", matches_gte, read_gte,
                                    gte_weights, is_gte_extra, random_gte,  adapt_gte};
extern const Family k_family_jina_embeddings_v3 = {
    "jina_embeddings_v3", "Jina embeddings v3", "roberta.",  matches_jina, read_jina,
    jina_weights,         is_jina_extra,        random_jina, adapt_roberta};

}  // namespace headlight
