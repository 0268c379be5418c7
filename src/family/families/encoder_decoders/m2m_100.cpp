// M2M-100 and NLLB: an encoder and a decoder with computed positions that count no padding, norms before each
// part. Fan et al. 2020, NLLB team 2022.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "m2m_100", "M2M100");
}
Architecture read_config(ConfigReader& config) {
    BartStyle style;
    style.is_pre_norm = style.is_sinusoidal = style.is_fairseq = style.scales_embedding = true;
    style.activation = "relu";
    style.vocab_size = 128112;
    style.default_start = 2;
    return read_bart_config(config, style);
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bart_random_config(request, "m2m_100");
}

}  // namespace

extern const Family k_family_m2m_100 = {"m2m_100",     "M2M-100",     "model.",
                                        matches,       read_config,   bart_file_weights,
                                        is_bart_extra, random_config, adapt_bart};

}  // namespace headlight
