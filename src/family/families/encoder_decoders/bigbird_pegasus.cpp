// BigBird-Pegasus: norms before each part; its encoder attends sparsely over texts that are longer than its
// blocks together, which are not run. Zaheer et al. 2020.
#include <nlohmann/json.hpp>

#include "family/lines/seq2seq_layout.h"

namespace headlight {
namespace {

constexpr BartAttentionNames kEncoder = {"self_attn.self.query", "self_attn.self.key", "self_attn.self.value",
                                         "self_attn.output"};

bool matches(const nlohmann::json& config) {
    return config_says(config, "bigbird_pegasus", "BigBirdPegasus");
}
Architecture read_config(ConfigReader& config) {
    BartStyle style;
    style.is_pre_norm = style.scales_embedding = true;
    style.position_offset = 0;
    style.activation = "gelu_new";
    style.vocab_size = 96103;
    style.max_positions = 4096;
    style.encoder_layers = style.decoder_layers = 16;
    style.default_start = 2;
    Architecture arch = read_bart_config(config, style);
    arch.full_attention_tokens = read_sparse_blocks(config);
    auto decoder = std::make_shared<Architecture>(*arch.decoder);
    const bool has_bias = config.boolean_or({"use_bias"}, false);
    arch.has_qkv_bias = arch.has_output_bias = decoder->has_qkv_bias = decoder->has_output_bias = has_bias;
    arch.decoder = std::move(decoder);
    return arch;
}
nlohmann::json random_config(const RandomModelRequest& request) {
    return bart_random_config(request, "bigbird_pegasus");
}
std::vector<FileWeight> file_weights(const Architecture& arch) {
    std::vector<FileWeight> list = bart_file_weights(arch, kEncoder);
    for (FileWeight& entry : list) {  // the last norms carry the name of the first
        for (const std::string stack : {"encoder.", "decoder."}) {
            if (entry.name.starts_with(stack + "layer_norm."))
                entry.name.replace(0, stack.size() + 10, stack + "layernorm_embedding");
        }
    }
    return list;
}

}  // namespace

extern const Family k_family_bigbird_pegasus = {"bigbird_pegasus", "BigBird-Pegasus", "model.",
                                                matches,           read_config,       file_weights,
                                                is_bart_extra,     random_config,     adapt_bart};

}  // namespace headlight
