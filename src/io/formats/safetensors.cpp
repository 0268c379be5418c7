// safetensors: one file, a Hugging Face folder, or shards with model.safetensors.index.json.
#include <algorithm>
#include <filesystem>
#include <regex>

#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/checkpoint_config.h"
#include "io/checkpoint/float8_scales.h"
#include "io/checkpoint/safetensors_header.h"
#include "io/checkpoint/shard_index.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSingleName = "model.safetensors";
constexpr const char* kIndexName = "model.safetensors.index.json";

std::vector<std::string> safetensors_files_in(const std::string& folder) {
    std::vector<std::string> files;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        if (entry.path().extension() == ".safetensors") files.push_back(entry.path().string());
    }
    std::sort(files.begin(), files.end());
    return files;
}

bool is_file(const fs::path& path) {
    std::error_code code;
    return fs::is_regular_file(path, code);
}

// The weights that a path means: one .safetensors file, or an index.
Result<std::string> find_weights(const std::string& path) {
    std::error_code code;
    if (!fs::is_directory(path, code)) {
        static const std::regex shard_name(R"(.*-\d{5}-of-\d{5}\.safetensors)");
        const fs::path index = fs::path(path).parent_path() / kIndexName;
        const bool is_shard = std::regex_match(fs::path(path).filename().string(), shard_name);
        return is_shard && is_file(index) ? index.string() : path;
    }
    for (const char* name : {kSingleName, kIndexName}) {
        if (is_file(fs::path(path) / name)) return (fs::path(path) / name).string();
    }
    const std::vector<std::string> files = safetensors_files_in(path);
    if (files.size() == 1) return files.front();
    return fail(
        make_error(ErrorKind::Missing,
                   "the folder has {} .safetensors files and neither {} nor {}: name the file to open",
                   files.size(), kSingleName, kIndexName)
            .in_file(path));
}

Status add_file(const std::string& path, Checkpoint& checkpoint) {
    HEADLIGHT_TRY(auto file, MappedFile::open(path));
    HEADLIGHT_TRY(SafetensorsHeader header, read_safetensors_header(*file, checkpoint.files.size()));
    if (checkpoint.files.empty()) checkpoint.metadata = std::move(header.metadata);
    checkpoint.files.push_back(std::move(file));
    std::move(header.tensors.begin(), header.tensors.end(), std::back_inserter(checkpoint.tensors));
    return {};
}

bool can_open(const std::string& path) {
    std::error_code code;
    if (fs::is_directory(path, code)) {
        return is_file(fs::path(path) / kSingleName) || is_file(fs::path(path) / kIndexName) ||
               !safetensors_files_in(path).empty();
    }
    return path.ends_with(".safetensors") || path.ends_with(".safetensors.index.json") ||
           looks_like_safetensors(path);
}

Result<CheckpointPtr> open(const std::string& path, const std::string& config_path) {
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->path = path;
    checkpoint->format = "safetensors";
    HEADLIGHT_CHECK(read_checkpoint_config(path, config_path, *checkpoint));
    HEADLIGHT_TRY(const std::string weights, find_weights(path));
    if (weights.ends_with(".json")) {
        HEADLIGHT_CHECK(add_shards(weights, *checkpoint, add_file));
    } else {
        HEADLIGHT_CHECK(add_file(weights, *checkpoint));
        HEADLIGHT_CHECK(sort_tensors(*checkpoint));
    }
    HEADLIGHT_CHECK(attach_scales(*checkpoint));
    return CheckpointPtr(std::move(checkpoint));
}

}  // namespace

extern const CheckpointFormat k_format_safetensors = {"safetensors", "safetensors (Hugging Face)",
                                                      ".safetensors", can_open, open};

}  // namespace headlight
