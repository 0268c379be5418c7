// XLM-RoBERTa: RoBERTa over a SentencePiece vocabulary of a hundred languages. Conneau et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/bert_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "xlm-roberta", "XLMRobertaFor");
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bert_random_config(request, "xlm-roberta", 2);
}

}  // namespace

extern const Family k_family_xlm_roberta = {"xlm_roberta",    "XLM-RoBERTa",       "roberta.",
                                            matches,          read_roberta_config, roberta_file_weights,
                                            is_roberta_extra, random_config,       adapt_roberta};

}  // namespace headlight
