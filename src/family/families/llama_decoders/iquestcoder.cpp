// IQuest-Coder: Llama's block and its names. IQuest 2026.
#include <nlohmann/json.hpp>

#include "family/lines/llama_layout.h"

namespace headlight {
namespace {

bool matches(const nlohmann::json& config) {
    return config_says(config, "iquestcoder", "IQuestCoderFor");
}

Architecture read_config(ConfigReader& config) {
    LlamaDefaults defaults;
    defaults.num_kv_heads = unless_null(config, "num_key_value_heads", 8);
    defaults.head_dim = unless_null(config, "head_dim", 128);
    defaults.max_positions = 131072;
    defaults.norm_eps = 1e-5;
    if (config.has({"clip_qkv"}) || config.boolean_or({"use_sliding_window"}, false)) {
        config.fail_with(ErrorKind::Unsupported,
                         "'clip_qkv' and 'use_sliding_window' of an IQuest-Coder are not supported");
    }
    return read_llama_config(config, defaults);
}

nlohmann::json random_config(const RandomModelRequest& request) {
    nlohmann::json config = llama_random_config(request, "iquestcoder");
    config["head_dim"] = nullptr;
    return config;
}

}  // namespace

extern const Family k_family_iquestcoder = {"iquestcoder", "IQuest-Coder",     "model.",       matches,
                                            read_config,   llama_file_weights, is_llama_extra, random_config};

}  // namespace headlight
