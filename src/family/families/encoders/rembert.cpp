// RemBERT: BERT over a narrow token table, with an output table of another width that is never tied to it.
// Chung et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

constexpr BertHeadNames kHead = {"cls.predictions.dense", "cls.predictions.LayerNorm",
                                 "cls.predictions.decoder", "cls.predictions.decoder.bias"};

bool matches(const nlohmann::json& config) {
    return config_says(config, "rembert", "RemBert");
}

Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 250300;
    defaults.hidden_size = 1152;
    defaults.num_layers = 32;
    defaults.num_heads = 18;
    defaults.intermediate_size = 4608;
    Architecture arch = read_bert_config(config, defaults);
    arch.embedding_size = config.integer_or({"input_embedding_size"}, 1, kMostHidden, 256);
    arch.always_projects = true;
    arch.is_head_tied = false;
    arch.head_transform.size = config.integer_or({"output_embedding_size"}, 1, kMostHidden, 1664);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    std::vector<FileWeight> list = bert_file_weights(arch, kHead);
    for (FileWeight& entry : list) {
        if (entry.name.starts_with("embeddings_project."))
            entry.name.replace(0, 18, "encoder.embedding_hidden_mapping_in");
    }
    return list;
}
bool is_ignored(std::string_view name, const Architecture&) {
    return is_bert_extra(name) || is_head_copy(name, kHead);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bert_random_config(request, "rembert");
    config["input_embedding_size"] = config["output_embedding_size"] = std::max(1, request.hidden_size / 2);
    return config;
}
void adapt(Architecture& arch, const HasTensor& has) {
    adapt_bert_head(arch, has, kHead);
}

}  // namespace

extern const Family k_family_rembert = {"rembert",    "RemBERT",  "rembert.",    matches, read_config,
                                        file_weights, is_ignored, random_config, adapt};

}  // namespace headlight
