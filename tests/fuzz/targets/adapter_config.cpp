// adapter_config.json over a small base and a small adapter.
#include <filesystem>
#include <fstream>

#include "fuzz/fuzz_target.h"
#include "fuzz/read_everything.h"
#include "io/checkpoint/adapter/open_adapter.h"

namespace headlight::fuzz {
namespace {

void write_tensors(const std::string& path, const std::string& header, std::size_t bytes) {
    std::ofstream out(path, std::ios::binary);
    const std::uint64_t length = header.size();
    out.write(reinterpret_cast<const char*>(&length), sizeof(length));
    out << header << std::string(bytes, '\1');
}

/// A matrix of 2 x 3, and an adapter of rank 1 with every part that one may have.
void write_files(const std::string& folder) {
    std::filesystem::create_directories(folder + "/base");
    std::ofstream(folder + "/base/config.json") << R"({"model_type": "llama", "vocab_size": 2})";
    write_tensors(folder + "/base/model.safetensors",
                  R"({"m.q.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                  R"("m.q.bias":{"dtype":"F32","shape":[2],"data_offsets":[24,32]}})",
                  32);
    write_tensors(
        folder + "/adapter_model.safetensors",
        R"({"base_model.model.m.q.lora_A.weight":{"dtype":"F32","shape":[1,3],"data_offsets":[0,12]},)"
        R"("base_model.model.m.q.lora_B.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[12,20]},)"
        R"("base_model.model.m.q.token_adapter.trainable_tokens_delta":)"
        R"({"dtype":"F32","shape":[1,3],"data_offsets":[20,32]}})",
        32);
}

Status read(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    if (!std::filesystem::exists(folder + "/base")) write_files(folder);
    HEADLIGHT_TRY(const CheckpointPtr opened, open_adapter(folder, {}, {.base = folder + "/base"}));
    return read_every_tensor(*opened);
}

}  // namespace

extern const FuzzTarget k_fuzz_adapter_config = {"adapter_config", "adapter_config.json", read};

}  // namespace headlight::fuzz
