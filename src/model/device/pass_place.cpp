#include "model/device/pass_place.h"

#include "model/device/device.h"
#include "model/device/device_store.h"

namespace headlight {

Result<PassPlace> PassPlace::on(const LoadedModel& model, torch::Device device, const JobContext& job) {
    PassPlace place;
    place.name_ = device_label(device);
    place.device_ = device;
    HEADLIGHT_TRY(place.weights_, weights_on(model, device, job));
    place.own_decoder_ = model.weights.decoder;
    return place;
}

std::unique_ptr<KeyValueStore> PassPlace::make_store(const Architecture& arch,
                                                     std::int64_t block_floats) const {
    return device_ ? make_device_store(arch, *device_, block_floats) : make_kernel_store(arch);
}

torch::Tensor PassPlace::run_to_rows(PassContext& context, const torch::Tensor& x, Probe* probe) const {
    if (!device_) return forward_to_rows(context, x, 0, probe);
    const auto moved = [this](const torch::Tensor& own) { return own.defined() ? own.to(*device_) : own; };
    const auto moved_table = [&](const RotaryTable& own) {
        return RotaryTable{moved(own.cos), moved(own.sin), moved(own.query_scale)};
    };
    const RotaryTables& rotary = context.rotary;
    PassContext on_device{context.arch,
                          there(context.weights),
                          context.attention,
                          {moved_table(rotary.main), moved_table(rotary.local), moved_table(rotary.none)},
                          context.bias,
                          context.layer_bias,
                          moved(context.relative),
                          context.cross,
                          moved(context.encoder_hidden),
                          nullptr};
    const torch::Tensor rows = forward_to_rows(on_device, moved(x), 0, probe);
    return rows.defined() ? rows.to(torch::kCPU) : rows;
}

torch::Tensor PassPlace::finish(const Architecture& arch, const Weights& weights, const torch::Tensor& rows,
                                Probe* probe) const {
    if (!device_) return finish_rows(arch, weights, rows, probe);
    return finish_rows(arch, there(weights), rows.to(*device_), probe).to(torch::kCPU);
}

torch::Tensor PassPlace::logits(const Architecture& arch, const Weights& weights,
                                const torch::Tensor& hidden) const {
    if (!device_) return output_logits(arch, weights, hidden);
    return output_logits(arch, there(weights), hidden.to(*device_)).to(torch::kCPU);
}

}  // namespace headlight
