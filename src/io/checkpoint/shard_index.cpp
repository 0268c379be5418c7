#include "io/checkpoint/shard_index.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "io/json_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxShards = 4096;

bool is_file(const fs::path& path) {
    std::error_code code;
    return fs::is_regular_file(path, code);
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

}  // namespace

Status sort_tensors(Checkpoint& checkpoint) {
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

Status add_shards(const std::string& index_path, Checkpoint& checkpoint, const AddFile& add_file) {
    HEADLIGHT_TRY(const ShardMap shards, read_index(index_path));
    for (const auto& [name, promised] : shards) {
        const std::string path = (fs::path(index_path).parent_path() / name).string();
        if (!is_file(path)) {
            return fail(make_error(ErrorKind::Missing, "the index {} names this shard, but it is not there",
                                   fs::path(index_path).filename().string())
                            .in_file(path));
        }
        HEADLIGHT_CHECK(add_file(path, checkpoint));
    }
    HEADLIGHT_CHECK(sort_tensors(checkpoint));
    for (const auto& [name, promised] : shards) {
        for (const std::string& tensor : promised) {
            const TensorInfo* found = checkpoint.find(tensor);
            const std::string path = (fs::path(index_path).parent_path() / name).string();
            if (found == nullptr || checkpoint.files[found->file_index]->path() != path) {
                return fail(make_error(ErrorKind::Missing,
                                       "the index {} says that this tensor is in the shard, but it is not",
                                       fs::path(index_path).filename().string())
                                .in_file(path)
                                .at_tensor(tensor));
            }
        }
    }
    return {};
}

}  // namespace headlight
