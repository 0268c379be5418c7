// mT5: T5 over a SentencePiece vocabulary of a hundred languages. Xue et al. 2021.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "mt5", "MT5");
}
Architecture read_config(ConfigReader& config) {
    return read_t5_config(config, {.scales_output = false,
                                   .feed_forward = "gated-gelu",
                                   .vocab_size = 250112,
                                   .intermediate_size = 1024,
                                   .num_layers = 8,
                                   .num_heads = 6});
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return t5_random_config(request, "mt5");
}

}  // namespace

extern const Family k_family_mt5 = {"mt5",           "mT5",       "transformer.", matches, read_config,
                                    t5_file_weights, is_t5_extra, random_config,  adapt_t5};

}  // namespace headlight
