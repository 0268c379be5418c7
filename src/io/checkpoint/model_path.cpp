#include "io/checkpoint/model_path.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "io/checkpoint/folder/weight_files.h"
#include "io/checkpoint/model_files.h"
#include "io/json_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestPath = 200;
constexpr std::size_t kLongestReference = 200;  // of refs/main: a commit has 40 letters
constexpr std::string_view kFolderMark = "models--";
constexpr std::array kWeightsEndings = {".safetensors", ".bin", ".pt", ".pth", ".gguf"};
constexpr std::array kIndexNames = {"model.safetensors.index.json", "pytorch_model.bin.index.json"};

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

/// The folder that Hugging Face's own library would use.
fs::path cache_folder() {
    for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
        if (const std::string given = variable(name); !given.empty()) return given;
    }
    if (const std::string home = variable("HF_HOME"); !home.empty()) return fs::path(home) / "hub";
    const std::string xdg = variable("XDG_CACHE_HOME");
    const fs::path base = !xdg.empty() ? fs::path(xdg) : fs::path(variable("HOME")) / ".cache";
    return base / "huggingface" / "hub";
}

/// "org/name" or "name", as the hub allows them; a name with the ending of a file is meant as a file.
bool is_hub_name(const std::string& name) {
    if (name.empty() || name.size() > kLongestPath || std::count(name.begin(), name.end(), '/') > 1)
        return false;
    const std::string ending = fs::path(name).extension().string();
    if (std::find(kWeightsEndings.begin(), kWeightsEndings.end(), ending) != kWeightsEndings.end() ||
        ending == ".json" || ending == ".npz" || ending == ".npy")
        return false;
    const auto is_part = [](std::string_view part) {
        return !part.empty() && part.front() != '.' && part.front() != '-' &&
               part.find("..") == std::string_view::npos && part.find("--") == std::string_view::npos &&
               std::all_of(part.begin(), part.end(), [](unsigned char c) {
                   return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
               });
    };
    const std::size_t slash = name.find('/');
    if (slash == std::string::npos) return is_part(name);
    return is_part(std::string_view(name).substr(0, slash)) &&
           is_part(std::string_view(name).substr(slash + 1));
}

fs::path folder_of(const std::string& name) {
    std::string folder(kFolderMark);
    for (const char c : name)
        folder += c == '/' ? std::string("--") : std::string(1, c);
    return cache_folder() / folder;
}

/// Name of the snapshot: what refs/main says, or the only one that is there.
std::optional<std::string> snapshot_name(const fs::path& folder) {
    std::ifstream in(folder / "refs" / "main", std::ios::binary);
    std::string text(kLongestReference, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
        text.pop_back();
    const bool is_name = !text.empty() && std::all_of(text.begin(), text.end(),
                                                      [](unsigned char c) { return std::isalnum(c) != 0; });
    if (is_name) return text;
    std::vector<std::string> names;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder / "snapshots", code)) {
        if (entry.is_directory(code)) names.push_back(entry.path().filename().string());
    }
    return names.size() == 1 ? std::optional(names.front()) : std::nullopt;
}

Error incomplete(const std::string& name, const std::string& folder, const std::string& what) {
    return make_error(ErrorKind::Missing,
                      "'{}' is in the Hugging Face cache, but was not downloaded whole: {}. Run "
                      "`hf download {}`; nothing is downloaded here",
                      name, what, name)
        .in_file(folder);
}

/// The first file of a snapshot whose link leads nowhere; empty if there is none.
std::string find_dangling(const fs::path& snapshot) {
    std::error_code code;
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(snapshot, code)) {
        if (entry.is_symlink(code) && !fs::exists(entry.path(), code))
            names.push_back(entry.path().filename().string());
    }
    return names.empty() ? std::string() : *std::min_element(names.begin(), names.end());
}

Result<std::string> find_snapshot(const std::string& name, const fs::path& folder) {
    const auto hash = snapshot_name(folder);
    if (!hash) return fail(incomplete(name, folder.string(), "refs/main names no snapshot"));
    const fs::path snapshot = folder / "snapshots" / *hash;
    std::error_code code;
    if (!fs::is_directory(snapshot, code)) {
        return fail(incomplete(name, folder.string(), fmt::format("snapshot {} is not there", *hash)));
    }
    if (const std::string file = find_dangling(snapshot); !file.empty()) {
        return fail(
            incomplete(name, snapshot.string(), fmt::format("the contents of {} are not there", file)));
    }
    return snapshot.string();
}

/// "models--org--name" is org/name.
std::string name_of_folder(const std::string& folder) {
    const std::string name = folder.substr(kFolderMark.size());
    const std::size_t cut = name.find("--");
    return cut == std::string::npos ? name : fmt::format("{}/{}", name.substr(0, cut), name.substr(cut + 2));
}

/// ".../models--org--name/snapshots/<hash>[/file]": the part after "models--"; nothing for other paths.
std::optional<std::string> hub_name_of(const fs::path& path) {
    fs::path at = path.lexically_normal();
    if (!at.has_filename()) at = at.parent_path();
    for (int level = 0; level < 2; ++level, at = at.parent_path()) {
        const std::string folder = at.parent_path().parent_path().filename().string();
        if (at.parent_path().filename() != "snapshots" || !folder.starts_with(kFolderMark)) continue;
        return name_of_folder(folder);
    }
    return std::nullopt;
}

}  // namespace

Result<std::string> resolve_model_path(const std::string& name) {
    HEADLIGHT_TRY(const std::string path, find_model_path(name));
    std::error_code code;
    return fs::is_directory(path, code) ? model_folder_in(path) : whole_model(path);
}

std::optional<std::string> snapshot_in(const std::string& folder) {
    fs::path at = fs::path(folder).lexically_normal();
    if (!at.has_filename()) at = at.parent_path();
    if (at.filename() == "snapshots" || at.filename() == "refs") at = at.parent_path();
    if (!at.filename().string().starts_with(kFolderMark)) return std::nullopt;
    const auto name = snapshot_name(at);
    std::error_code code;
    if (!name || !fs::is_directory(at / "snapshots" / *name, code)) return std::nullopt;
    return (at / "snapshots" / *name).string();
}

Result<std::string> find_model_path(const std::string& name) {
    if (name.empty()) return fail(ErrorKind::InvalidInput, "no model was named");
    std::error_code code;
    if (fs::exists(name, code)) {
        HEADLIGHT_CHECK(check_not_special(name));
        return name;
    }
    if (!is_hub_name(name)) {
        return fail(
            make_error(
                ErrorKind::Missing,
                "cannot open the model: no such file or folder. Expected a Hugging Face "
                "folder (config.json beside the weights), a file of weights, or a name like org/name that "
                "the Hugging Face cache holds")
                .in_file(name));
    }
    const fs::path folder = folder_of(name);
    if (fs::is_directory(folder, code)) return find_snapshot(name, folder);
    return fail(
        make_error(ErrorKind::Missing,
                   "cannot open the model: no such file or folder, and the Hugging Face cache {} "
                   "does not hold '{}'. To download it run `hf download {}`; nothing is downloaded here",
                   cache_folder().string(), name, name)
            .in_file(name));
}

std::string model_name_of(const std::string& path) {
    if (const auto name = hub_name_of(path)) return *name;
    fs::path at = fs::path(path).lexically_normal();
    std::error_code code;
    if (at == "." || at.filename() == "..") at = fs::absolute(at, code).lexically_normal();
    if (!at.has_filename()) at = at.parent_path();
    return at.filename().string();
}

Status check_snapshot_is_whole(const std::string& path) {
    std::error_code code;
    const auto name = fs::is_directory(path, code) ? hub_name_of(path) : std::nullopt;
    if (!name) return {};
    for (const char* index : kIndexNames) {
        const fs::path file = fs::path(path) / index;
        if (!fs::exists(file, code)) continue;
        HEADLIGHT_TRY(const nlohmann::json parsed, read_json_file(file.string()));
        if (!parsed.is_object() || !parsed.contains("weight_map") || !parsed["weight_map"].is_object()) break;
        for (const auto& [tensor, shard] : parsed["weight_map"].items()) {
            const std::string shard_name = shard.is_string() ? shard.get<std::string>() : std::string();
            if (!shard_name.empty() && !fs::exists(fs::path(path) / shard_name, code))
                return fail(incomplete(*name, path,
                                       fmt::format("the shard {} is not there", shard_name.substr(0, 100))));
        }
        return {};
    }
    for (const auto& entry : fs::directory_iterator(path, code)) {
        const std::string ending = entry.path().extension().string();
        if (std::find(kWeightsEndings.begin(), kWeightsEndings.end(), ending) != kWeightsEndings.end())
            return {};
    }
    return fail(incomplete(*name, path, "it has no weights"));
}

std::vector<std::string> cached_model_names() {
    constexpr std::size_t kMostNames = 200;
    std::vector<std::string> out;
    std::error_code code;
    fs::directory_iterator it(cache_folder(), fs::directory_options::skip_permission_denied, code);
    for (; !code && it != fs::directory_iterator() && out.size() < kMostNames; it.increment(code)) {
        const std::string folder = it->path().filename().string();
        if (folder.starts_with(kFolderMark)) out.push_back(name_of_folder(folder));
    }
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace headlight
