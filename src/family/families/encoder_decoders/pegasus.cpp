// Pegasus: an encoder and a decoder with computed positions and norms before each part. Zhang et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "pegasus", "PegasusFor");
}
Architecture read_config(ConfigReader& config) {
    BartStyle style;
    style.is_pre_norm = style.is_sinusoidal = true;
    style.default_start = 0;
    return read_bart_config(config, style);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bart_random_config(request, "pegasus");
}

}  // namespace

extern const Family k_family_pegasus = {"pegasus",     "Pegasus",     "model.",
                                        matches,       read_config,   bart_file_weights,
                                        is_bart_extra, random_config, adapt_bart};

}  // namespace headlight
