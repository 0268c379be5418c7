#include "model/weights/weights.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/normal.h>
#include <torch/utils.h>

#include <cmath>

#include "model/picture/picture_rows.h"

namespace headlight {
namespace {

void share_layers(const Architecture& arch, Weights& weights) {
    for (int i = 0; i < arch.num_layers; ++i) {
        const int first = first_with_weights_of(arch, i);
        if (first != i)
            weights.layers[static_cast<std::size_t>(i)] = weights.layers[static_cast<std::size_t>(first)];
    }
}

}  // namespace

std::vector<TensorSlot> tensor_slots(const Architecture& arch, Weights& weights) {
    return list_slots(arch, weights);
}

torch::Tensor slot_values(const TensorSlot& slot) {
    if (slot.matrix != nullptr) return slot.matrix->defined() ? slot.matrix->widened() : torch::Tensor();
    return slot.tensor->defined() ? slot.tensor->to(torch::kFloat32) : torch::Tensor();
}

void share_weights(const Architecture& arch, Weights& weights) {
    if (arch.takes_pictures() && weights.pictures == nullptr) {  // else a copy of weights that are finished
        weights.pictures = std::make_shared<PictureRows>();
        fold_layer_scales(arch, weights);
    }
    for (LayerWeights& layer : weights.layers) {
        if (!arch.has_output) layer.output = torch::eye(arch.hidden_size, torch::kFloat32);
    }
    share_layers(arch, weights);
    if (arch.decoder != nullptr) share_layers(*arch.decoder, *weights.decoder);
    if (arch.decoder != nullptr && !arch.decoder->owns_embedding) {
        weights.decoder->token_embedding = weights.token_embedding;
    }
}

Weights random_weights(const Architecture& arch, std::uint64_t seed, double deviation) {
    Weights weights;
    const at::Generator generator = at::detail::createCPUGenerator(seed);
    for (TensorSlot& slot : tensor_slots(arch, weights)) {
        if (slot.is_norm_gain) {
            slot.set(torch::ones(slot.shape, torch::kFloat32));
        } else if (slot.is_bias) {
            slot.set(torch::zeros(slot.shape, torch::kFloat32));
        } else {
            const double std =
                slot.writes_residual ? deviation / std::sqrt(2.0 * arch.num_layers) : deviation;
            slot.set(torch::empty(slot.shape, torch::kFloat32).normal_(0.0, std, generator));
        }
    }
    share_weights(arch, weights);
    return weights;
}

}  // namespace headlight
