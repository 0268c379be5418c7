// Writes a random model of any family as a checkpoint folder, through the family's own table of names.
#pragma once

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "io/safetensors_writer.h"
#include "model/family.h"
#include "model/model_support.h"
#include "model/weight_loader.h"

namespace headlight::test {

struct FileTensor {
    std::string name;
    torch::Tensor values;
};

struct FamilyFiles {
    nlohmann::json config;
    std::vector<FileTensor> tensors;
};

inline FamilyFiles family_files(const Family& family) {
    RandomModelRequest request;
    request.family = family.id;
    request.hidden_size = 24;
    request.num_heads = 4;
    request.num_layers = 2;
    request.vocab_size = 50;
    request.max_positions = 64;
    request.seed = 7;
    FamilyFiles files;
    files.config = family.random_config(request);
    const Architecture arch = read_architecture(family, files.config, {}).value();
    Weights weights = random_weights(arch, request.seed);
    std::map<std::string, torch::Tensor> by_name;
    for (const WeightSlot& slot : weight_slots(arch, weights)) by_name[slot.name] = *slot.tensor;
    for (const FileWeight& entry : family.file_weights(arch)) {
        std::vector<torch::Tensor> parts;
        for (const std::string& slot : entry.slots) parts.push_back(by_name.at(slot));
        torch::Tensor whole = torch::cat(parts);
        if (entry.is_transposed) whole = whole.t();
        files.tensors.push_back({(entry.has_prefix ? family.prefix : "") + entry.name, whole.contiguous()});
    }
    return files;
}

inline void write_files(const std::string& folder, const FamilyFiles& files) {
    std::ofstream(folder + "/config.json") << files.config.dump(1);
    std::vector<TensorToWrite> tensors;
    for (const FileTensor& tensor : files.tensors) {
        const std::span<const float> values(tensor.values.const_data_ptr<float>(),
                                            static_cast<std::size_t>(tensor.values.numel()));
        tensors.push_back({tensor.name, DType::Float32, tensor.values.sizes().vec(), std::as_bytes(values)});
    }
    REQUIRE(write_safetensors(folder + "/model.safetensors", tensors).has_value());
}

}  // namespace headlight::test
