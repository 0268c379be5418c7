#include "model/device/device_weights.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/ScalarType.h>
#include <c10/util/Exception.h>

#include <cstdint>
#include <optional>

#include "base/memory.h"

namespace headlight {
namespace {

// Kept free on a GPU while weights are copied: what passes need beside them.
constexpr std::int64_t kRoomForPasses = std::int64_t{1} << 30;

bool has_tied_head(const Architecture& arch) {
    return arch.has_head && arch.is_head_tied;
}

/// Embeddings are looked up on the processor, and score biases are made there.
bool is_read_on_device(std::string_view name, const Architecture& arch) {
    constexpr std::string_view kDecoder = "decoder.";
    if (name.starts_with(kDecoder)) name.remove_prefix(kDecoder.size());
    if (name == "token_embedding")
        return has_tied_head(arch) || (arch.decoder != nullptr && has_tied_head(*arch.decoder));
    for (const char* part : {"layers.", "convolution", "final_norm", "output_projection", "head"}) {
        if (name.starts_with(part)) return true;
    }
    return false;
}

/// A matrix in the plain type that it is stored in, a view of the file where it can be; undefined for others.
torch::Tensor plain_view(const StoredMatrix& stored) {
    std::optional<torch::ScalarType> type;
    if (stored.type == StoredType::F32) type = torch::kFloat32;
    if (stored.type == StoredType::F16) type = torch::kFloat16;
    if (stored.type == StoredType::BF16) type = torch::kBFloat16;
    if (!type || stored.row_order || stored.scales) return {};
    const std::size_t size = c10::elementSize(*type);
    if (stored.row_bytes != static_cast<std::size_t>(stored.cols) * size) return {};
    if (reinterpret_cast<std::uintptr_t>(stored.data) % size != 0) return {};
    // LibTorch has no const tensors; no weight is ever written.
    return torch::from_blob(const_cast<std::byte*>(stored.data), {stored.rows, stored.cols}, *type);
}

/// The matrix as a tensor on the processor: float32, or with `keeps_type` in its plain type if it has one.
torch::Tensor matrix_tensor(const WeightMatrix& matrix, bool keeps_type) {
    torch::Tensor plain = matrix.stored() == nullptr ? matrix.tensor() : plain_view(*matrix.stored());
    if (!plain.defined()) return matrix.widened();
    return keeps_type ? plain : plain.to(torch::kFloat32);
}

/// Bytes of the copies that widening on the processor makes.
std::uint64_t widened_bytes(const std::vector<TensorSlot>& slots) {
    std::uint64_t sum = 0;
    for (const TensorSlot& slot : slots) {
        if (slot.matrix == nullptr || !slot.matrix->defined()) continue;
        const StoredMatrix* stored = slot.matrix->stored();
        const bool is_wide = stored != nullptr ? stored->type == StoredType::F32
                                               : slot.matrix->tensor().scalar_type() == torch::kFloat32;
        if (is_wide) continue;
        sum += static_cast<std::uint64_t>(slot.matrix->size(0) * slot.matrix->size(1)) * sizeof(float);
    }
    return sum;
}

/// The slots of a copy of the model's weights, on the device from now on. False: the job was stopped.
bool move_slots(const LoadedModel& model, const std::vector<TensorSlot>& slots, torch::Device device,
                bool keeps_type, const JobContext& job) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const TensorSlot& slot = slots[i];
        if (job.should_stop()) return false;
        const bool is_set = slot.matrix != nullptr ? slot.matrix->defined() : slot.tensor->defined();
        if (!is_set || !is_read_on_device(slot.name, model.arch)) continue;
        job.report({"copying weights to " + device.str(),
                    static_cast<double>(i) / static_cast<double>(slots.size()), slot.name});
        const torch::Tensor own =
            slot.matrix != nullptr ? matrix_tensor(*slot.matrix, keeps_type) : slot_values(slot);
        slot.set(own.to(device));
    }
    return true;
}

Result<Weights> copied(const LoadedModel& model, torch::Device device, bool keeps_type,
                       const JobContext& job) {
    Weights out = model.weights;
    if (out.decoder != nullptr) out.decoder = std::make_shared<Weights>(*out.decoder);
    const std::vector<TensorSlot> slots = tensor_slots(model.arch, out);
    if (device.is_cpu()) keeps_type = widened_bytes(slots) > available_memory() / 2;
    torch::Tensor room;
    if (!device.is_cpu())
        room = torch::empty({kRoomForPasses}, torch::TensorOptions().dtype(torch::kUInt8).device(device));
    if (!move_slots(model, slots, device, keeps_type, job))
        return fail(ErrorKind::Cancelled, "opening the model was stopped");
    share_weights(model.arch, out);
    for (LayerWeights& layer : out.layers) {
        if (!model.arch.has_output) layer.output = layer.output.tensor().to(device);
    }
    return out;
}

}  // namespace

Result<Weights> weights_on(const LoadedModel& model, torch::Device device, const JobContext& job) {
    for (const bool keeps_type : {false, true}) {
        try {
            return copied(model, device, keeps_type, job);
        } catch (const c10::OutOfMemoryError&) {
            // Once more, as they are stored.
        }
    }
    return fail(ErrorKind::OutOfMemory,
                "the weights of {} ({} parameters) and {} MB for its passes do not fit on {}; use --device "
                "cpu, or a smaller model",
                model.spec.name, model.spec.num_parameters, kRoomForPasses >> 20, device.str());
}

}  // namespace headlight
