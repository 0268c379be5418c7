// T5 and Flan-T5: an encoder and a decoder whose scores get a learned bias by distance. Raffel et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "t5", "T5");
}
Architecture read_config(ConfigReader& config) {
    return read_t5_config(config, {});
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return t5_random_config(request, "t5");
}

}  // namespace

extern const Family k_family_t5 = {
    "t5", "T5", "transformer.", matches, read_config, t5_file_weights, is_t5_extra, random_config, adapt_t5};

}  // namespace headlight
