#include "io/foreign_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "base/mapped_file.h"
namespace headlight {
namespace {

namespace fs = std::filesystem;

// Endings of weight files that this program knows by name.
constexpr std::array kWeightEndings = {".bin", ".pt",      ".pth",  ".ckpt", ".gguf",
                                       ".h5",  ".msgpack", ".onnx", ".npz"};

// "a GGUF file", or null if the bytes and the name say nothing.
const char* kind_of(const std::string& path) {
    const std::string bytes = first_bytes(path, 16);
    const std::string ending = fs::path(path).extension().string();
    const bool is_zip = bytes.starts_with("PK\x03\x04");
    if (bytes.starts_with("\x89HDF\r\n")) return "an HDF5 file (Keras)";
    if (is_zip && ending == ".npz") return "a NumPy archive without attention (an array attention, attn, attn.0 or layer_0)";
    if (bytes.starts_with("\x93NUMPY")) return "a NumPy array whose values are no attention";
    if (is_zip) return "a zip archive without the name of a PyTorch file (.bin, .pt, .pth, .ckpt)";
    if (bytes.starts_with("version https://")) return "a Git LFS pointer, not the file itself";
    if (ending == ".onnx") return "an ONNX model";
    if (ending == ".msgpack") return "a Flax checkpoint";
    return nullptr;
}

Error unsupported(const std::string& file, const char* kind) {
    return make_error(
               ErrorKind::Unsupported,
               "cannot open the checkpoint: this is {}, which Headlight does not read. What works is "
               "safetensors, PyTorch's torch.save and GGUF: "
               "save the model with save_pretrained(...) and open that folder",
               kind)
        .in_file(file);
}

Error describe_folder(const std::string& path) {
    std::vector<std::string> weights;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(path, code)) {
        const std::string ending = entry.path().extension().string();
        const bool is_weight_file =
            std::find(kWeightEndings.begin(), kWeightEndings.end(), ending) != kWeightEndings.end();
        if (is_weight_file && entry.is_regular_file(code)) weights.push_back(entry.path().string());
    }
    std::sort(weights.begin(), weights.end());
    for (const std::string& file : weights) {
        if (const char* kind = kind_of(file)) return unsupported(file, kind);
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
    if (!fs::is_regular_file(path, code)) {
        return make_error(ErrorKind::Unsupported, "expected a folder or a regular file").in_file(path);
    }
    if (fs::file_size(path, code) == 0)
        return make_error(ErrorKind::Corrupt, "the file is empty (0 bytes)").in_file(path);
    if (const char* kind = kind_of(path)) return unsupported(path, kind);
    const std::string name = fs::path(path).filename().string();
    if (name == "config.json") {
        return make_error(ErrorKind::Unsupported,
                          "this is a model's settings; open the folder that it lies in")
            .in_file(path);
    }
    return make_error(ErrorKind::Unsupported,
                      "cannot open the checkpoint: neither the name nor the first bytes say what this is. "
                      "Expected a Hugging "
                      "Face folder or a .safetensors file")
        .in_file(path);
}

}  // namespace headlight
