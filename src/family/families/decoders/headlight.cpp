// Our own family: the config spells the architecture out and the file names the weights as the program does.
// What `headlight train` saves when no public layout fits, such as models without norms, and what
// headlight.json makes of a home-made model.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "family/family.h"
#include "family/shared_config.h"
#include "family/weight_slots.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "headlight", "Headlight");
}

/// Picks the value of a name out of a few; anything else is an error that lists them.
template <class Kind>
Kind read_choice(ConfigReader& config, const char* key,
                 std::initializer_list<std::pair<const char*, Kind>> choices) {
    const std::string name = config.text_or({key}, {});
    std::string known;
    for (const auto& [text, kind] : choices) {
        if (name == text) return kind;
        known += std::string(known.empty() ? "" : ", ") + text;
    }
    config.fail_with(
        name.empty() ? ErrorKind::Missing : ErrorKind::Unsupported,
        fmt::format("the config's '{}' is '{}', expected one of: {}", key, name.substr(0, 40), known));
    return choices.begin()->second;
}

void read_norm(ConfigReader& config, Architecture& arch) {
    arch.norm = read_choice<NormKind>(
        config, "norm",
        {{"none", NormKind::None}, {"rms", NormKind::RmsNorm}, {"layer", NormKind::LayerNorm}});
    arch.norm_eps = config.number_or({"norm_eps"}, 0, 1, 1e-5);
    arch.has_norm_bias = config.boolean_or({"norm_bias"}, false);
    if (arch.has_norm_bias && arch.norm != NormKind::LayerNorm) {
        config.fail_with(ErrorKind::Corrupt,
                         "the config's 'norm_bias' is true, but only norm 'layer' has a bias");
    }
    if (config.has({"norm_place"})) {
        arch.norm_place = read_choice<NormPlace>(config, "norm_place",
                                                 {{"before", NormPlace::Before},
                                                  {"after_sum", NormPlace::AfterSum},
                                                  {"on_output", NormPlace::OnOutput},
                                                  {"both", NormPlace::Both}});
    }
    arch.has_final_norm = config.boolean_or({"final_norm"}, true);
}

void read_position(ConfigReader& config, Architecture& arch) {
    arch.position = read_choice<PositionKind>(
        config, "position",
        {{"none", PositionKind::None}, {"learned", PositionKind::Learned}, {"rotary", PositionKind::Rotary}});
    if (arch.position == PositionKind::Rotary) read_rope(config, arch, {.turns_part = true});
}

Architecture read_config(ConfigReader& config) {
    Architecture arch;
    arch.num_layers = config.integer({"num_layers"}, 1, kMostLayers);
    arch.num_heads = config.integer({"num_heads"}, 1, kMostHeads);
    arch.num_kv_heads = config.integer_or({"num_kv_heads"}, 1, kMostHeads, arch.num_heads);
    if (arch.num_heads % arch.num_kv_heads != 0) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("the config's num_heads ({}) is not a multiple of its "
                                     "num_kv_heads ({})",
                                     arch.num_heads, arch.num_kv_heads));
    }
    arch.hidden_size = config.integer({"hidden_size"}, 1, kMostHidden);
    if (!config.has({"head_dim"}) && arch.hidden_size % arch.num_heads != 0) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("the config's hidden_size ({}) is not a multiple of its num_heads "
                                     "({}), and it has no head_dim",
                                     arch.hidden_size, arch.num_heads));
    }
    arch.head_dim =
        config.integer_or({"head_dim"}, 1, kMostHeadDim, std::max(1, arch.hidden_size / arch.num_heads));
    arch.has_mlp = config.boolean_or({"has_mlp"}, true);
    arch.has_output = config.boolean_or({"has_output"}, true);
    arch.has_head = config.boolean_or({"has_head"}, true);
    if (arch.has_mlp) arch.intermediate_size = config.integer({"intermediate_size"}, 1, kMostIntermediate);
    if (!arch.has_output && arch.query_size() != arch.hidden_size) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("without an output projection ('has_output') {} heads of {} values "
                                     "must make up the hidden_size ({})",
                                     arch.num_heads, arch.head_dim, arch.hidden_size));
    }
    arch.vocab_size = config.integer({"vocab_size"}, 1, kMostVocab);
    arch.max_positions = config.integer({"max_positions"}, 1, kMostPositions);
    read_norm(config, arch);
    read_position(config, arch);
    arch.activation = read_activation(config, {"activation"}, "relu");
    arch.is_gated = config.boolean_or({"is_gated"}, false);
    arch.has_qkv_bias = config.boolean_or({"qkv_bias"}, false);
    arch.has_output_bias = config.boolean_or({"output_bias"}, false);
    arch.has_mlp_bias = config.boolean_or({"mlp_bias"}, false);
    arch.has_head_bias = config.boolean_or({"head_bias"}, false);
    arch.is_head_tied = config.boolean_or({"is_head_tied"}, false);
    arch.is_causal = config.boolean_or({"is_causal"}, true);
    arch.embedding_scale = config.number_or({"embedding_scale"}, 0, 1e6, 1.0);
    arch.is_masked_head = config.boolean_or({"is_masked_head"}, false);
    set_scale(arch);
    return arch;
}

std::vector<FileWeight> file_weights(const Architecture& arch) {
    std::vector<FileWeight> list;
    for (const WeightSlot& slot : weight_slots(arch))
        list.push_back({slot.name, {slot.name}});
    return list;
}

bool is_ignored(std::string_view, const Architecture&) {
    return false;
}

/// A plain small transformer: no norms, learned positions, ReLU with biases, as in work on modular addition.
nlohmann::json random_config(const RandomModelRequest& request) {
    return {{"model_type", "headlight"},
            {"num_layers", request.num_layers},
            {"num_heads", request.num_heads},
            {"num_kv_heads", request.num_kv_heads > 0 ? request.num_kv_heads : request.num_heads},
            {"head_dim", request.num_heads > 0 ? request.hidden_size / request.num_heads : 0},
            {"hidden_size", request.hidden_size},
            {"intermediate_size", 4 * std::int64_t{request.hidden_size}},
            {"vocab_size", request.vocab_size},
            {"max_positions", request.max_positions},
            {"norm", "none"},
            {"position", "learned"},
            {"activation", "relu"},
            {"mlp_bias", true}};
}

}  // namespace

extern const Family k_family_headlight = {"headlight", "Headlight",  "",         matches,
                                          read_config, file_weights, is_ignored, random_config};

}  // namespace headlight
