// BertGeneration: BERT without token types whose head is the table alone. Rothe et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertHeadNames kHead = {"lm_head.dense", "lm_head.norm", "lm_head.decoder", "lm_head.bias"};

bool matches(const nlohmann::json& config) {
    return config_says(config, "bert-generation", "BertGeneration");
}

Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 50358;
    defaults.hidden_size = 1024;
    defaults.num_layers = 24;
    defaults.num_heads = 16;
    defaults.intermediate_size = 4096;
    defaults.num_types = 0;
    Architecture arch = read_bert_config(config, defaults);
    arch.head_transform = {};
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    return bert_file_weights(arch, kHead);
}
bool is_ignored(std::string_view name, const Architecture&) {
    return is_bert_extra(name) || is_head_copy(name, kHead);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bert_random_config(request, "bert-generation");
    config["tie_word_embeddings"] = false;
    return config;
}
void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kHead);
}

}  // namespace

extern const Family k_family_bert_generation = {"bert_generation", "BertGeneration", "bert.",
                                                matches,           read_config,      file_weights,
                                                is_ignored,        random_config,    adapt};

}  // namespace headlight
