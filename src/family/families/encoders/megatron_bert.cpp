// Megatron-BERT: BERT with norms before each part and one after the last block, none over embeddings. Shoeybi
// et al. 2019.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertLayerNames kLayer = {
    .attention_norm = "attention.ln", .mlp_norm = "ln", .final_norm = "encoder.ln"};

bool matches(const nlohmann::json& config) {
    return config_says(config, "megatron-bert", "MegatronBert");
}

Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 29056;
    defaults.hidden_size = 1024;
    defaults.num_layers = 24;
    defaults.num_heads = 16;
    defaults.intermediate_size = 4096;
    defaults.is_pre_norm = true;
    Architecture arch = read_bert_config(config, defaults);
    arch.has_embedding_norm = false;
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    return bert_file_weights(arch, kBertHead, kLayer);
}
bool is_ignored(std::string_view name, const Architecture&) {
    return is_bert_extra(name) || is_head_copy(name, kBertHead);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bert_random_config(request, "megatron-bert");
}
void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kBertHead);
}

}  // namespace

extern const Family k_family_megatron_bert = {"megatron_bert", "Megatron-BERT", "bert.",
                                              matches,         read_config,     file_weights,
                                              is_ignored,      random_config,   adapt};

}  // namespace headlight
