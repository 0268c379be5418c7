// umT5: T5 whose layers have a table of distances each. Chung et al. 2023.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "umt5", "UMT5");
}
Architecture read_config(ConfigReader& config) {
    return read_t5_config(config, {.feed_forward = "gated-gelu",
                                   .vocab_size = 250112,
                                   .intermediate_size = 1024,
                                   .num_layers = 8,
                                   .num_heads = 6,
                                   .has_buckets_per_layer = true});
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return t5_random_config(request, "umt5");
}

}  // namespace

extern const Family k_family_umt5 = {"umt5",          "umT5",      "transformer.", matches, read_config,
                                     t5_file_weights, is_t5_extra, random_config,  adapt_t5};

}  // namespace headlight
