#include "train/adamw.h"

#include <ATen/ops/empty_like.h>

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

constexpr float kTiny = 1e-36F;

struct Factors {
    float clip, decay, beta1, beta2, step_size, root_correction, epsilon;
};

// Plain loops over restrict pointers: the compiler vectorises them, and the order of the sums never changes.
void update(float* __restrict weight, float* __restrict moment1, float* __restrict moment2,
            const float* __restrict gradient, std::int64_t count, const Factors& f) {
    for (std::int64_t i = 0; i < count; ++i) {
        const float g = gradient[i] * f.clip;
        float m = f.beta1 * moment1[i] + (1.0F - f.beta1) * g;
        float v = f.beta2 * moment2[i] + (1.0F - f.beta2) * g * g;
        // Moments of rows that no token touches die away; as subnormal numbers they would cost a hundred
        // times more.
        m = std::abs(m) < kTiny ? 0.0F : m;
        v = v < kTiny ? 0.0F : v;
        moment1[i] = m;
        moment2[i] = v;
        weight[i] = weight[i] * f.decay - f.step_size * m / (std::sqrt(v) * f.root_correction + f.epsilon);
    }
}

}  // namespace

double gradient_norm(std::span<const at::Tensor> gradients) {
    double sum = 0;
    for (const at::Tensor& gradient : gradients) {
        const at::Tensor flat = gradient.contiguous();
        const float* values = flat.const_data_ptr<float>();
        const std::int64_t count = flat.numel();
        double lanes[8] = {};
        for (std::int64_t i = 0; i < count; ++i)
            lanes[i & 7] += static_cast<double>(values[i]) * values[i];
        for (const double lane : lanes)
            sum += lane;
    }
    return std::sqrt(sum);
}

void adamw_step(std::span<Parameter> parameters, std::span<const at::Tensor> gradients, double norm, int step,
                double learning_rate, const AdamWSettings& settings) {
    const double correction1 = 1.0 - std::pow(settings.beta1, step + 1);
    const double correction2 = 1.0 - std::pow(settings.beta2, step + 1);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        Parameter& p = parameters[i];
        const double rate = learning_rate * p.rate_factor;
        const Factors factors{static_cast<float>(std::min(1.0, settings.clip_norm / (norm + 1e-6))),
                              static_cast<float>(1.0 - rate * p.weight_decay),
                              static_cast<float>(settings.beta1),
                              static_cast<float>(settings.beta2),
                              static_cast<float>(rate / correction1),
                              static_cast<float>(1.0 / std::sqrt(correction2)),
                              static_cast<float>(settings.epsilon)};
        const at::Tensor gradient = gradients[i].contiguous();
        update(p.weight.mutable_data_ptr<float>(), p.moment1.mutable_data_ptr<float>(),
               p.moment2.mutable_data_ptr<float>(), gradient.const_data_ptr<float>(), p.weight.numel(),
               factors);
    }
}

}  // namespace headlight
