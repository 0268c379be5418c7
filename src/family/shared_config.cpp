#include "family/shared_config.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

namespace headlight {
namespace {

constexpr double kMostCap = 1e6;

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

}  // namespace

int divide_heads(ConfigReader& config, int hidden_size, int num_heads, const char* hidden_key,
                 const char* heads_key) {
    if (hidden_size % num_heads == 0) return hidden_size / num_heads;
    config.fail_with(ErrorKind::Corrupt, fmt::format("the config's {} ({}) is not a multiple of its {} ({})",
                                                     hidden_key, hidden_size, heads_key, num_heads));
    return 1;
}

void read_heads(ConfigReader& config, Architecture& arch) {
    arch.num_heads = config.integer({"num_attention_heads"}, 1, kMostHeads);
    arch.num_kv_heads = config.integer_or({"num_key_value_heads"}, 1, kMostHeads, arch.num_heads);
    arch.head_dim = config.has({"head_dim"}) ? config.integer({"head_dim"}, 1, kMostHeadDim)
                                             : divide_heads(config, arch.hidden_size, arch.num_heads,
                                                            "hidden_size", "num_attention_heads");
}

void set_scale(Architecture& arch, double scale) {
    arch.attention_scale.assign(static_cast<std::size_t>(arch.num_layers), static_cast<float>(scale));
}

void set_scale(Architecture& arch) {
    set_scale(arch, 1.0 / std::sqrt(std::max(1, arch.head_dim)));
}

void read_windows(ConfigReader& config, Architecture& arch, int window,
                  const std::function<bool(int layer)>& is_local) {
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
                                         "sliding_attention)",
                                         layer, types[layer].substr(0, 40)));
        }
        if (!local) continue;
        if (window <= 0)
            config.fail_with(ErrorKind::Missing, "the config has sliding layers but no 'sliding_window'");
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

void read_bands(ConfigReader& config, Architecture& arch) {
    std::vector<int> widths =
        config.integers("attention_window", static_cast<std::size_t>(kMostLayers), 2, kMostPositions);
    if (widths.empty()) widths = {512};
    if (widths.size() == 1) widths.assign(static_cast<std::size_t>(arch.num_layers), widths.front());
    if (widths.size() != static_cast<std::size_t>(arch.num_layers)) {
        config.fail_with(ErrorKind::Corrupt, fmt::format("'attention_window' names {} layers of {}",
                                                         widths.size(), arch.num_layers));
        return;
    }
    for (int& width : widths) {
        if (width % 2 != 0)
            config.fail_with(ErrorKind::Corrupt,
                             fmt::format("'attention_window' has an odd width ({})", width));
        width /= 2;
    }
    arch.window = std::move(widths);
}

int read_sparse_blocks(ConfigReader& config) {
    const std::string type = config.text_or({"attention_type"}, "block_sparse");
    const int block_size = config.integer_or({"block_size"}, 1, kMostPositions >> 8, 64);
    const int num_random = config.integer_or({"num_random_blocks"}, 0, 120, 3);
    if (type == "original_full") return 0;
    if (type != "block_sparse")
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("'attention_type' is '{}' (known: original_full, block_sparse)", type.substr(0, 40)));
    return (5 + 2 * num_random) * block_size;
}

double read_optional(ConfigReader& config, const char* key, double otherwise) {
    return config.number_or({key}, 1e-9, kMostCap, config.mentions(key) ? 0 : otherwise);
}

void set_alibi(Architecture& arch, std::vector<float> slopes) {
    arch.position = PositionKind::None;
    arch.score_bias = ScoreBias::Alibi;
    arch.alibi_slopes = std::move(slopes);
}

std::vector<float> alibi_slopes(int num_heads) {
    int power = 1;
    while (2 * power <= num_heads)
        power *= 2;
    // float32 steps, as the reference library takes them
    const auto base_of = [](int heads) { return static_cast<float>(std::pow(2.0, -8.0 / heads)); };
    std::vector<float> slopes;
    for (int i = 1; i <= power; ++i)
        slopes.push_back(std::pow(base_of(power), static_cast<float>(i)));
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
    config.fail_with(
        ErrorKind::Unsupported,
        fmt::format("activation '{}' of '{}' is not supported (known: {})", name, *keys.begin(), known));
    return Activation::Identity;
}

}  // namespace headlight
