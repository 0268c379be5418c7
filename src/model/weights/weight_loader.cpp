#include "model/weights/weight_loader.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>

#include "family/names/stored_shape.h"
#include "family/names/weight_names.h"
#include "family/tensor_names.h"
#include "family/ties.h"
#include "io/checkpoint/tensor_values.h"
#include "model/weights/stored_weights.h"

namespace headlight {
namespace {

using SlotMap = std::map<std::string, TensorSlot, std::less<>>;

std::optional<torch::ScalarType> scalar_type(DType dtype) {
    switch (dtype) {
        case DType::Float32:
            return torch::kFloat32;
        case DType::Float16:
            return torch::kFloat16;
        case DType::BFloat16:
            return torch::kBFloat16;
        case DType::Float64:
            return torch::kFloat64;
        default:
            return std::nullopt;
    }
}

/// Quantised weights, and those whose rows lie in another order, are written out once.
Result<torch::Tensor> decoded(const Checkpoint& checkpoint, const TensorInfo& info) {
    HEADLIGHT_TRY(const std::vector<float> values, tensor_as_floats(checkpoint, info));
    torch::Tensor out = torch::empty(info.shape, torch::kFloat32);
    std::copy(values.begin(), values.end(), out.data_ptr<float>());
    return out;
}

/// float32 values of a tensor: a view of the mapping where the file allows that.
Result<torch::Tensor> as_tensor(const Checkpoint& checkpoint, const TensorInfo& info) {
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

/// The part of each slot out of one matrix [out, in] or vector [out].
void place_slots(const FileWeight& entry, std::span<const std::string> names, const SlotMap& slots,
                 const torch::Tensor& whole) {
    if (names.size() == 1) return slots.find(names.front())->second.set(whole);
    if (entry.has_columns) {
        std::int64_t begin = 0;
        for (const std::string& name : names) {
            const TensorSlot& slot = slots.find(name)->second;
            slot.set(whole.narrow(1, begin, slot.shape[1]).contiguous());
            begin += slot.shape[1];
        }
        return;
    }
    // [groups, rows of a group, ...]; a copy only where the groups are not one.
    const torch::Tensor grouped = whole.unflatten(0, {entry.num_groups, -1});
    std::int64_t begin = 0;
    for (const std::string& name : names) {
        const TensorSlot& slot = slots.find(name)->second;
        const std::int64_t rows = slot.shape[0] / entry.num_groups;
        slot.set(entry.num_groups == 1 ? whole.narrow(0, begin, rows)
                                       : grouped.narrow(1, begin, rows).flatten(0, 1).contiguous());
        begin += rows;
    }
}

/// The same of matrices that stay as they are stored.
void place_stored(const FileWeight& entry, const SlotMap& slots, const StoredMatrix& stored) {
    const std::size_t num_experts = static_cast<std::size_t>(std::max(1, entry.num_stacked));
    const std::size_t count = entry.slots.size() / num_experts;
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < count; ++i)
        rows.push_back(slots.find(entry.slots[i])->second.shape[0]);
    const auto of_expert = stored.rows / static_cast<std::int64_t>(num_experts);
    for (std::size_t i = 0; i < entry.slots.size(); ++i) {
        const StoredMatrix expert =
            narrow_rows(stored, static_cast<std::int64_t>(i / count) * of_expert, of_expert);
        *slots.find(entry.slots[i])->second.matrix = part_of_fused(expert, rows, i % count, entry.num_groups);
    }
}

bool are_matrices(const FileWeight& entry, const SlotMap& slots) {
    return std::all_of(entry.slots.begin(), entry.slots.end(),
                       [&](const std::string& name) { return slots.find(name)->second.matrix != nullptr; });
}

/// One share of a slot that the file keeps in several tensors.
void place_part(const FileWeight& entry, const TensorSlot& slot, const torch::Tensor& share) {
    torch::Tensor whole = slot_values(slot);
    if (!whole.defined()) whole = torch::empty(slot.shape, torch::kFloat32);
    const std::int64_t rows = slot.shape[0] / entry.num_parts;
    whole.narrow(0, entry.part * rows, rows).copy_(share);
    slot.set(whole);
}

/// [out, in] of blocks [count, out / count, in / count] along its diagonal.
torch::Tensor with_zeros(const torch::Tensor& blocks) {
    const std::int64_t count = blocks.size(0), rows = blocks.size(1), cols = blocks.size(2);
    torch::Tensor out = torch::zeros({count * rows, count * cols}, torch::kFloat32);
    for (std::int64_t i = 0; i < count; ++i)
        out.narrow(0, i * rows, rows).narrow(1, i * cols, cols).copy_(blocks[i]);
    return out;
}

/// Columns of each head followed by zeros, as many as the slot has.
torch::Tensor with_zero_columns(const FileWeight& entry, const TensorSlot& slot, const torch::Tensor& stored,
                                int num_heads) {
    const std::int64_t missing = (slot.shape[1] - entry.num_columns) / num_heads;
    return torch::constant_pad_nd(stored.unflatten(1, {num_heads, -1}), {0, missing}).flatten(1);
}

void place(const FileWeight& entry, const SlotMap& slots, const torch::Tensor& stored, int num_heads) {
    torch::Tensor whole = entry.offset != 0 ? stored + entry.offset : stored;
    if (entry.num_columns > 0) {
        const TensorSlot& slot = slots.find(entry.slots.front())->second;
        return slot.set(with_zero_columns(entry, slot, whole, num_heads));
    }
    if (entry.num_rows > 0) whole = whole.flatten();
    if (entry.part >= 0) return place_part(entry, slots.find(entry.slots.front())->second, whole);
    const std::span<const std::string> names(entry.slots);
    if (entry.num_blocks > 1) {
        return place_slots(entry, names, slots,
                           with_zeros(entry.is_transposed ? whole.transpose(1, 2) : whole));
    }
    const auto oriented = [&](const torch::Tensor& x) { return entry.is_transposed ? x.t() : x; };
    if (entry.num_stacked == 0) return place_slots(entry, names, slots, oriented(whole));
    const std::size_t count = names.size() / static_cast<std::size_t>(entry.num_stacked);
    for (int i = 0; i < entry.num_stacked; ++i) {
        place_slots(entry, names.subspan(static_cast<std::size_t>(i) * count, count), slots,
                    oriented(whole[i]));
    }
}

struct NameCheck {
    std::vector<const TensorInfo*> found;  // one per entry of the table
    std::string dtype;
    std::int64_t num_parameters = 0;
};

/// The one type that all weights have; of a quantised file its quantised types, since norms always stay in
/// float32.
std::string dtype_label(const std::set<DType>& dtypes) {
    if (dtypes.size() == 1) return to_string(*dtypes.begin());
    std::string label;
    for (const DType dtype : dtypes) {
        if (is_quantized(dtype)) label += std::string(label.empty() ? "" : " + ") + to_string(dtype);
    }
    return label.empty() ? "mixed" : label;
}

Status check_extra(const Family& family, const Architecture& arch, const Checkpoint& checkpoint,
                   const std::string& prefix, const std::set<const TensorInfo*>& known) {
    std::vector<std::string> extra;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        if (known.count(&tensor) != 0) continue;
        std::string_view bare = tensor.name;
        if (!prefix.empty() && bare.starts_with(prefix)) bare.remove_prefix(prefix.size());
        if (!family.is_ignored(bare, arch))
            extra.push_back(tensor.name + " " + shape_to_string(tensor.shape));
    }
    if (extra.empty()) return {};
    return fail(make_error(ErrorKind::Corrupt,
                           "the checkpoint holds {} weight(s) that a {} of this config does not have: {}; do "
                           "config.json and the weights belong together?",
                           extra.size(), family.label, some_of(extra))
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
        const TensorInfo* info = find_entry(entry, prefix, checkpoint);
        const auto expected = stored_shape(entry, slots);
        if (info == nullptr) {
            missing.push_back(name + " " + shape_to_string(expected) + why_absent(checkpoint, name));
            continue;
        }
        if (!is_same_shape(info->shape, expected)) {
            return fail(make_error(ErrorKind::Corrupt, "weight '{}' has shape {}, but the config asks for {}",
                                   name, shape_to_string(info->shape), shape_to_string(expected))
                            .in_file(checkpoint.files[info->file_index]->path())
                            .at_tensor(name));
        }
        check.found.push_back(info);
        known.insert(info);
        dtypes.insert(info->dtype);
    }
    if (!missing.empty()) {
        return fail(make_error(ErrorKind::Missing, "the checkpoint lacks {} weight(s) of a {}: {}",
                               missing.size(), family.label, some_of(missing))
                        .in_file(checkpoint.path)
                        .at_tensor(missing.front().substr(0, missing.front().find(' '))));
    }
    HEADLIGHT_CHECK(check_extra(family, arch, checkpoint, prefix, known));
    for (const TensorInfo* info : known)
        check.num_parameters += info->num_elements();
    check.dtype = dtype_label(dtypes);
    return check;
}

bool lies_in(const void* bytes, const MappedFile& file) {
    const auto at = reinterpret_cast<std::uintptr_t>(bytes);
    const auto begin = reinterpret_cast<std::uintptr_t>(file.bytes().data());
    return at >= begin && at - begin < file.size_bytes();
}

const void* bytes_of(const TensorSlot& slot) {
    const torch::Tensor& tensor = slot.matrix != nullptr ? slot.matrix->tensor() : *slot.tensor;
    if (tensor.defined()) return tensor.const_data_ptr();
    return slot.matrix != nullptr && slot.matrix->stored() != nullptr ? slot.matrix->stored()->data : nullptr;
}

std::vector<std::shared_ptr<const MappedFile>> files_in_use(const Checkpoint& checkpoint,
                                                            const SlotMap& slots) {
    std::vector<std::shared_ptr<const MappedFile>> used = checkpoint.files;
    std::erase_if(used, [&](const auto& file) {
        return std::none_of(slots.begin(), slots.end(),
                            [&](const auto& slot) { return lies_in(bytes_of(slot.second), *file); });
    });
    return used;
}

}  // namespace

Result<LoadedWeights> load_weights(const Family& family, const Architecture& arch,
                                   const Checkpoint& checkpoint, const JobContext& job) {
    LoadedWeights loaded;
    const SlotMap slots = slots_by_name(tensor_slots(arch, loaded.weights));
    const std::vector<FileWeight> table = tied_file_weights(family, arch, checkpoint);
    HEADLIGHT_TRY(const NameCheck check, check_names(family, arch, checkpoint, table, slots));
    loaded.dtype = check.dtype;
    loaded.num_parameters = check.num_parameters;
    // Layers that share weights share in memory what had to be decoded.
    std::map<const TensorInfo*, int> num_uses;
    for (const TensorInfo* info : check.found)
        ++num_uses[info];
    std::map<const TensorInfo*, torch::Tensor> used;
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "opening the model was stopped");
        job.report(
            {"loading weights", static_cast<double>(i) / static_cast<double>(table.size()), table[i].name});
        const TensorInfo& info = *check.found[i];
        if (table[i].num_columns == 0 && are_matrices(table[i], slots)) {
            if (const auto stored = stored_matrix(checkpoint, info, table[i])) {
                place_stored(table[i], slots, *stored);
                continue;
            }
        }
        torch::Tensor& values = used[&info];
        if (!values.defined()) {
            HEADLIGHT_TRY(values, as_tensor(checkpoint, info));
            const std::vector<std::int64_t> expected = placed_shape(table[i], slots);
            if (values.sizes() != torch::IntArrayRef(expected)) values = values.view(expected);
        }
        place(table[i], slots, values, arch.num_heads);
        if (--num_uses[&info] == 0) used.erase(&info);
    }
    HEADLIGHT_CHECK(checkpoint.check_unchanged());
    loaded.files = files_in_use(checkpoint, slots);
    share_weights(arch, loaded.weights);
    return loaded;
}

std::vector<std::string> non_finite_weights(const Family& family, const Architecture& arch,
                                            Weights& weights) {
    const SlotMap slots = slots_by_name(tensor_slots(arch, weights));
    std::vector<std::string> names;
    for (const FileWeight& entry : family.file_weights(arch)) {
        for (const std::string& name : entry.slots) {
            if (torch::isfinite(slot_values(slots.find(name)->second)).all().item<bool>()) continue;
            names.push_back((entry.has_prefix ? prefixes_of(family).front() : "") + entry.name);
            break;
        }
    }
    return names;
}

}  // namespace headlight
