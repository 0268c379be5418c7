#include "io/checkpoint/model_files.h"

#include <algorithm>
#include <filesystem>
#include <regex>

#include "io/checkpoint/folder/weight_files.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr const char* kIndex = "model.safetensors.index.json";
constexpr const char* kTorchIndex = "pytorch_model.bin.index.json";

bool has_file(const fs::path& folder, const char* name) {
    std::error_code code;
    return fs::is_regular_file(folder / name, code);
}

/// Would the folder, when it is opened, take its weights from the file of this name? Only for the names that
/// the reference gives them: any other file may be one of several and stays what it is.
bool is_weights_of(const fs::path& folder, const std::string& name) {
    static const std::regex shard(R"((model|pytorch_model)-\d{5}-of-\d{5}\.(safetensors|bin))");
    if (name.ends_with(".gguf")) return weight_files_in(folder.string()).size() == 1;
    const bool has_safetensors = has_file(folder, "model.safetensors") || has_file(folder, kIndex);
    if (!has_file(folder, "config.json") && !has_file(folder, "headlight.json")) return false;
    if (name == "model.safetensors") return true;
    if (name == "pytorch_model.bin") return !has_safetensors;
    const bool is_part = std::regex_match(name, shard);
    if (name == kIndex || (is_part && name.ends_with(".safetensors")))
        return has_file(folder, kIndex) && !has_file(folder, "model.safetensors");
    if (name == kTorchIndex || is_part)
        return has_file(folder, kTorchIndex) && !has_safetensors && !has_file(folder, "pytorch_model.bin");
    return false;
}

}  // namespace

std::string whole_model(const std::string& path) {
    std::error_code code;
    if (fs::is_directory(path, code)) return path;
    const std::string name = fs::path(path).filename().string(), folder = folder_of_path(path);
    const bool is_adapter = name.starts_with("adapter_model.") && has_file(folder, "adapter_config.json");
    const bool is_settings =
        name == "config.json" || name == "headlight.json" || name == "adapter_config.json" || is_adapter;
    return is_settings || is_weights_of(folder, name) ? folder : path;
}

std::string folder_of_path(const std::string& path) {
    std::error_code code;
    if (fs::is_directory(path, code)) return path;
    const fs::path folder = fs::path(path).parent_path();
    return folder.empty() ? "." : folder.string();
}

bool is_training_leftover(std::string_view name) {
    constexpr std::string_view kBeginnings[] = {"optimizer",         "scheduler",  "training_args",
                                                "rng_state",         "scaler",     "zero_pp_rank",
                                                "bf16_zero_pp_rank", "train_state"};
    return std::any_of(std::begin(kBeginnings), std::end(kBeginnings),
                       [&](std::string_view beginning) { return name.starts_with(beginning); });
}

bool is_model_file(const std::string& path) {
    const fs::path file(path);
    const std::string name = file.filename().string(), ending = file.extension().string();
    return name == "config.json" || name.ends_with(".index.json") || ending == ".safetensors" ||
           ending == ".bin" || ending == ".pt" || ending == ".pth" || ending == ".ckpt";
}

}  // namespace headlight
