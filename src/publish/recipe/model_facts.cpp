#include "publish/recipe/model_facts.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "base/mapped_file.h"
#include "base/sha256.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {
namespace {

constexpr std::size_t kMostHashedFile = std::size_t{64} << 20, kHashedTensorBytes = 4096;

/// Empty where there is no such file, or a large one.
std::string hash_of_file(const std::string& path) {
    std::error_code error;
    if (path.empty() || !std::filesystem::is_regular_file(path, error) ||
        std::filesystem::file_size(path, error) > kMostHashedFile)
        return {};
    const auto bytes = read_text_file(path, kMostHashedFile);
    return bytes ? sha256(*bytes) : std::string();
}

std::string hash_of_tensors(const Checkpoint& checkpoint) {
    Sha256 hash;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        hash.add(fmt::format("{} {} {}\n", tensor.name, static_cast<int>(tensor.dtype),
                             fmt::join(tensor.shape, "x")));
        const std::span<const std::byte> bytes = checkpoint.bytes(tensor);
        hash.add(bytes.first(std::min(bytes.size(), kHashedTensorBytes)));
    }
    return hash.finish();
}

/// Of the tokenizer's file; of its vocabulary where that lies with the weights.
std::string hash_of_tokenizer(const ModelInfo& model) {
    if (!model.tokenizer) return {};
    std::string of_file = hash_of_file(model.tokenizer->source());
    if (!of_file.empty()) return of_file;
    Sha256 hash;
    for (std::int32_t id = 0; id < model.tokenizer->vocab_size(); ++id) {
        const auto token = model.tokenizer->token(id);
        hash.add(token ? token->piece + "\n" : std::string("\n"));
    }
    return hash.finish();
}

std::string whole_path(const std::string& path) {
    if (path.empty()) return {};
    std::error_code error;
    const std::filesystem::path whole = std::filesystem::absolute(path, error);
    return error ? path : whole.lexically_normal().string();
}

}  // namespace

RecipeModel model_facts(const ModelInfo& model, const std::string& config_path) {
    RecipeModel out;
    out.name = model.spec.name;
    out.family = model.spec.family;
    out.path = whole_path(model.spec.path);
    out.tokenizer = hash_of_tokenizer(model);
    if (model.spec.path.empty()) return out;
    if (const auto checkpoint = open_checkpoint(model.spec.path, config_path, model.spec.adapter)) {
        out.config = hash_of_file((*checkpoint)->config_path);
        out.weights = hash_of_tensors(**checkpoint);
    }
    return out;
}

RecipeModel file_facts(const std::string& name, const std::string& path) {
    RecipeModel out;
    out.name = name;
    out.path = whole_path(path);
    out.weights = hash_of_file(path);
    return out;
}

}  // namespace headlight
