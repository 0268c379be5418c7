// mBART: BART with norms before each part and one after the last block. Liu et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "mbart", "MBartFor");
}
Architecture read_config(ConfigReader& config) {
    BartStyle style;
    style.is_pre_norm = style.has_embedding_norm = true;
    return read_bart_config(config, style);  // its decoder starts with a language: no default
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bart_random_config(request, "mbart");
}

}  // namespace

extern const Family k_family_mbart = {"mbart",           "mBART",       "model.",      matches,   read_config,
                                      bart_file_weights, is_bart_extra, random_config, adapt_bart};

}  // namespace headlight
