// Makes the score biases of the architectures that have one.
#pragma once

#include <torch/types.h>

#include "family/architecture.h"
#include "kernel/score_bias.h"
#include "model/weights/weights.h"

namespace headlight {

/// The bias of a whole text of `num_tokens` that every layer shares: ALiBi (Press et al. 2022) by key, T5's
/// learned buckets (Raffel et al. 2020) by distance, BEiT's table by rows and columns. Empty for other
/// architectures.
ScoreBiasTable shared_score_bias(const Architecture& arch, const Weights& weights, int num_tokens);

/// T5's bucket of a distance key - query: half of the buckets for each direction when `is_bidirectional`;
/// near distances have their own, far ones share them logarithmically up to max_distance.
int distance_bucket(int distance, bool is_bidirectional, int num_buckets, int max_distance);

/// DeBERTa's bucket of a distance query - key: itself up to half of `num_buckets`, then logarithmic (He et
/// al. 2021).
int disentangled_bucket(int distance, int num_buckets, int max_distance);

/// The bias of each layer where layers have buckets of their own; empty for other architectures.
std::vector<ScoreBiasTable> layer_score_biases(const Architecture& arch, const Weights& weights,
                                               int num_tokens);

/// What layer_score_bias() reads of positions: DeBERTa's relative embeddings after their norm [2 spans,
/// hidden], Transformer-XL's sinusoids of all distances in the text [2 N, hidden]; undefined for other
/// architectures.
torch::Tensor relative_embeddings(const Architecture& arch, const Weights& weights, int num_tokens);

/// The bias of a layer that has its own (Architecture::has_layer_bias): DeBERTa's content-to-position and
/// position-to-content scores of query and key [N, H * head_dim] times the attention scale,
/// Transformer-XL's content-to-distance scores (Dai et al. 2019), or BEiT's table of the layer and that of
/// all layers.
ScoreBiasTable layer_score_bias(const Architecture& arch, const Weights& weights, const LayerWeights& layer,
                                int index, const torch::Tensor& relative, const torch::Tensor& query,
                                const torch::Tensor& key);

/// The same values as a tensor [H, N, N], for attention by LibTorch's operations.
torch::Tensor bias_tensor(const ScoreBiasTable& table, int num_heads, int num_tokens);

}  // namespace headlight
