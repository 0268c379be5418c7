// LongT5 with local attention: T5 whose encoder sees neighbours alone. Guo et al. 2022.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "longt5", "LongT5");
}

Architecture read_config(ConfigReader& config) {
    Architecture arch = read_t5_config(config, {});
    const std::string kind = config.text_or({"encoder_attention_type"}, "local");
    if (kind != "local") {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("'encoder_attention_type' is '{}', supported is 'local': other kinds attend to "
                        "sums over blocks, which are no tokens of the text",
                        kind.substr(0, 40)));
    }
    set_window(arch, config.integer_or({"local_radius"}, 1, kMostPositions, 127));
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    return t5_file_weights(arch, "LocalSelfAttention");
}
nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = t5_random_config(request, "longt5");
    config["local_radius"] = 8;
    return config;
}

}  // namespace

extern const Family k_family_longt5 = {"longt5",     "LongT5",    "transformer.", matches, read_config,
                                       file_weights, is_t5_extra, random_config,  adapt_t5};

}  // namespace headlight
