// PLBart: BART over code. Ahmad et al. 2021.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "plbart", "PLBart");
}
Architecture read_config(ConfigReader& config) {
    BartStyle style;
    style.has_embedding_norm = style.scales_embedding = true;
    style.vocab_size = 50005;
    style.hidden_size = 768;
    style.encoder_layers = style.decoder_layers = 6;
    style.num_heads = 12;
    style.intermediate_size = 3072;
    return read_bart_config(config, style);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bart_random_config(request, "plbart");
}

}  // namespace

extern const Family k_family_plbart = {"plbart",      "PLBart",      "model.",
                                       matches,       read_config,   bart_file_weights,
                                       is_bart_extra, random_config, adapt_bart};

}  // namespace headlight
