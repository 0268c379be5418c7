// BART: an encoder and a decoder with learned positions and norms after each sum. Lewis et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "bart", "BartFor");
}
Architecture read_config(ConfigReader& config) {
    BartStyle style;
    style.has_embedding_norm = true;
    style.default_start = 2;
    return read_bart_config(config, style);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bart_random_config(request, "bart");
}

}  // namespace

extern const Family k_family_bart = {"bart",        "BART",        "model.",
                                     matches,       read_config,   bart_file_weights,
                                     is_bart_extra, random_config, adapt_bart};

}  // namespace headlight
