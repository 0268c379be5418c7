// Files of torch.save: pytorch_model.bin (single or sharded), .pt, .pth, .ckpt. Read as data, no pickle is
// ever run.
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/checkpoint_config.h"
#include "io/checkpoint/float8_scales.h"
#include "io/checkpoint/shard_index.h"
#include "io/torch/torch_file.h"
#include "io/torch/torch_state.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::array kEndings = {".bin", ".pt", ".pth", ".ckpt"};

bool has_ending(const fs::path& path) {
    return std::find(kEndings.begin(), kEndings.end(), path.extension().string()) != kEndings.end();
}

Status add_file(const std::string& path, Checkpoint& checkpoint) {
    HEADLIGHT_TRY(const TorchFile torch, read_torch_file(path));
    HEADLIGHT_TRY(TorchState state, find_torch_state(torch, checkpoint.files.size()));
    checkpoint.files.push_back(torch.file);
    std::move(state.tensors.begin(), state.tensors.end(), std::back_inserter(checkpoint.tensors));
    std::move(state.absent.begin(), state.absent.end(), std::back_inserter(checkpoint.absent));
    if (!state.code.empty()) {
        checkpoint.notes.push_back(fmt::format(
            "beside the weights the file holds what code would make; nothing of it was run: {}",
            fmt::join(state.code.begin(),
                      state.code.begin() + std::min<std::ptrdiff_t>(8, std::ssize(state.code)), ", ")));
    }
    if (checkpoint.config.is_null() && state.config.is_object()) {
        checkpoint.config = std::move(state.config);
        checkpoint.config_path = path;
    }
    return {};
}

bool can_open(const std::string& path) {
    if (path.ends_with(".bin.index.json")) return true;
    return (has_ending(path) || fs::path(path).extension().empty()) && looks_like_torch_file(path);
}

Result<CheckpointPtr> open(const std::string& path, const std::string& config_path) {
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->path = path;
    checkpoint->format = "pytorch";
    HEADLIGHT_CHECK(read_checkpoint_config(path, config_path, *checkpoint));
    if (path.ends_with(".json")) {
        HEADLIGHT_CHECK(add_shards(path, *checkpoint, add_file));
    } else {
        HEADLIGHT_CHECK(add_file(path, *checkpoint));
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
