#include "family/rope_config.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "family/shared_config.h"

namespace headlight {
namespace {

constexpr double kMostFactor = 1e6;
constexpr double kLeastTheta = 1.0 + 1e-6, kMostTheta = 1e15;

/// `factor`, or what the two lengths imply.
double read_stretch(ConfigReader& dict, const Architecture& arch, const RopeSettings& rope) {
    return dict.number_or({"factor"}, 1e-3, kMostFactor,
                          static_cast<double>(arch.max_positions) / rope.original_max_positions);
}

/// How much YaRN widens scores for a stretch of `factor`.
double yarn_scale(double factor, double strength) {
    return factor <= 1.0 ? 1.0 : 0.1 * strength * std::log(factor) + 1.0;
}

void read_yarn(ConfigReader& dict, const Architecture& arch, RopeSettings& rope) {
    rope.factor = read_stretch(dict, arch, rope);
    rope.beta_fast = dict.number_or({"beta_fast"}, 0, kMostFactor, 32.0);
    rope.beta_slow = dict.number_or({"beta_slow"}, 0, kMostFactor, 1.0);
    if (rope.beta_fast == 0) rope.beta_fast = 32.0;  // the reference reads 0 as "not given"
    if (rope.beta_slow == 0) rope.beta_slow = 1.0;
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
    const double factor = read_stretch(dict, arch, rope);
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
        rope.long_factor =
            dict.numbers("factors", static_cast<std::size_t>(rope.rotary_dim / 2), 1e-6, kMostFactor);
    } else if (kind == "longrope" || kind == "su") {
        rope.scaling = RopeScaling::LongRope;
        read_longrope(dict, arch, rope);
    } else {
        dict.fail_with(
            ErrorKind::Unsupported,
            fmt::format("rotary scaling '{}' is not supported (known: default, linear, dynamic, llama3, "
                        "yarn, longrope)",
                        kind));
    }
}

/// An empty object counts as none.
const nlohmann::json* filled_object(ConfigReader& config, const char* key) {
    const nlohmann::json* found = config.object({key});
    return found != nullptr && !found->empty() ? found : nullptr;
}

bool has_parts(const nlohmann::json& rope) {
    for (const char* layer_type : {"full_attention", "sliding_attention"}) {
        const auto part = rope.find(layer_type);
        if (part != rope.end() && part->is_object()) return true;
    }
    return false;
}

/// Where one rotation is told: its own dictionary, and what counts where that says nothing.
struct RopeSource {
    const nlohmann::json& dict;
    double theta, partial;
    bool turns_part = true;  // may the share of a head that rotates be smaller than one?
    bool truncates_ramp = true;
    int original_max_positions;
    bool takes_alpha = false, grows_queries = false;
};

/// A base that is stretched once, whatever the length of the text.
void use_alpha(ConfigReader& dict, RopeSettings& rope) {
    const double alpha = dict.number_or({"alpha"}, 0, 1e9, 0);
    if (rope.scaling != RopeScaling::Dynamic || alpha == 0 || rope.rotary_dim <= 2) return;
    rope.scaling = RopeScaling::Default;
    rope.theta *= std::pow(alpha, rope.rotary_dim / (rope.rotary_dim - 2.0));
}

/// Kinds that know no trained length themselves leave the growth that of the dictionary.
void read_growth(ConfigReader& dict, RopeSettings& rope) {
    rope.query_growth = dict.number({"llama_4_scaling_beta"}, 0, kMostFactor);
    if (rope.scaling == RopeScaling::Default || rope.scaling == RopeScaling::Linear) {
        rope.original_max_positions = dict.integer({"original_max_position_embeddings"}, 1, kMostPositions);
    } else if (rope.scaling == RopeScaling::Dynamic) {
        dict.fail_with(ErrorKind::Unsupported,
                       "dynamic rotary scaling beside 'llama_4_scaling_beta' is not supported");
    }
}

/// YaRN's `truncate`: null means no.
bool read_truncate(ConfigReader& dict) {
    return dict.boolean_or({"truncate"}, !dict.mentions("truncate"));
}

void read_one(ConfigReader& config, const Architecture& arch, RopeSettings& rope, const RopeSource& source) {
    ConfigReader dict(source.dict, config.file(), "rope_parameters.");
    rope.theta = dict.number_or({"rope_theta"}, kLeastTheta, kMostTheta, source.theta);
    rope.rotary_dim =
        static_cast<int>(arch.head_dim * dict.number_or({"partial_rotary_factor"}, 0, 1, source.partial));
    rope.truncates_ramp = source.truncates_ramp;
    rope.original_max_positions = source.original_max_positions;
    if (rope.original_max_positions == 0) {
        rope.original_max_positions =
            dict.integer_or({"original_max_position_embeddings"}, 2, kMostPositions, arch.max_positions);
    }
    if (!source.turns_part && rope.rotary_dim != arch.head_dim) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format(
                "'partial_rotary_factor' lets {} of the {} values of a head rotate, but heads of this "
                "family rotate as a whole",
                rope.rotary_dim, arch.head_dim));
    }
    if (rope.rotary_dim % 2 != 0) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("{} of the {} values of a head cannot rotate in pairs (head_dim "
                                     "must be even)",
                                     rope.rotary_dim, arch.head_dim));
        return;
    }
    const std::string kind = dict.text_or({"rope_type", "type"}, "default");
    read_kind(dict, kind, arch, rope);
    if (kind != "default") rope.score_strength = dict.number_or({"mscale_all_dim"}, 0, kMostFactor, 0);
    if (source.takes_alpha) use_alpha(dict, rope);
    if (source.grows_queries) read_growth(dict, rope);
    if (auto status = dict.status(); !status) config.fail_with(status.error().kind, status.error().message);
}

}  // namespace

void read_rope(ConfigReader& config, const Architecture& arch, RopeSettings& rope, const RopeKeys& keys) {
    static const nlohmann::json nothing = nlohmann::json::object();
    const nlohmann::json* dict = filled_object(config, "rope_scaling");
    if (dict == nullptr) dict = config.object({"rope_parameters"});
    if (dict == nullptr) dict = keys.usual != nullptr ? keys.usual : &nothing;
    if (has_parts(*dict)) {
        config.fail_with(ErrorKind::Unsupported,
                         "the config's rotation is told by layer type, but all layers of this family "
                         "rotate alike");
    }
    ConfigReader reader(*dict, config.file(), "rope_parameters.");
    // Null, where a family has another default, means all of a head.
    const double partial =
        config.mentions(keys.partial) ? config.number_or({keys.partial}, 0, 1, 1.0) : keys.default_partial;
    read_one(config, arch, rope,
             {*dict, config.number_or({keys.theta}, kLeastTheta, kMostTheta, keys.default_theta), partial,
              keys.turns_part, read_truncate(reader),
              config.integer_or({"original_max_position_embeddings"}, 1, kMostPositions, 0), keys.takes_alpha,
              keys.grows_queries});
    if (auto status = reader.status(); !status) config.fail_with(status.error().kind, status.error().message);
}

void read_layer_rope(ConfigReader& config, const Architecture& arch, RopeSettings& rope,
                     const LayerRopeKeys& keys) {
    static const nlohmann::json nothing = nlohmann::json::object();
    const nlohmann::json* outer = config.object({"rope_parameters"});
    const nlohmann::json* scaling = config.object({"rope_scaling"});
    // A part that is not told is of the plain kind by name, which a scaling's older key `type` does not
    // overrule.
    nlohmann::json dict = {{"rope_type", "default"}};
    if (outer != nullptr && outer->contains(keys.layer_type) && !(*outer)[keys.layer_type].is_null()) {
        ConfigReader parts(*outer, config.file(), "rope_parameters.");
        if (const nlohmann::json* part = parts.object({keys.layer_type})) dict = *part;
        if (auto status = parts.status(); !status)
            config.fail_with(status.error().kind, status.error().message);
    } else if (outer != nullptr && scaling != nullptr && keys.takes_scaling) {
        config.fail_with(
            ErrorKind::Corrupt,
            fmt::format("'rope_scaling' stands beside a 'rope_parameters' without '{}'", keys.layer_type));
    }
    if (scaling != nullptr && keys.takes_scaling) dict.update(*scaling);
    ConfigReader reader(outer != nullptr ? *outer : nothing, config.file(), "rope_parameters.");
    const double theta = keys.theta == nullptr
                             ? keys.default_theta
                             : config.number_or({keys.theta}, kLeastTheta, kMostTheta, keys.default_theta);
    read_one(config, arch, rope, {dict, theta, 1.0, false, read_truncate(reader), 0});
    if (auto status = reader.status(); !status) config.fail_with(status.error().kind, status.error().message);
}

}  // namespace headlight
