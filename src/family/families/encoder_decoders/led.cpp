// LED: BART whose encoder sees a band of neighbours, as Longformer does; without tokens that are marked as
// global. Beltagy et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

constexpr BartAttentionNames kEncoder = {"self_attn.longformer_self_attn.query",
                                         "self_attn.longformer_self_attn.key",
                                         "self_attn.longformer_self_attn.value", "self_attn.output"};

bool matches(const nlohmann::json& config) {
    return config_says(config, "led", "LED");
}
Architecture read_config(ConfigReader& config) {
    BartStyle style;
    style.has_embedding_norm = true;
    style.position_offset = 0;
    style.default_start = 2;
    style.max_positions = 16384;
    style.encoder_positions = "max_encoder_position_embeddings";
    style.decoder_positions = "max_decoder_position_embeddings";
    style.decoder_max_positions = 1024;
    Architecture arch = read_bart_config(config, style);
    read_bands(config, arch);
    return arch;
}
nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = bart_random_config(request, "led");
    config["max_encoder_position_embeddings"] = config["max_decoder_position_embeddings"] =
        request.max_positions;
    config["attention_window"] = 8;
    return config;
}
std::vector<FileWeight> file_weights(const Architecture& arch) {
    return bart_file_weights(arch, kEncoder);
}
bool is_ignored(std::string_view name, const Architecture& arch) {
    return is_bart_extra(name, arch) || name.find("_global.") != std::string_view::npos;
}

}  // namespace

extern const Family k_family_led = {"led",        "LED",      "led.",        matches,   read_config,
                                    file_weights, is_ignored, random_config, adapt_bart};

}  // namespace headlight
