// XLM-RoBERTa XL and XXL: norms before each part, none over embeddings. Goyal et al. 2021.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertLayerNames kLayer = {.attention_norm = "attention.self_attn_layer_norm",
                                   .mlp_norm = "LayerNorm"};

bool matches(const nlohmann::json& config) {
    return config_says(config, "xlm-roberta-xl", "XLMRobertaXL");
}

Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.hidden_size = 2560;
    defaults.num_layers = 36;
    defaults.num_heads = 32;
    defaults.intermediate_size = 10240;
    defaults.vocab_size = 250880;
    defaults.max_positions = 514;
    defaults.num_types = 1;
    defaults.norm_eps = 1e-5;
    defaults.is_pre_norm = true;
    Architecture arch = read_roberta_config(config, defaults);
    arch.has_embedding_norm = false;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    return bert_file_weights(arch, kRobertaHead, kLayer);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bert_random_config(request, "xlm-roberta-xl", 2);
}

}  // namespace

extern const Family k_family_xlm_roberta_xl = {"xlm_roberta_xl", "XLM-RoBERTa-XL", "roberta.",
                                               matches,          read_config,      file_weights,
                                               is_roberta_extra, random_config,    adapt_roberta};

}  // namespace headlight
