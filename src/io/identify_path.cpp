#include "io/identify_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/mapped_file.h"
#include "io/atlas/atlas_file.h"
#include "io/attention/attention_dump.h"
#include "io/checkpoint/model_files.h"
#include "io/checkpoint/model_path.h"
#include "io/picture/raster.h"
#include "io/torch/torch_file.h"
#include "io/training/training_log.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

bool has_weights_ending(const fs::path& path) {
    constexpr const char* kEndings[] = {".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt"};
    const std::string ending = path.extension().string();
    return std::find(std::begin(kEndings), std::end(kEndings), ending) != std::end(kEndings);
}

bool is_model_folder(const fs::path& path) {
    std::error_code code;
    return fs::exists(path / "config.json", code) || fs::exists(path / "headlight.json", code) ||
           fs::exists(path / "adapter_config.json", code);
}

/// Where the log lies; empty: there is none. Any other file in its folder is no log.
std::string training_log_at(const std::string& path) {
    std::error_code code;
    if (!fs::is_directory(path, code)) {
        const std::string name = fs::path(path).filename().string();
        const bool is_log = name.starts_with("metrics.") || name.starts_with("events.out.");
        return is_log && is_training_log(path) ? path : std::string();
    }
    if (is_training_log(path)) return path;
    for (const char* name : kLogFolders) {
        const std::string inner = (fs::path(path) / name).string();
        if (is_model_folder(path) && is_training_log(inner)) return inner;
    }
    return {};
}

/// Atlas and log of a folder; a weights file stands for its folder.
void look_beside(const std::string& path, IdentifiedPath& out) {
    const std::string folder = folder_of_path(path);
    const std::string& looked_at = has_weights_ending(path) && is_model_folder(folder) ? folder : path;
    if (is_atlas(looked_at)) out.atlas_path = looked_at;
    out.log_path = training_log_at(looked_at);
}

}  // namespace

bool holds_model(const std::string& path) {
    std::error_code code;
    return fs::is_directory(path, code) ? is_model_folder(path) : has_weights_ending(path);
}

bool is_session_file(const std::string& path) {
    constexpr std::size_t kFirstBytes = 64;
    std::error_code code;
    if (path.ends_with(kSessionEnding)) return fs::is_regular_file(path, code);
    const std::string begin = first_bytes(path, kFirstBytes);
    return begin.starts_with('{') && begin.find(fmt::format("\"{}\"", kSessionKey)) != std::string::npos;
}

Result<IdentifiedPath> identify_path(const std::string& path) {
    IdentifiedPath out;
    auto found = resolve_model_path(path);
    if (!found && found.error().kind != ErrorKind::Missing) return fail(std::move(found).error());
    out.path = found ? std::move(*found) : path;
    if (is_session_file(out.path)) {
        out.kind = PathKind::Session;
        return out;
    }
    if (is_picture(out.path)) {
        return fail(
            make_error(ErrorKind::Unsupported,
                       "this is a picture, not a model; open a model that reads pictures and give it the "
                       "picture with --image, or drop it on the window")
                .in_file(out.path));
    }
    look_beside(out.path, out);
    if (!holds_model(out.path) && !out.atlas_path.empty()) {
        out.kind = PathKind::Atlas;
    } else if (!holds_model(out.path) && !out.log_path.empty()) {
        out.kind = PathKind::TrainingLog;
    } else if (looks_like_attention_dump(out.path)) {
        out.kind = PathKind::AttentionDump;
    } else if (is_torchscript(out.path)) {
        out.kind = PathKind::TorchScript;
    }
    return out;
}

}  // namespace headlight
