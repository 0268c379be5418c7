#include "io/checkpoint/folder/weight_files.h"

#include <algorithm>
#include <filesystem>

#include "base/mapped_file.h"
#include "io/checkpoint/model_files.h"
#include "io/checkpoint/model_path.h"
#include "io/json_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLatestBytes = 200;

bool is_plain_file(const fs::path& path) {
    std::error_code code;
    return fs::is_regular_file(path, code);
}

/// A folder directly or further below, in words of a file: never above or elsewhere.
bool is_below(const fs::path& part) {
    return !part.empty() && part.is_relative() &&
           std::none_of(part.begin(), part.end(), [](const fs::path& one) { return one == ".."; });
}

/// The first module of a sentence encoder: [{"idx": 0, "path": "0_Transformer", "type": ...}, ...].
std::string first_module(const fs::path& folder) {
    if (!is_plain_file(folder / "modules.json")) return {};
    const auto modules = read_json_file((folder / "modules.json").string());
    if (!modules || !modules->is_array() || modules->empty() || !modules->front().is_object()) return {};
    const auto path = modules->front().find("path");
    return path != modules->front().end() && path->is_string() ? path->get<std::string>() : std::string();
}

std::string latest_of_deepspeed(const fs::path& folder) {
    if (!is_plain_file(folder / "latest")) return {};
    const std::string text = first_bytes((folder / "latest").string(), kLatestBytes);
    return text.substr(0, text.find_last_not_of(" \r\n\t") + 1);
}

}  // namespace

std::vector<std::string> weight_files_in(const std::string& folder, const std::vector<std::string>& endings) {
    std::vector<std::string> files;
    std::error_code code;
    for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
        const std::string name = entry->path().filename().string();
        const bool is_named_so =
            std::find(endings.begin(), endings.end(), entry->path().extension().string()) != endings.end();
        if (is_named_so && !name.starts_with(".") && !is_training_leftover(name) &&
            is_plain_file(entry->path()))
            files.push_back(entry->path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::string> usual_weight_files(const std::string& folder) {
    std::vector<std::string> files;
    for (const char* name : {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                             "pytorch_model.bin.index.json"}) {
        if (is_plain_file(fs::path(folder) / name)) files.push_back((fs::path(folder) / name).string());
    }
    return files;
}

std::string model_folder_in(const std::string& folder) {
    std::error_code code;
    if (!usual_weight_files(folder).empty() || !weight_files_in(folder).empty()) return folder;
    for (const fs::path part : {first_module(folder), latest_of_deepspeed(folder)}) {
        if (is_below(part) && fs::is_directory(fs::path(folder) / part, code))
            return (fs::path(folder) / part).string();
    }
    const auto snapshot = snapshot_in(folder);
    return snapshot ? *snapshot : folder;
}

}  // namespace headlight
