#include "session/model_folder.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "io/atlas/atlas_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

bool is_weights_file(const fs::path& path) {
    constexpr const char* kEndings[] = {".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt"};
    const std::string ending = path.extension().string();
    return std::find(std::begin(kEndings), std::end(kEndings), ending) != std::end(kEndings);
}

bool is_model_folder(const fs::path& path) {
    std::error_code code;
    return fs::exists(path / "config.json", code) || fs::exists(path / "headlight.json", code);
}

/// Where the log lies; empty: there is none. Any other file in its folder is no log.
std::string log_at(const std::string& path) {
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

}  // namespace

bool holds_model(const std::string& path) {
    std::error_code code;
    return fs::is_directory(path, code) ? is_model_folder(path) : is_weights_file(path);
}

Status open_beside(const OpenRequest& request, const std::string& asked, Opened& out, const JobContext& job) {
    const std::string folder = checkpoint_folder(request.path);
    const bool stands_for_folder = is_weights_file(request.path) && is_model_folder(folder);
    const std::string& path = stands_for_folder ? folder : request.path;
    if (is_atlas(path)) {
        job.report({"reading the atlas", -1, {}});
        auto atlas = std::make_shared<OpenedAtlas>();
        atlas->id = request.text_id;
        atlas->path = asked;
        HEADLIGHT_TRY(atlas->atlas, read_atlas(path));
        out.atlas = std::move(atlas);
    }
    const std::string log = log_at(path);
    if (log.empty()) return {};
    auto training = std::make_shared<OpenedTraining>();
    training->id = request.text_id;
    training->path = log;
    HEADLIGHT_TRY(training->log, read_training_log(log));
    if (is_model_folder(path)) training->log.title = name_of_path(path);  // not "training"
    out.training = std::move(training);
    return {};
}

}  // namespace headlight
