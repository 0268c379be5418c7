// safetensors: one file, a Hugging Face folder, or shards with model.safetensors.index.json.
#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <unordered_map>

#include "io/checkpoint.h"
#include "io/checkpoint_config.h"
#include "io/json_file.h"
#include "io/safetensors_header.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSingleName = "model.safetensors";
constexpr const char* kIndexName = "model.safetensors.index.json";
constexpr std::size_t kMaxShards = 4096;

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

// Shard file names of an index, each with the tensors that the index promises in it.
using ShardMap = std::map<std::string, std::vector<std::string>>;

Result<ShardMap> read_index(const std::string& path) {
    HEADLIGHT_TRY(const nlohmann::json index, read_json_file(path));
    const auto map = index.is_object() ? index.find("weight_map") : index.end();
    if (map == index.end() || !map->is_object() || map->empty()) {
        return fail(
            make_error(ErrorKind::Corrupt, "the index has no object 'weight_map' of tensor names to files")
                .in_file(path));
    }
    ShardMap shards;
    for (const auto& [tensor, file] : map->items()) {
        const std::string name = file.is_string() ? file.get<std::string>() : std::string();
        if (name.empty() || name == "." || name == ".." || name.find_first_of("/\\") != std::string::npos ||
            name.find('\0') != std::string::npos) {
            return fail(make_error(ErrorKind::Corrupt,
                                   "the index must name a file of its own folder, but says '{}'",
                                   name.substr(0, 100))
                            .in_file(path)
                            .at_tensor(tensor));
        }
        shards[name].push_back(tensor);
        if (shards.size() > kMaxShards) {
            return fail(make_error(ErrorKind::Corrupt, "the index names more than {} files", kMaxShards)
                            .in_file(path));
        }
    }
    return shards;
}

Status add_file(const std::string& path, Checkpoint& checkpoint) {
    HEADLIGHT_TRY(auto file, MappedFile::open(path));
    HEADLIGHT_TRY(SafetensorsHeader header, read_safetensors_header(*file, checkpoint.files.size()));
    if (checkpoint.files.empty()) checkpoint.metadata = std::move(header.metadata);
    checkpoint.files.push_back(std::move(file));
    std::move(header.tensors.begin(), header.tensors.end(), std::back_inserter(checkpoint.tensors));
    return {};
}

Status finish(Checkpoint& checkpoint) {
    auto& tensors = checkpoint.tensors;
    std::stable_sort(tensors.begin(), tensors.end(),
                     [](const TensorInfo& a, const TensorInfo& b) { return a.name < b.name; });
    const auto twin =
        std::adjacent_find(tensors.begin(), tensors.end(),
                           [](const TensorInfo& a, const TensorInfo& b) { return a.name == b.name; });
    if (twin == tensors.end()) return {};
    return fail(make_error(ErrorKind::Corrupt, "the tensor is in two shards, also in {}",
                           checkpoint.files[twin->file_index]->path())
                    .in_file(checkpoint.files[std::next(twin)->file_index]->path())
                    .at_tensor(twin->name));
}

Status add_shards(const std::string& index_path, Checkpoint& checkpoint) {
    HEADLIGHT_TRY(const ShardMap shards, read_index(index_path));
    for (const auto& [name, promised] : shards) {
        const std::string path = (fs::path(index_path).parent_path() / name).string();
        if (!is_file(path)) {
            return fail(make_error(ErrorKind::Missing, "the index {} names this shard, but it is not there",
                                   kIndexName)
                            .in_file(path));
        }
        HEADLIGHT_CHECK(add_file(path, checkpoint));
    }
    HEADLIGHT_CHECK(finish(checkpoint));
    for (const auto& [name, promised] : shards) {
        for (const std::string& tensor : promised) {
            const TensorInfo* found = checkpoint.find(tensor);
            const std::string path = (fs::path(index_path).parent_path() / name).string();
            if (found == nullptr || checkpoint.files[found->file_index]->path() != path) {
                return fail(make_error(ErrorKind::Missing,
                                       "the index {} says that this tensor is in the shard, but it is not",
                                       kIndexName)
                                .in_file(path)
                                .at_tensor(tensor));
            }
        }
    }
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
        HEADLIGHT_CHECK(add_shards(weights, *checkpoint));
    } else {
        HEADLIGHT_CHECK(add_file(weights, *checkpoint));
        HEADLIGHT_CHECK(finish(*checkpoint));
    }
    return CheckpointPtr(std::move(checkpoint));
}

}  // namespace

extern const CheckpointFormat k_format_safetensors;
const CheckpointFormat k_format_safetensors = {"safetensors", "safetensors (Hugging Face)", ".safetensors",
                                               can_open, open};

}  // namespace headlight
