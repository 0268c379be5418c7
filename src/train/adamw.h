// AdamW (Loshchilov and Hutter 2019) with decoupled decay, one pass over each parameter.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <string>
#include <vector>

namespace headlight {

/// A weight under training with its moments; all float32, contiguous, of one shape.
struct Parameter {
    std::string name;   // as in the checkpoint
    at::Tensor weight;  // leaf that requires gradients
    at::Tensor moment1, moment2;
    double weight_decay = 0;
    double rate_factor = 1;  // on the learning rate
};

struct AdamWSettings {
    double beta1 = 0.9;
    double beta2 = 0.95;
    double epsilon = 1e-8;
    double clip_norm = 1.0;  // of all gradients together
};

/// Norm of all gradients together, before clipping; sums in double.
double gradient_norm(std::span<const at::Tensor> gradients);

/// One update. `step` counts from 0; `gradients` are parallel to `parameters`. The gradients are scaled down
/// to `clip_norm` when their norm, which the caller gives, is larger.
void adamw_step(std::span<Parameter> parameters, std::span<const at::Tensor> gradients, double norm, int step,
                double learning_rate, const AdamWSettings& settings);

}  // namespace headlight
