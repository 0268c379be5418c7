#include "model/device/device_weights.h"

#include <c10/util/Exception.h>

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

/// Bytes of the copies that widening on the processor makes.
std::uint64_t widened_bytes(const std::vector<TensorSlot>& slots) {
    std::uint64_t sum = 0;
    for (const TensorSlot& slot : slots) {
        if (slot.tensor->scalar_type() != torch::kFloat32)
            sum += static_cast<std::uint64_t>(slot.tensor->numel()) * sizeof(float);
    }
    return sum;
}

/// The slots of a copy of the model's weights, on the device from now on. False: the job was stopped.
bool move_slots(const LoadedModel& model, const std::vector<TensorSlot>& slots, torch::Device device,
                bool widens, const JobContext& job) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (job.should_stop()) return false;
        if (!is_read_on_device(slots[i].name, model.arch)) continue;
        job.report({"copying weights to " + device.str(),
                    static_cast<double>(i) / static_cast<double>(slots.size()), slots[i].name});
        torch::Tensor& tensor = *slots[i].tensor;
        tensor = widens ? tensor.to(device, torch::kFloat32) : tensor.to(device);
    }
    return true;
}

Result<Weights> copied(const LoadedModel& model, torch::Device device, bool widens, const JobContext& job) {
    Weights out = model.weights;
    if (out.decoder != nullptr) out.decoder = std::make_shared<Weights>(*out.decoder);
    const std::vector<TensorSlot> slots = tensor_slots(model.arch, out);
    if (device.is_cpu() && widens) widens = widened_bytes(slots) <= available_memory() / 2;
    torch::Tensor room;
    if (!device.is_cpu())
        room = torch::empty({kRoomForPasses}, torch::TensorOptions().dtype(torch::kUInt8).device(device));
    if (!move_slots(model, slots, device, widens, job))
        return fail(ErrorKind::Cancelled, "opening the model was stopped");
    share_weights(model.arch, out);
    for (LayerWeights& layer : out.layers) {
        if (!model.arch.has_output) layer.output = layer.output.to(device);
    }
    return out;
}

}  // namespace

Result<Weights> weights_on(const LoadedModel& model, torch::Device device, const JobContext& job) {
    for (const bool widens : {true, false}) {
        try {
            return copied(model, device, widens, job);
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
