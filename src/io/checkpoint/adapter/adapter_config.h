// adapter_config.json as PEFT writes it, for the kind that can be merged into a base: LoRA with its variants.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace headlight {

inline constexpr const char* kAdapterConfigName = "adapter_config.json";

struct AdapterConfig {
    std::string file;       // it was read from
    std::string base_name;  // base_model_name_or_path; may be empty
    std::string revision;   // of the base; empty: any
    double alpha = 8;       // lora_alpha
    std::vector<std::pair<std::string, double>> alpha_pattern;
    bool divides_by_root = false;  // use_rslora: alpha / sqrt(r) in place of alpha / r
    bool is_fan_in_fan_out = false;
    bool ties_weights = false;  // ensure_weight_tying: what shares a changed table changes too
    std::vector<std::string> modules_to_save;
    nlohmann::json token_indices;  // trainable_token_indices: a list, or an object of lists by module

    /// Factor of B A for a module ("model.layers.0.self_attn.q_proj") of this rank. The first pattern that
    /// matches counts; PEFT reads them as regular expressions that match the module's last parts. Errors:
    /// Unsupported (two patterns with different values match, or one that is no simple expression).
    Result<double> scaling(std::string_view module, std::int64_t rank) const;
};

/// Errors: Missing, Corrupt, Unsupported (names the key: another peft_type, and whatever of LoRA is not
/// merged into weights or not known).
Result<AdapterConfig> read_adapter_config(const std::string& file);

/// Does `pattern` match the whole of `text` or its part behind a dot? Letters, digits, '.', escaped signs,
/// \d, each with '*' or '+', and '^' in front. Errors: Unsupported (any other sign, too many repetitions).
Result<bool> matches_module(std::string_view pattern, std::string_view text);

}  // namespace headlight
