// ELECTRA: BERT over a table of another width; its generator predicts masked tokens, its discriminator none
// that we show. Clark et al. 2020.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertHeadNames kHead = {"generator_predictions.dense", "generator_predictions.LayerNorm",
                                 "generator_lm_head", "generator_lm_head.bias"};

bool matches(const nlohmann::json& config) {
    return config_says(config, "electra", "Electra");
}

Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.hidden_size = 256;
    defaults.num_heads = 4;
    defaults.intermediate_size = 1024;
    Architecture arch = read_bert_config(config, defaults);
    arch.embedding_size = config.integer_or({"embedding_size"}, 1, kMostHidden, 128);
    arch.head_transform.size = arch.embedding_size;
    arch.head_transform.activation = Activation::Gelu;  // whatever hidden_act says
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    return bert_file_weights(arch, kHead);
}
bool is_ignored(std::string_view name, const Architecture&) {
    return is_bert_extra(name) || is_head_copy(name, kHead);
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bert_random_config(request, "electra");
    config["embedding_size"] = std::max(1, request.hidden_size / 2);
    return config;
}

void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kHead);
}

}  // namespace

extern const Family k_family_electra = {"electra",    "ELECTRA",  "electra.",    matches, read_config,
                                        file_weights, is_ignored, random_config, adapt};

}  // namespace headlight
