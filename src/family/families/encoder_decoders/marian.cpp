// Marian (OPUS-MT): an encoder and a decoder with computed positions and norms after each sum.
// Junczys-Dowmunt et al. 2018.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "marian", "Marian");
}
Architecture read_config(ConfigReader& config) {
    BartStyle style;
    style.is_sinusoidal = style.may_have_two_tables = true;
    style.default_start = config.integer_or({"pad_token_id"}, 0, kMostVocab, 58100);
    return read_bart_config(config, style);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bart_random_config(request, "marian");
}

}  // namespace

extern const Family k_family_marian = {"marian",      "Marian",      "model.",
                                       matches,       read_config,   bart_file_weights,
                                       is_bart_extra, random_config, adapt_bart};

}  // namespace headlight
