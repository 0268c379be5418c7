#include "io/checkpoint/shard_index.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

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

/// Of two copies of a tensor the one stays that the index means.
void keep_promised(const ShardMap& shards, Checkpoint& checkpoint) {
    std::map<std::string_view, std::string_view> file_of;  // tensor -> file
    for (const auto& [file, tensors] : shards) {
        for (const std::string& tensor : tensors)
            file_of[tensor] = file;
    }
    const auto is_promised = [&](const TensorInfo& tensor) {
        const auto found = file_of.find(tensor.name);
        return found != file_of.end() &&
               fs::path(checkpoint.files[tensor.file_index]->path()).filename().string() == found->second;
    };
    std::set<std::string> promised;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        if (is_promised(tensor)) promised.insert(tensor.name);
    }
    std::erase_if(checkpoint.tensors, [&](const TensorInfo& tensor) {
        return promised.count(tensor.name) != 0 && !is_promised(tensor);
    });
}

/// What the index names and no shard holds is missed only by who needs it.
void note_absent(const ShardMap& shards, Checkpoint& checkpoint) {
    for (const auto& [file, tensors] : shards) {
        for (const std::string& tensor : tensors) {
            if (checkpoint.find(tensor) == nullptr)
                checkpoint.absent.emplace_back(tensor,
                                               "the index says that it is in " + file + ", but it is not");
        }
    }
    std::sort(checkpoint.absent.begin(), checkpoint.absent.end());
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
    keep_promised(shards, checkpoint);
    HEADLIGHT_CHECK(sort_tensors(checkpoint));
    note_absent(shards, checkpoint);
    return {};
}

}  // namespace headlight
