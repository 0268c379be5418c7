#include "model/weight_loader.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <map>
#include <set>

#include "io/tensor_values.h"

namespace headlight {
namespace {

constexpr std::size_t kMostNamed = 8;  // names in one message

using SlotMap = std::map<std::string, WeightSlot, std::less<>>;

SlotMap slots_by_name(std::vector<WeightSlot> slots) {
    SlotMap map;
    for (WeightSlot& slot : slots) map.emplace(slot.name, std::move(slot));
    return map;
}

std::vector<std::int64_t> shape_of(const FileWeight& entry, const SlotMap& slots) {
    std::vector<std::int64_t> shape = slots.find(entry.slots.front())->second.shape;
    for (std::size_t i = 1; i < entry.slots.size(); ++i) shape[0] += slots.find(entry.slots[i])->second.shape[0];
    if (entry.is_transposed) std::reverse(shape.begin(), shape.end());
    return shape;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) text += (i ? ", " : "") + names[i];
    if (names.size() > kMostNamed) text += fmt::format(" and {} more", names.size() - kMostNamed);
    return text;
}

/// Does the file say "transformer.h.0..." or "h.0..."? Decided by the first name of the table.
std::string prefix_in(const Family& family, const std::vector<FileWeight>& table, const Checkpoint& checkpoint) {
    for (const FileWeight& entry : table) {
        if (!entry.has_prefix) continue;
        if (checkpoint.find(family.prefix + entry.name) != nullptr) return family.prefix;
        if (checkpoint.find(entry.name) != nullptr) return "";
    }
    return family.prefix;
}

std::optional<torch::ScalarType> scalar_type(DType dtype) {
    switch (dtype) {
        case DType::Float32: return torch::kFloat32;
        case DType::Float16: return torch::kFloat16;
        case DType::BFloat16: return torch::kBFloat16;
        case DType::Float64: return torch::kFloat64;
        default: return std::nullopt;
    }
}

/// Quantised weights, and those whose rows lie in another order, are written out once.
Result<torch::Tensor> decoded(const Checkpoint& checkpoint, const TensorInfo& info) {
    HEADLIGHT_TRY(const std::vector<float> values, tensor_as_floats(checkpoint, info));
    torch::Tensor out = torch::empty(info.shape, torch::kFloat32);
    std::copy(values.begin(), values.end(), out.data_ptr<float>());
    return out;
}

/// float32 tensor over the mapping, or a copy where the file does not allow that.
Result<torch::Tensor> as_float32(const Checkpoint& checkpoint, const TensorInfo& info) {
    if (!is_plain(info)) return decoded(checkpoint, info);
    const auto type = scalar_type(info.dtype);
    if (!type) {
        return fail(make_error(ErrorKind::Unsupported, "the weight is stored as {}, expected a floating type",
                               to_string(info.dtype))
                        .in_file(checkpoint.files[info.file_index]->path())
                        .at_tensor(info.name));
    }
    const std::span<const std::byte> bytes = checkpoint.bytes(info);
    // LibTorch has no const tensors; the mapping is read-only and no weight is ever written.
    void* data = const_cast<std::byte*>(bytes.data());
    if (reinterpret_cast<std::uintptr_t>(data) % size_bytes(info.dtype) != 0) {
        torch::Tensor copy = torch::empty(info.shape, *type);
        std::copy(bytes.begin(), bytes.end(), static_cast<std::byte*>(copy.data_ptr()));
        return copy.to(torch::kFloat32);
    }
    return torch::from_blob(data, info.shape, *type).to(torch::kFloat32);
}

void place(const FileWeight& entry, const SlotMap& slots, const torch::Tensor& stored) {
    const torch::Tensor whole = entry.is_transposed ? stored.t() : stored;
    std::int64_t begin = 0;
    for (const std::string& name : entry.slots) {
        const WeightSlot& slot = slots.find(name)->second;
        *slot.tensor = entry.slots.size() == 1 ? whole : whole.narrow(0, begin, slot.shape[0]);
        begin += slot.shape[0];
    }
}

struct NameCheck {
    std::vector<const TensorInfo*> found;  // one per entry of the table
    std::string dtype;
};

Status check_extra(const Family& family, const Architecture& arch, const Checkpoint& checkpoint,
                   const std::string& prefix, const std::set<const TensorInfo*>& known) {
    std::vector<std::string> extra;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        if (known.count(&tensor) != 0) continue;
        std::string_view bare = tensor.name;
        if (!prefix.empty() && bare.starts_with(prefix)) bare.remove_prefix(prefix.size());
        if (!family.is_ignored(bare, arch)) extra.push_back(tensor.name + " " + shape_to_string(tensor.shape));
    }
    if (extra.empty()) return {};
    return fail(make_error(ErrorKind::Corrupt,
                           "the checkpoint holds {} weight(s) that a {} of this config does not have: {}; do "
                           "config.json and the weights belong together?", extra.size(), family.label, joined(extra))
                    .in_file(checkpoint.path)
                    .at_tensor(extra.front().substr(0, extra.front().find(' '))));
}

/// All names and shapes, before anything is loaded.
Result<NameCheck> check_names(const Family& family, const Architecture& arch, const Checkpoint& checkpoint,
                              const std::vector<FileWeight>& table, const SlotMap& slots) {
    const std::string prefix = prefix_in(family, table, checkpoint);
    NameCheck check;
    std::set<const TensorInfo*> known;
    std::set<DType> dtypes;
    std::vector<std::string> missing;
    for (const FileWeight& entry : table) {
        const std::string name = (entry.has_prefix ? prefix : "") + entry.name;
        const TensorInfo* info = checkpoint.find(name);
        const auto expected = shape_of(entry, slots);
        if (info == nullptr) {
            missing.push_back(name + " " + shape_to_string(expected));
            continue;
        }
        if (info->shape != expected) {
            return fail(make_error(ErrorKind::Corrupt, "weight '{}' has shape {}, but the config asks for {}", name,
                                   shape_to_string(info->shape), shape_to_string(expected))
                            .in_file(checkpoint.files[info->file_index]->path())
                            .at_tensor(name));
        }
        check.found.push_back(info);
        known.insert(info);
        dtypes.insert(info->dtype);
    }
    if (!missing.empty()) {
        return fail(make_error(ErrorKind::Missing, "the checkpoint lacks {} weight(s) of a {}: {}", missing.size(),
                               family.label, joined(missing))
                        .in_file(checkpoint.path)
                        .at_tensor(missing.front().substr(0, missing.front().find(' '))));
    }
    HEADLIGHT_CHECK(check_extra(family, arch, checkpoint, prefix, known));
    check.dtype = dtypes.size() == 1 ? to_string(*dtypes.begin()) : "mixed";
    return check;
}

}  // namespace

std::vector<std::int64_t> stored_shape(const FileWeight& entry, const std::vector<WeightSlot>& slots) {
    return shape_of(entry, slots_by_name(slots));
}

Result<LoadedWeights> load_weights(const Family& family, const Architecture& arch, const Checkpoint& checkpoint,
                                   const JobContext& job) {
    LoadedWeights loaded;
    const SlotMap slots = slots_by_name(weight_slots(arch, loaded.weights));
    const std::vector<FileWeight> table = family.file_weights(arch);
    HEADLIGHT_TRY(const NameCheck check, check_names(family, arch, checkpoint, table, slots));
    loaded.dtype = check.dtype;
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "opening the model was stopped");
        job.report({"loading weights", static_cast<double>(i) / static_cast<double>(table.size()), table[i].name});
        HEADLIGHT_TRY(const torch::Tensor stored, as_float32(checkpoint, *check.found[i]));
        place(table[i], slots, stored);
    }
    return loaded;
}

std::vector<std::string> non_finite_weights(const Family& family, const Architecture& arch, Weights& weights) {
    const SlotMap slots = slots_by_name(weight_slots(arch, weights));
    std::vector<std::string> names;
    for (const FileWeight& entry : family.file_weights(arch)) {
        for (const std::string& name : entry.slots) {
            if (torch::isfinite(*slots.find(name)->second.tensor).all().item<bool>()) continue;
            names.push_back((entry.has_prefix ? family.prefix : "") + entry.name);
            break;
        }
    }
    return names;
}

}  // namespace headlight
