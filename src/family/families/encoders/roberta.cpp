// RoBERTa and CamemBERT: BERT whose positions begin after the padding token's row. Liu et al. 2019.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "roberta", "Roberta") || config_says(config, "camembert", "Camembert");
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bert_random_config(request, "roberta", 2);
}

}  // namespace

extern const Family k_family_roberta = {"roberta",        "RoBERTa",           "roberta.",
                                        matches,          read_roberta_config, roberta_file_weights,
                                        is_roberta_extra, random_config,       adapt_roberta};

}  // namespace headlight
