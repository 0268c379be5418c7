// GPT-Neo: GPT-2 without the scale of scores, and layers that look back through a window in between. Black et
// al. 2021.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "family/lines/gpt_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "gpt_neo", "GPTNeoFor");
}

/// "attention_types": [[["global", "local"], 12]] means these two, twelve times over.
std::vector<std::string> read_kinds(ConfigReader& config, std::size_t num_layers) {
    const nlohmann::json* types = config.list({"attention_types"});
    if (types == nullptr || config.has({"attention_layers"}))
        return config.texts("attention_layers", num_layers);
    const auto most = static_cast<std::int64_t>(num_layers);
    std::vector<std::string> kinds;
    bool is_sound = true;
    for (const nlohmann::json& item : *types) {
        is_sound = is_sound && item.is_array() && item.size() == 2 && item[0].is_array() &&
                   item[1].is_number_integer() && item[1].get<std::int64_t>() <= most;
        if (!is_sound) break;
        for (std::int64_t i = 0; i < item[1].get<std::int64_t>() && kinds.size() <= num_layers; ++i) {
            for (const nlohmann::json& kind : item[0])
                kinds.push_back(kind.is_string() ? kind.get<std::string>() : "");
        }
    }
    if (!is_sound || kinds.size() != num_layers) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("the config's 'attention_types' does not name the kind of each of {} "
                                     "layers, as in [[[\"global\", \"local\"], 12]]",
                                     num_layers));
    }
    kinds.resize(num_layers);
    return kinds;
}

void read_local_layers(ConfigReader& config, Architecture& arch) {
    const auto num_layers = static_cast<std::size_t>(arch.num_layers);
    const int window = config.integer_or({"window_size"}, 1, kMostPositions, 256);
    const std::vector<std::string> kinds = read_kinds(config, num_layers);
    arch.window.assign(num_layers, 0);
    for (std::size_t layer = 0; layer < num_layers; ++layer) {
        const std::string kind = kinds.empty() ? (layer % 2 == 0 ? "global" : "local") : kinds[layer];
        if (kind == "local") arch.window[layer] = window;
        if (kind == "local" || kind == "global") continue;
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("layer {} has attention of type '{}' (known: global, local)", layer,
                                     kind.substr(0, 40)));
    }
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.hidden_size = config.integer({"hidden_size"}, 1, kMostHidden);
    arch.num_layers = config.integer({"num_hidden_layers", "num_layers"}, 1, kMostLayers);
    arch.num_heads = config.integer({"num_attention_heads", "num_heads"}, 1, kMostHeads);
    arch.vocab_size = config.integer({"vocab_size"}, 1, kMostVocab);
    arch.max_positions = config.integer({"max_position_embeddings"}, 1, kMostPositions);
    arch.intermediate_size =
        config.integer_or({"intermediate_size"}, 1, kMostIntermediate, 4 * arch.hidden_size);
    arch.num_kv_heads = arch.num_heads;
    arch.head_dim = divide_heads(config, arch.hidden_size, arch.num_heads, "hidden_size", "num_heads");
    arch.norm = NormKind::LayerNorm;
    arch.norm_eps = config.number_or({"layer_norm_epsilon"}, 0, 1, 1e-5);
    arch.has_norm_bias = arch.has_output_bias = arch.has_mlp_bias = true;
    arch.position = PositionKind::Learned;
    arch.activation = read_activation(config, {"activation_function"}, "gelu_new");
    arch.is_gated = false;
    arch.is_head_tied = config.boolean_or({"tie_word_embeddings"}, true);
    set_scale(arch, 1.0);
    read_local_layers(config, arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("wte", "token_embedding");
    table.add("wpe", "position_embedding");
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i), file = "h." + std::to_string(i) + ".";
        table.add(file + "ln_1", layer + "attention_norm");
        table.add(file + "attn.attention.q_proj", layer + "query");
        table.add(file + "attn.attention.k_proj", layer + "key");
        table.add(file + "attn.attention.v_proj", layer + "value");
        table.add(file + "attn.attention.out_proj", layer + "output");
        table.add(file + "ln_2", layer + "mlp_norm");
        table.add(file + "mlp.c_fc", layer + "up");
        table.add(file + "mlp.c_proj", layer + "down");
    }
    table.add("ln_f", "final_norm");
    table.add("lm_head", "head", {.has_prefix = false});
    return table.take();
}

/// Masks that old files carry, and the second copy of a tied head.
bool is_ignored(std::string_view name, const Architecture& arch) {
    return name.ends_with(".attention.bias") || name.ends_with(".attention.masked_bias") ||
           (arch.is_head_tied && name == "lm_head.weight");
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = {
        {"model_type", "gpt_neo"},          {"hidden_size", request.hidden_size},
        {"num_heads", request.num_heads},   {"num_layers", request.num_layers},
        {"vocab_size", request.vocab_size}, {"max_position_embeddings", request.max_positions}};
    std::vector<std::string> kinds(static_cast<std::size_t>(std::max(0, request.num_layers)), "global");
    for (std::size_t layer = 1; layer < kinds.size(); layer += 2)
        kinds[layer] = "local";
    config["attention_layers"] = kinds;
    return config;
}

}  // namespace

extern const Family k_family_gpt_neo = {"gpt_neo",   "GPT-Neo",    "transformer.", matches,
                                        read_config, file_weights, is_ignored,     random_config};

}  // namespace headlight
