// What GGUF calls the settings and weights of each architecture, as tables. Sources of the facts: the names
// are those of the format's own Python package (constants, tensor mapping), the orders of numbers those of
// the converters that write them.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/gguf/gguf_file.h"

namespace headlight {

/// How the numbers of a weight lie in the file, compared with the Hugging Face checkpoint.
enum class GgufOrder {
    AsIs,
    Transposed,   // Conv1D layers of GPT-2
    QueryHalves,  // rows of a head alternate between its rotary halves
    KeyHalves,
    PlusOne,        // norms of Gemma and Nemotron: 1 + w; their biases are as they are
    FusedPerHead,   // all queries, all keys, all values; the checkpoint has q, k, v head by head
    FusedPerGroup,  // the same, where a group of queries shares one key and value (Falcon)
    Experts,        // one stack of all experts; "{e}" in our name is the expert
    OneRow,         // [D] here, [1, D] there
};

/// A module: both its ".weight" and its ".bias". "{}" is the layer.
struct GgufModule {
    std::string_view gguf, ours;
    GgufOrder order = GgufOrder::AsIs;
};

/// A setting; the first name is that after "<architecture>.".
struct GgufSetting {
    std::string_view gguf, ours;
    bool is_needed = true;
};

struct GgufArchitecture {
    std::string_view id, model_type;
    std::string_view marker;  // a tensor that only this variant of the id has; empty: none
    std::vector<GgufSetting> settings;
    std::vector<GgufModule> modules;
    void (*finish)(const GgufFile& gguf, nlohmann::json& config);  // what is not a plain copy of a setting
};

using GgufSettings = std::vector<GgufSetting>;
using GgufModules = std::vector<GgufModule>;

/// One table after the other.
template <class T>
std::vector<T> joined(std::vector<T> first, const std::vector<T>& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

/// All of them; a variant with a marker stands before the one without.
const std::vector<GgufArchitecture>& gguf_architectures();

/// The groups, one file each.
void add_llama_architectures(std::vector<GgufArchitecture>& out);
void add_gemma_architectures(std::vector<GgufArchitecture>& out);
void add_gpt_architectures(std::vector<GgufArchitecture>& out);
void add_encoder_architectures(std::vector<GgufArchitecture>& out);

// --- for the finish functions
/// Value of "<architecture>.<key>"; null if there is none.
const nlohmann::json* gguf_value(const GgufFile& gguf, std::string_view key);
bool has_gguf_tensor(const GgufFile& gguf, std::string_view name);
/// Shape of a tensor; empty if it is not there.
std::vector<std::int64_t> gguf_shape(const GgufFile& gguf, std::string_view name);
/// config[to] = the value, where the file has one.
void copy_gguf_value(const GgufFile& gguf, std::string_view key, nlohmann::json& config, const char* to);
/// A whole number of the config; 0 where it is missing or none.
std::int64_t config_count(const nlohmann::json& config, const char* key);
/// rope_parameters: base, the part of a head that rotates, scaling with its factors (also those stored as
/// tensors).
void set_gguf_rope(const GgufFile& gguf, nlohmann::json& config, std::int64_t head_dim);

}  // namespace headlight
