// Blenderbot: an encoder and a decoder with learned positions and norms before each part. Roller et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "blenderbot", "BlenderbotFor");
}
Architecture read_config(ConfigReader& config) {
    BartStyle style;
    style.is_pre_norm = true;
    style.position_offset = 0;
    style.vocab_size = 8008;
    style.hidden_size = 2560;
    style.max_positions = 128;
    style.encoder_layers = 2;
    style.decoder_layers = 24;
    style.num_heads = 32;
    style.intermediate_size = 10240;
    style.default_start = 1;
    return read_bart_config(config, style);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bart_random_config(request, "blenderbot");
}

}  // namespace

extern const Family k_family_blenderbot = {"blenderbot",  "Blenderbot",  "model.",
                                           matches,       read_config,   bart_file_weights,
                                           is_bart_extra, random_config, adapt_bart};

}  // namespace headlight
