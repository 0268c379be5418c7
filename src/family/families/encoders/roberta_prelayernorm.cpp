// RoBERTa-PreLayerNorm (fairseq's normalize-before option): RoBERTa with norms before each part. Ott et al.
// 2019.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertLayerNames kLayer = {
    .attention_norm = "attention.LayerNorm", .mlp_norm = "intermediate.LayerNorm", .final_norm = "LayerNorm"};

bool matches(const nlohmann::json& config) {
    return config_says(config, "roberta-prelayernorm", "RobertaPreLayerNorm");
}
Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 50265;
    defaults.is_pre_norm = true;
    return read_roberta_config(config, defaults);
}
std::vector<FileWeight> file_weights(const Architecture& arch) {
    return bert_file_weights(arch, kRobertaHead, kLayer);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bert_random_config(request, "roberta-prelayernorm", 2);
}

}  // namespace

extern const Family k_family_roberta_prelayernorm = {
    "roberta_prelayernorm", "RoBERTa-PreLayerNorm", "roberta_prelayernorm.", matches,      read_config,
    file_weights,           is_roberta_extra,       random_config,           adapt_roberta};

}  // namespace headlight
