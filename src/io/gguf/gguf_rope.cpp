// Rotary settings of a GGUF file as rope_parameters.
#include <cmath>

#include "io/checkpoint/tensor_values.h"
#include "io/gguf/gguf_architectures.h"

namespace headlight {
namespace {

using nlohmann::json;

constexpr std::int64_t kMostFactors = 65536;

/// Numbers of a small tensor; null if there is none.
json factors_of(const GgufFile& gguf, std::string_view name) {
    for (const TensorInfo& info : gguf.tensors) {
        if (info.name != name || info.num_elements() > kMostFactors) continue;
        Checkpoint file;
        file.files.push_back(gguf.file);
        file.files.insert(file.files.end(), gguf.parts.begin(), gguf.parts.end());
        const auto values = tensor_as_floats(file, info);
        if (values) return *values;
    }
    return nullptr;
}

/// The share of a head that rotates, so that the product with its width is exactly `rotary`.
double share(std::int64_t rotary, std::int64_t head_dim) {
    double part = static_cast<double>(rotary) / static_cast<double>(head_dim);
    if (static_cast<std::int64_t>(part * static_cast<double>(head_dim)) < rotary)
        part = std::nextafter(part, 2.0);
    return part;
}

void add_scaling(const GgufFile& gguf, json& rope) {
    const json* type = gguf_value(gguf, "rope.scaling.type");
    const json* factor = gguf_value(gguf, "rope.scaling.factor");
    // Files from before the settings had names say only this one.
    if (factor == nullptr) factor = gguf_value(gguf, "rope.scale_linear");
    copy_gguf_value(gguf, "rope.scaling.original_context_length", rope, "original_max_position_embeddings");
    if (factor == nullptr || !factor->is_number() || (type != nullptr && *type == "none")) return;
    rope["rope_type"] = type != nullptr ? *type : json("linear");
    rope["factor"] = *factor;
    copy_gguf_value(gguf, "rope.scaling.yarn_beta_fast", rope, "beta_fast");
    copy_gguf_value(gguf, "rope.scaling.yarn_beta_slow", rope, "beta_slow");
}

}  // namespace

void set_gguf_rope(const GgufFile& gguf, json& config, std::int64_t head_dim) {
    json rope = {{"rope_type", "default"}, {"rope_theta", 10000.0}};
    copy_gguf_value(gguf, "rope.freq_base", rope, "rope_theta");
    const json* rotary = gguf_value(gguf, "rope.dimension_count");
    if (rotary != nullptr && rotary->is_number_unsigned() && head_dim > 0 &&
        rotary->get<std::int64_t>() < head_dim)
        rope["partial_rotary_factor"] = share(rotary->get<std::int64_t>(), head_dim);
    add_scaling(gguf, rope);
    // Llama 3 keeps what its four numbers make of each frequency, not the numbers.
    if (json factors = factors_of(gguf, "rope_freqs.weight"); factors.is_array()) {
        rope["rope_type"] = "factors";
        rope["factors"] = std::move(factors);
        rope.erase("factor");
    }
    json longer = factors_of(gguf, "rope_factors_long.weight"),
         shorter = factors_of(gguf, "rope_factors_short.weight");
    if (longer.is_array() && shorter.is_array()) {
        rope["rope_type"] = "longrope";
        rope["long_factor"] = std::move(longer);
        rope["short_factor"] = std::move(shorter);
        rope.erase("factor");
        copy_gguf_value(gguf, "rope.scaling.attn_factor", rope, "attention_factor");
        copy_gguf_value(gguf, "rope.scaling.original_context_length", config,
                        "original_max_position_embeddings");
    }
    config["rope_parameters"] = std::move(rope);
}

}  // namespace headlight
