// headlight.json: rules over the names of a small file's tensors.
#include <filesystem>
#include <fstream>

#include "fuzz/fuzz_target.h"
#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/custom_model.h"

namespace headlight::fuzz {
namespace {

/// Two tensors of four and six numbers.
void write_weights(const std::string& path) {
    const std::string header =
        R"({"blocks.0.attn.qkv.weight":{"dtype":"F32","shape":[6,1],"data_offsets":[0,24]},)"
        R"("blocks.0.norm.weight":{"dtype":"F32","shape":[1,4],"data_offsets":[24,40]}})";
    std::ofstream out(path, std::ios::binary);
    const std::uint64_t length = header.size();
    out.write(reinterpret_cast<const char*>(&length), sizeof(length));
    out << header << std::string(40, '\0');
}

Status read(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    const std::string weights = folder + "/model.safetensors";
    if (!std::filesystem::exists(weights)) write_weights(weights);
    HEADLIGHT_TRY(const CheckpointPtr opened, open_checkpoint(weights));
    const auto applied = apply_custom_model(folder, false, opened);
    if (!applied) return fail(applied.error());
    return {};
}

}  // namespace

extern const FuzzTarget k_fuzz_custom_model = {"custom_model", "headlight.json", read};

}  // namespace headlight::fuzz
