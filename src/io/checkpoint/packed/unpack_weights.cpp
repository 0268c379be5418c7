#include "io/checkpoint/packed/unpack_weights.h"

#include <algorithm>
#include <filesystem>

#include "io/checkpoint/model_files.h"
#include "io/checkpoint/shard_index.h"
#include "io/json_file.h"

namespace headlight {

bool is_conv1d(const nlohmann::json& config, std::string_view module) {
    constexpr std::string_view kTypes[] = {"gpt2", "openai-gpt", "imagegpt", "decision_transformer"};
    constexpr std::string_view kLayers[] = {"c_attn", "c_proj", "c_fc", "q_attn"};
    const auto type = config.is_object() ? config.find("model_type") : config.end();
    if (!config.is_object() || type == config.end() || !type->is_string()) return false;
    const auto& name = type->get_ref<const std::string&>();
    const std::string_view layer = module.substr(module.rfind('.') + 1);
    return std::find(std::begin(kTypes), std::end(kTypes), name) != std::end(kTypes) &&
           std::find(std::begin(kLayers), std::end(kLayers), layer) != std::end(kLayers);
}

nlohmann::json quantization_settings(const Checkpoint& checkpoint) {
    constexpr std::size_t kMostBytes = std::size_t{1} << 20;
    if (checkpoint.config.is_object()) {
        const auto found = checkpoint.config.find("quantization_config");
        if (found != checkpoint.config.end() && found->is_object()) return *found;
    }
    const auto beside = std::filesystem::path(folder_of_path(checkpoint.path)) / "quantize_config.json";
    std::error_code code;
    if (std::filesystem::is_regular_file(beside, code)) {
        if (auto read = read_json_file(beside.string(), kMostBytes); read && read->is_object()) return *read;
    }
    return nlohmann::json::object();
}

Status unpack_weights(Checkpoint& checkpoint) {
    UnpackedTensors out;
    HEADLIGHT_CHECK(unpack_bitsandbytes(checkpoint, out));
    HEADLIGHT_CHECK(unpack_gptq_and_awq(checkpoint, out));
    if (out.used.empty()) return {};
    std::erase_if(checkpoint.tensors,
                  [&](const TensorInfo& tensor) { return out.used.contains(tensor.name); });
    std::move(out.weights.begin(), out.weights.end(), std::back_inserter(checkpoint.tensors));
    return sort_tensors(checkpoint);
}

}  // namespace headlight
