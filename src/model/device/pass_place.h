// Where the passes of a model run: by the capture kernel over the weights as they are, or on a device by
// LibTorch's operations over a copy of them there. Hidden states, logits and traces come back to the
// processor, so that everything after a pass is the same.
#pragma once

#include <optional>
#include <string>

#include "model/device/device_weights.h"
#include "model/forward/key_value_store.h"

namespace headlight {

class PassPlace {
  public:
    /// The capture kernel.
    PassPlace() = default;
    /// LibTorch's operations on a device. Errors: those of weights_on().
    static Result<PassPlace> on(const LoadedModel& model, torch::Device device, const JobContext& job);

    bool is_kernel() const { return !device_; }
    /// As options name it: "cpu", "cpu-torch", "cuda:0".
    const std::string& name() const { return name_; }

    /// `arch` must outlive the store. `block_floats` as make_device_store() takes it.
    std::unique_ptr<KeyValueStore> make_store(const Architecture& arch, std::int64_t block_floats = 0) const;
    /// forward_to_rows() from the first block on; x [1, N, D] and what is returned lie on the processor, the
    /// tensors that the probe sees where the pass runs. `context` is one over the model's own weights.
    torch::Tensor run_to_rows(PassContext& context, const torch::Tensor& x, Probe* probe) const;
    /// finish_rows() with the model's own weights, or its decoder's.
    torch::Tensor finish(const Architecture& arch, const Weights& weights, const torch::Tensor& rows,
                         Probe* probe) const;
    /// output_logits(), as finish().
    torch::Tensor logits(const Architecture& arch, const Weights& weights, const torch::Tensor& hidden) const;

  private:
    const Weights& there(const Weights& weights) const {
        return &weights == own_decoder_.get() ? *weights_.decoder : weights_;
    }

    std::string name_ = kProcessor;
    std::optional<torch::Device> device_;  // nullopt: the capture kernel
    Weights weights_;                      // on the device
    std::shared_ptr<const Weights> own_decoder_;
};

}  // namespace headlight
