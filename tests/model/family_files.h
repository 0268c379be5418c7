// Writes a random model of any family as a checkpoint folder, through the family's own table of names.
#pragma once

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "family/family.h"
#include "io/checkpoint/safetensors_writer.h"
#include "model/model_support.h"
#include "model/weights/weight_loader.h"

namespace headlight::test {

struct FileTensor {
    std::string name;
    torch::Tensor values;
};

struct FamilyFiles {
    nlohmann::json config;
    std::vector<FileTensor> tensors;
};

using TensorsByName = std::map<std::string, torch::Tensor>;

/// One matrix of a file out of the canonical weights in it, group by group.
inline torch::Tensor joined_slots(const FileWeight& entry, std::size_t begin, std::size_t count,
                                  const TensorsByName& by_name) {
    std::vector<torch::Tensor> shares;
    if (entry.has_columns) {
        for (std::size_t i = begin; i < begin + count; ++i)
            shares.push_back(by_name.at(entry.slots[i]));
        return torch::cat(shares, 1);
    }
    for (std::size_t i = begin; i < begin + count; ++i) {
        shares.push_back(by_name.at(entry.slots[i]).unflatten(0, {entry.num_groups, -1}));
    }
    const torch::Tensor whole = torch::cat(shares, 1).flatten(0, 1);
    return entry.is_transposed ? whole.t() : whole;
}

/// A tensor of a file as the table describes it.
inline torch::Tensor stored_values(const FileWeight& entry, const TensorsByName& by_name) {
    torch::Tensor out;
    if (entry.num_stacked > 0) {
        const std::size_t count = entry.slots.size() / static_cast<std::size_t>(entry.num_stacked);
        std::vector<torch::Tensor> experts;
        for (std::size_t i = 0; i < entry.slots.size(); i += count) {
            experts.push_back(joined_slots(entry, i, count, by_name));
        }
        out = torch::stack(experts);
    } else {
        out = joined_slots(entry, 0, entry.slots.size(), by_name);
    }
    if (entry.num_columns > 0) {  // of four heads
        out = out.unflatten(1, {4, -1}).slice(-1, 0, entry.num_columns / 4).flatten(1);
    }
    if (entry.part >= 0) out = out.chunk(entry.num_parts)[static_cast<std::size_t>(entry.part)];
    if (entry.num_rows > 0) out = out.view({entry.num_rows, -1});
    out = (out - entry.offset).contiguous();
    return entry.axes.empty() ? out : out.view(entry.axes);
}

inline std::string first_prefix(const Family& family) {
    const std::string all = family.prefix;
    return all.substr(0, all.find('|'));
}

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
    TensorsByName by_name;
    for (const TensorSlot& slot : tensor_slots(arch, weights))
        by_name[slot.name] = slot_values(slot);
    for (const FileWeight& entry : family.file_weights(arch)) {
        files.tensors.push_back(
            {(entry.has_prefix ? first_prefix(family) : "") + entry.name, stored_values(entry, by_name)});
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
