// The weights of a model: vectors as LibTorch's tensors, matrices as WeightMatrix says.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "family/slot_list.h"
#include "model/weights/weight_matrix.h"

namespace headlight {

using MlpWeights = MlpWeightsOf<torch::Tensor, WeightMatrix>;
using AttentionWeights = AttentionWeightsOf<torch::Tensor, WeightMatrix>;
using LayerWeights = LayerWeightsOf<torch::Tensor, WeightMatrix>;
using TensorSlot = TensorSlotOf<torch::Tensor, WeightMatrix>;

class PictureRows;

struct Weights : WeightsOf<torch::Tensor, WeightMatrix, Weights> {
    std::shared_ptr<PictureRows> pictures;  // what stands for token_embedding where pictures are read
    torch::ScalarType compute_type =
        torch::kFloat32;  // of the hidden states, whatever the matrices are stored as
};

/// weight_slots() with the place of each in `weights`, whose layers and decoder it makes. Call
/// share_weights() once all are set.
std::vector<TensorSlot> tensor_slots(const Architecture& arch, Weights& weights);

/// Values of a slot as float32; undefined for one that is not set. A copy unless it is a float32 tensor.
torch::Tensor slot_values(const TensorSlot& slot);

/// Points what two parts of a model share at one tensor: the embedding table of a decoder that has none of
/// its own, the weights of layers that are stored once (ALBERT).
void share_weights(const Architecture& arch, Weights& weights);

/// Standard deviation of freshly drawn matrices where a config says nothing else (Radford et al. 2019).
inline constexpr double kInitialDeviation = 0.02;

/// Normal(0, deviation) matrices, residual projections divided by sqrt(2 num_layers), gains 1, biases 0;
/// float32. The same seed gives the same weights.
Weights random_weights(const Architecture& arch, std::uint64_t seed, double deviation = kInitialDeviation);

}  // namespace headlight
