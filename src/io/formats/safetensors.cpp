// safetensors: one file, a Hugging Face folder, or shards with model.safetensors.index.json.
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

constexpr const char* kIndexName = "model.safetensors.index.json";

/// The weights that a file means: itself, or the index that it is a part of.
std::string weights_of(const std::string& path) {
    static const std::regex shard_name(R"(.*-\d{5}-of-\d{5}\.safetensors)");
    std::error_code code;
    const fs::path index = fs::path(path).parent_path() / kIndexName;
    const bool is_shard = std::regex_match(fs::path(path).filename().string(), shard_name);
    return is_shard && fs::is_regular_file(index, code) ? index.string() : path;
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
    return path.ends_with(".safetensors") || path.ends_with(".safetensors.index.json") ||
           looks_like_safetensors(path);
}

Result<CheckpointPtr> open(const std::string& path, const std::string& config_path) {
    auto checkpoint = std::make_shared<Checkpoint>();
    checkpoint->path = path;
    checkpoint->format = "safetensors";
    HEADLIGHT_CHECK(read_checkpoint_config(path, config_path, *checkpoint));
    const std::string weights = weights_of(path);
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
