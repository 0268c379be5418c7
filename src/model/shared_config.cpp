#include "model/shared_config.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

namespace headlight {
namespace {

constexpr double kMostFactor = 1e6;

constexpr std::pair<const char*, Activation> kActivations[] = {
    {"gelu", Activation::Gelu},
    {"gelu_python", Activation::Gelu},
    {"gelu_new", Activation::GeluTanh},
    {"gelu_fast", Activation::GeluTanh},
    {"gelu_tanh", Activation::GeluTanh},
    {"gelu_accurate", Activation::GeluTanh},
    {"gelu_pytorch_tanh", Activation::GeluTanh},
    {"gelu_python_tanh", Activation::GeluTanh},
    {"quick_gelu", Activation::GeluSigmoid},
    {"relu", Activation::Relu},
    {"relu2", Activation::ReluSquared},
    {"relu6", Activation::Relu6},
    {"leaky_relu", Activation::LeakyRelu},
    {"silu", Activation::Silu},
    {"swish", Activation::Silu},
    {"mish", Activation::Mish},
    {"tanh", Activation::Tanh},
    {"sigmoid", Activation::Sigmoid},
    {"hardswish", Activation::HardSwish},
    {"linear", Activation::Identity},
};

/// How much YaRN widens scores for a stretch of `factor`.
double yarn_scale(double factor, double strength) {
    return factor <= 1.0 ? 1.0 : 0.1 * strength * std::log(factor) + 1.0;
}

void read_yarn(ConfigReader& dict, const Architecture& arch, RopeSettings& rope) {
    rope.factor = dict.number_or({"factor"}, 1e-3, kMostFactor,
                                 static_cast<double>(arch.max_positions) / rope.original_max_positions);
    rope.beta_fast = dict.number_or({"beta_fast"}, 0, kMostFactor, 32.0);
    rope.beta_slow = dict.number_or({"beta_slow"}, 0, kMostFactor, 1.0);
    if (rope.beta_fast == 0) rope.beta_fast = 32.0;  // the reference reads 0 as "not given"
    if (rope.beta_slow == 0) rope.beta_slow = 1.0;
    rope.truncates_ramp = dict.boolean_or({"truncate"}, true);
    const double scale = dict.number_or({"mscale"}, 0, kMostFactor, 0);
    const double scale_all = dict.number_or({"mscale_all_dim"}, 0, kMostFactor, 0);
    const double implied = scale != 0 && scale_all != 0
                               ? yarn_scale(rope.factor, scale) / yarn_scale(rope.factor, scale_all)
                               : yarn_scale(rope.factor, 1.0);
    rope.attention_factor = dict.number_or({"attention_factor"}, 1e-6, kMostFactor, implied);
}

void read_longrope(ConfigReader& dict, const Architecture& arch, RopeSettings& rope) {
    const auto pairs = static_cast<std::size_t>(rope.rotary_dim / 2);
    rope.short_factor = dict.numbers("short_factor", pairs, 1e-6, kMostFactor);
    rope.long_factor = dict.numbers("long_factor", pairs, 1e-6, kMostFactor);
    const double ratio = static_cast<double>(arch.max_positions) / rope.original_max_positions;
    const double factor = dict.number_or({"factor"}, 1e-3, kMostFactor, ratio);
    const double implied =
        factor <= 1.0 ? 1.0 : std::sqrt(1 + std::log(factor) / std::log(rope.original_max_positions));
    rope.attention_factor = dict.number_or({"attention_factor"}, 1e-6, kMostFactor, implied);
}

void read_llama3(ConfigReader& dict, RopeSettings& rope) {
    rope.factor = dict.number({"factor"}, 1e-3, kMostFactor);
    rope.low_freq_factor = dict.number({"low_freq_factor"}, 1e-6, kMostFactor);
    rope.high_freq_factor = dict.number({"high_freq_factor"}, 1e-6, kMostFactor);
    if (rope.high_freq_factor == rope.low_freq_factor) {
        dict.fail_with(ErrorKind::Corrupt, "the config's 'high_freq_factor' and 'low_freq_factor' are equal");
    }
}

void read_kind(ConfigReader& dict, const std::string& kind, const Architecture& arch, RopeSettings& rope) {
    if (kind == "default") {
        rope.scaling = RopeScaling::Default;
    } else if (kind == "linear") {
        rope.scaling = RopeScaling::Linear;
        rope.factor = dict.number({"factor"}, 1e-3, kMostFactor);
    } else if (kind == "dynamic") {
        rope.scaling = RopeScaling::Dynamic;
        rope.factor = dict.number({"factor"}, 1.0, kMostFactor);
        rope.original_max_positions = arch.max_positions;
        if (rope.rotary_dim <= 2) {
            dict.fail_with(ErrorKind::Unsupported, "dynamic rotary scaling needs heads wider than 2");
        }
    } else if (kind == "llama3") {
        rope.scaling = RopeScaling::Llama3;
        read_llama3(dict, rope);
    } else if (kind == "yarn") {
        rope.scaling = RopeScaling::Yarn;
        read_yarn(dict, arch, rope);
    } else if (kind == "factors") {
        rope.scaling = RopeScaling::Factors;
        rope.long_factor = dict.numbers("factors", static_cast<std::size_t>(rope.rotary_dim / 2), 1e-6, kMostFactor);
    } else if (kind == "longrope" || kind == "su") {
        rope.scaling = RopeScaling::LongRope;
        read_longrope(dict, arch, rope);
    } else {
        dict.fail_with(ErrorKind::Unsupported,
                       fmt::format("rotary scaling '{}' is not supported (known: default, linear, dynamic, llama3, "
                                   "yarn, longrope)", kind));
    }
}

}  // namespace

void read_rope(ConfigReader& config, const Architecture& arch, RopeSettings& rope, const RopeKeys& keys) {
    const nlohmann::json* scaling = config.object({"rope_parameters"});
    if (scaling != nullptr && keys.layer_type != nullptr) {
        const auto part = scaling->find(keys.layer_type);
        if (part != scaling->end() && part->is_object()) scaling = &*part;
    }
    if (scaling == nullptr && keys.has_scaling) scaling = config.object({"rope_scaling"});
    const nlohmann::json nothing = nlohmann::json::object();
    ConfigReader dict(scaling != nullptr ? *scaling : nothing, config.file(), "rope_parameters.");
    const double theta = config.number_or({keys.theta}, 1.0 + 1e-6, 1e15, keys.default_theta);
    const double partial = config.number_or({keys.partial}, 0, 1, keys.default_partial);
    rope.theta = dict.number_or({"rope_theta"}, 1.0 + 1e-6, 1e15, theta);
    rope.rotary_dim = static_cast<int>(arch.head_dim * dict.number_or({"partial_rotary_factor"}, 0, 1, partial));
    if (rope.rotary_dim % 2 != 0) {
        config.fail_with(ErrorKind::Corrupt, fmt::format("{} of the {} values of a head cannot rotate in pairs (head_dim "
                                                         "must be even)", rope.rotary_dim, arch.head_dim));
        return;
    }
    const int original = config.integer_or({"original_max_position_embeddings"}, 1, kMostPositions, 0);
    rope.original_max_positions =
        original > 0 ? original
                     : dict.integer_or({"original_max_position_embeddings"}, 2, kMostPositions, arch.max_positions);
    read_kind(dict, dict.text_or({"rope_type", "type"}, "default"), arch, rope);
    if (auto status = dict.status(); !status) config.fail_with(status.error().kind, status.error().message);
}

int divide_heads(ConfigReader& config, int hidden_size, int num_heads, const char* hidden_key, const char* heads_key) {
    if (hidden_size % num_heads == 0) return hidden_size / num_heads;
    config.fail_with(ErrorKind::Corrupt, fmt::format("the config's {} ({}) is not a multiple of its {} ({})", hidden_key,
                                                     hidden_size, heads_key, num_heads));
    return 1;
}

void read_heads(ConfigReader& config, Architecture& arch) {
    arch.num_heads = config.integer({"num_attention_heads"}, 1, kMostHeads);
    arch.num_kv_heads = config.integer_or({"num_key_value_heads"}, 1, kMostHeads, arch.num_heads);
    arch.head_dim = config.has({"head_dim"})
                        ? config.integer({"head_dim"}, 1, kMostHeadDim)
                        : divide_heads(config, arch.hidden_size, arch.num_heads, "hidden_size", "num_attention_heads");
}

void set_scale(Architecture& arch, double scale) {
    arch.attention_scale.assign(static_cast<std::size_t>(arch.num_layers), static_cast<float>(scale));
}

void set_scale(Architecture& arch) { set_scale(arch, 1.0 / std::sqrt(std::max(1, arch.head_dim))); }

void read_windows(ConfigReader& config, Architecture& arch, int window, const std::function<bool(int layer)>& is_local) {
    const auto num_layers = static_cast<std::size_t>(arch.num_layers);
    const std::vector<std::string> types = config.texts("layer_types", num_layers);
    std::vector<int> windows(num_layers, 0);
    bool has_any = false;
    for (std::size_t layer = 0; layer < num_layers; ++layer) {
        bool local = false;
        if (types.empty()) {
            local = is_local(static_cast<int>(layer));
        } else if (types[layer] == "sliding_attention" || types[layer] == "local_attention") {
            local = true;
        } else if (types[layer] != "full_attention" && types[layer] != "global_attention") {
            config.fail_with(ErrorKind::Unsupported,
                             fmt::format("layer {} has attention of type '{}' (known: full_attention, "
                                         "sliding_attention)", layer, types[layer].substr(0, 40)));
        }
        if (!local) continue;
        if (window <= 0) config.fail_with(ErrorKind::Missing, "the config has sliding layers but no 'sliding_window'");
        windows[layer] = window;
        has_any = true;
    }
    if (has_any) arch.window = std::move(windows);
}

int read_window(ConfigReader& config, int otherwise) {
    const int unsaid = config.mentions("sliding_window") ? 0 : otherwise;
    return config.integer_or({"sliding_window"}, 1, kMostPositions, unsaid);
}

void set_window(Architecture& arch, int window) {
    arch.window.clear();
    if (window > 0) arch.window.assign(static_cast<std::size_t>(arch.num_layers), window);
}

double read_optional(ConfigReader& config, const char* key, double otherwise) {
    return config.number_or({key}, 1e-9, kMostFactor, config.mentions(key) ? 0 : otherwise);
}

void set_alibi(Architecture& arch, std::vector<float> slopes) {
    arch.position = PositionKind::None;
    arch.score_bias = ScoreBias::Alibi;
    arch.alibi_slopes = std::move(slopes);
}

std::vector<float> alibi_slopes(int num_heads) {
    int power = 1;
    while (2 * power <= num_heads) power *= 2;
    // float32 steps, as the reference library takes them
    const auto base_of = [](int heads) { return static_cast<float>(std::pow(2.0, -8.0 / heads)); };
    std::vector<float> slopes;
    for (int i = 1; i <= power; ++i) slopes.push_back(std::pow(base_of(power), static_cast<float>(i)));
    for (int i = 1; static_cast<int>(slopes.size()) < num_heads; i += 2) {
        slopes.push_back(std::pow(base_of(2 * power), static_cast<float>(i)));
    }
    return slopes;
}

double even_rotary_share(const RandomModelRequest& request, double share) {
    const int head_dim = request.hidden_size / std::max(1, request.num_heads);
    const int pairs = std::max(1, static_cast<int>(head_dim * share) / 2);
    return std::min(1.0, (2 * pairs + 0.5) / std::max(1, head_dim));
}

Activation read_activation(ConfigReader& config, KeyNames keys, const char* otherwise) {
    const std::string name = config.text_or(keys, otherwise);
    std::string known;
    for (const auto& [text, activation] : kActivations) {
        if (name == text) return activation;
        known += std::string(known.empty() ? "" : ", ") + text;
    }
    config.fail_with(ErrorKind::Unsupported,
                     fmt::format("activation '{}' of '{}' is not supported (known: {})", name, *keys.begin(), known));
    return Activation::Identity;
}

}  // namespace headlight
