// Files of torch.save: pytorch_model.bin (single or sharded), .pt, .pth, .ckpt. Read as data, no pickle is
// ever run.
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/checkpoint_config.h"
#include "io/checkpoint/float8_scales.h"
#include "io/checkpoint/model_files.h"
#include "io/checkpoint/shard_index.h"
#include "io/torch/torch_file.h"
#include "io/torch/torch_state.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSingleName = "pytorch_model.bin";
constexpr const char* kIndexName = "pytorch_model.bin.index.json";
constexpr std::array kEndings = {".bin", ".pt", ".pth", ".ckpt"};

bool has_ending(const fs::path& path) {
    return std::find(kEndings.begin(), kEndings.end(), path.extension().string()) != kEndings.end();
}

bool is_file(const fs::path& path) {
    std::error_code code;
    return fs::is_regular_file(path, code);
}

/// Files of a folder that torch.save may have written, sorted.
std::vector<std::string> torch_files_in(const std::string& folder) {
    std::vector<std::string> files;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        // What the Hugging Face trainer leaves beside the weights is no model.
        const std::string name = entry.path().filename().string();
        if (has_ending(entry.path()) && !is_training_leftover(name) && is_file(entry.path()) &&
            looks_like_torch_file(entry.path().string()))
            files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

Result<std::string> find_weights(const std::string& path) {
    std::error_code code;
    if (!fs::is_directory(path, code)) return path;
    for (const char* name : {kSingleName, kIndexName}) {
        if (is_file(fs::path(path) / name)) return (fs::path(path) / name).string();
    }
    const std::vector<std::string> files = torch_files_in(path);
    if (files.size() == 1) return files.front();
    return fail(make_error(ErrorKind::Missing,
                           "the folder has {} files of torch.save and neither {} nor {}: name the file "
                           "to open",
                           files.size(), kSingleName, kIndexName)
                    .in_file(path));
}

Status add_file(const std::string& path, Checkpoint& checkpoint) {
    HEADLIGHT_TRY(const TorchFile torch, read_torch_file(path));
    HEADLIGHT_TRY(TorchState state, find_torch_state(torch, checkpoint.files.size()));
    checkpoint.files.push_back(torch.file);
    std::move(state.tensors.begin(), state.tensors.end(), std::back_inserter(checkpoint.tensors));
    if (checkpoint.config.is_null() && state.config.is_object()) {
        checkpoint.config = std::move(state.config);
        checkpoint.config_path = path;
    }
    return {};
}

bool can_open(const std::string& path) {
    std::error_code code;
    if (fs::is_directory(path, code)) {
        return is_file(fs::path(path) / kSingleName) || is_file(fs::path(path) / kIndexName) ||
               !torch_files_in(path).empty();
    }
    if (path.ends_with(".bin.index.json")) return true;
    return (has_ending(path) || fs::path(path).extension().empty()) && looks_like_torch_file(path);
}

Result<CheckpointPtr> open(const std::string& path, const std::string& config_path) {
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->path = path;
    checkpoint->format = "pytorch";
    HEADLIGHT_CHECK(read_checkpoint_config(path, config_path, *checkpoint));
    HEADLIGHT_TRY(const std::string weights, find_weights(path));
    if (weights.ends_with(".json")) {
        HEADLIGHT_CHECK(add_shards(weights, *checkpoint, add_file));
    } else {
        HEADLIGHT_CHECK(add_file(weights, *checkpoint));
        strip_wrappers(checkpoint->tensors);
        HEADLIGHT_CHECK(sort_tensors(*checkpoint));
    }
    HEADLIGHT_CHECK(attach_scales(*checkpoint));
    return CheckpointPtr(std::move(checkpoint));
}

}  // namespace

extern const CheckpointFormat k_format_pytorch = {"pytorch", "PyTorch (torch.save, zip or the older stream)",
                                                  ".bin .pt .pth .ckpt", can_open, open};

}  // namespace headlight
