// Blenderbot's small model: norms after each sum, and a decoder that adds positions after its embedding norm.
// Roller et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "blenderbot-small", "BlenderbotSmall");
}
Architecture read_config(ConfigReader& config) {
    BartStyle style;
    style.has_embedding_norm = style.decoder_norms_before_positions = true;
    style.position_offset = 0;
    style.hidden_size = 512;
    style.max_positions = 512;
    style.encoder_layers = style.decoder_layers = 8;
    style.intermediate_size = 2048;
    style.default_start = 1;
    return read_bart_config(config, style);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bart_random_config(request, "blenderbot-small");
}

}  // namespace

extern const Family k_family_blenderbot_small = {
    "blenderbot_small", "Blenderbot-Small", "model.",      matches,   read_config,
    bart_file_weights,  is_bart_extra,      random_config, adapt_bart};

}  // namespace headlight
