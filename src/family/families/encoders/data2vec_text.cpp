// data2vec's text model: RoBERTa, trained to predict its own hidden states. Baevski et al. 2022.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "data2vec-text", "Data2VecText");
}
Architecture read_config(ConfigReader& config) {
    BertDefaults defaults;
    defaults.vocab_size = 30522;
    return read_roberta_config(config, defaults);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bert_random_config(request, "data2vec-text", 2);
}

}  // namespace

extern const Family k_family_data2vec_text = {"data2vec_text",  "data2vec-text", "data2vec_text.",
                                              matches,          read_config,     roberta_file_weights,
                                              is_roberta_extra, random_config,   adapt_roberta};

}  // namespace headlight
