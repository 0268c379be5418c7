#include "io/checkpoint/foreign_file.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "base/mapped_file.h"
#include "io/checkpoint/checkpoint_step.h"
#include "io/checkpoint/folder/weight_files.h"
#include "io/checkpoint/model_files.h"
namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::ptrdiff_t kMostNamed = 4;
constexpr std::size_t kMostFolders = 1000;  // that are looked into
constexpr int kDeepestRun = 3;              // folders below the one that was named

// Endings of weight files that this program knows by name.
constexpr std::array kForeignEndings = {".bin", ".pt",      ".pth",  ".ckpt", ".gguf",
                                        ".h5",  ".msgpack", ".onnx", ".npz"};

// "a GGUF file", or null if the bytes and the name say nothing.
const char* kind_of(const std::string& path) {
    const std::string bytes = first_bytes(path, 16);
    const std::string ending = fs::path(path).extension().string();
    const bool is_zip = bytes.starts_with("PK\x03\x04");
    if (bytes.starts_with("\x89HDF\r\n")) return "an HDF5 file (Keras)";
    if (is_zip && ending == ".npz")
        return "a NumPy archive without attention (an array attention, attn, attn.0 or layer_0)";
    if (bytes.starts_with("\x93NUMPY")) return "a NumPy array whose values are no attention";
    if (is_zip) return "a zip archive without the name of a PyTorch file (.bin, .pt, .pth, .ckpt)";
    if (bytes.starts_with("version https://")) return "a Git LFS pointer, not the file itself";
    if (ending == ".onnx") return "an ONNX model";
    if (ending == ".msgpack") return "a Flax checkpoint";
    return nullptr;
}

Error unsupported(const std::string& file, const char* kind) {
    return make_error(ErrorKind::Unsupported,
                      "cannot open the checkpoint: this is {}, which Headlight does not read. What works is "
                      "safetensors, PyTorch's torch.save and GGUF: "
                      "save the model with save_pretrained(...) and open that folder",
                      kind)
        .in_file(file);
}

bool holds_weights(const std::string& folder) {
    return !weight_files_in(model_folder_in(folder)).empty();
}

/// Folders below `path` that a model can be opened from, with their steps, and below those that hold none.
void find_checkpoints(const fs::path& path, const std::string& front, int depth, std::size_t& budget,
                      std::vector<std::pair<std::int64_t, std::string>>& found) {
    std::error_code code;
    for (fs::directory_iterator entry(path, code), end; !code && entry != end; entry.increment(code)) {
        std::error_code ignored;
        const std::string name = entry->path().filename().string();
        if (name.starts_with(".") || !entry->is_directory(ignored) || budget == 0) continue;
        --budget;
        if (holds_weights(entry->path().string()))
            found.emplace_back(step_of_name(name).step.value_or(-1), front + name);
        else if (depth < kDeepestRun)
            find_checkpoints(entry->path(), front + name + "/", depth + 1, budget, found);
    }
}

/// Their names, the latest step last; at most kMostNamed, the latest of them.
std::vector<std::string> checkpoints_below(const std::string& path) {
    std::vector<std::pair<std::int64_t, std::string>> found;
    std::size_t budget = kMostFolders;
    find_checkpoints(path, "", 1, budget, found);
    std::sort(found.begin(), found.end());
    if (std::ssize(found) > kMostNamed) found.erase(found.begin(), found.end() - kMostNamed);
    std::vector<std::string> names;
    for (auto& [step, name] : found)
        names.push_back(std::move(name));
    return names;
}

Error describe_folder(const std::string& path) {
    std::vector<std::string> weights;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(path, code)) {
        const std::string ending = entry.path().extension().string();
        const bool is_weight_file =
            std::find(kForeignEndings.begin(), kForeignEndings.end(), ending) != kForeignEndings.end();
        if (is_weight_file && !entry.path().filename().string().starts_with(".") &&
            entry.is_regular_file(code))
            weights.push_back(entry.path().string());
    }
    std::sort(weights.begin(), weights.end());
    for (const std::string& file : weights) {
        if (const char* kind = kind_of(file)) return unsupported(file, kind);
    }
    if (const std::vector<std::string> below = checkpoints_below(path); !below.empty()) {
        return make_error(ErrorKind::Missing,
                          "the folder holds no weights itself, but checkpoints lie below it: {}. Name one of "
                          "them, for "
                          "instance {} (`headlight watch` follows them all)",
                          fmt::join(below, ", "), (fs::path(path) / below.back()).string())
            .in_file(path);
    }
    return make_error(ErrorKind::Missing,
                      "the folder holds no weights. Looked for model.safetensors, "
                      "model.safetensors.index.json, the same with pytorch_model.bin, and any other "
                      ".safetensors, .bin, .pt, .pth, .ckpt or .gguf file")
        .in_file(path);
}

}  // namespace

Error describe_foreign_path(const std::string& path) {
    std::error_code code;
    if (fs::is_directory(path, code)) return describe_folder(path);
    if (const Status special = check_not_special(path); !special) return special.error();
    if (fs::file_size(path, code) == 0)
        return make_error(ErrorKind::Corrupt, "the file is empty (0 bytes)").in_file(path);
    if (const char* kind = kind_of(path)) return unsupported(path, kind);
    return make_error(ErrorKind::Unsupported,
                      "cannot open the checkpoint: neither the name nor the first bytes say what this is. "
                      "Expected a Hugging "
                      "Face folder or a .safetensors file")
        .in_file(path);
}

}  // namespace headlight
