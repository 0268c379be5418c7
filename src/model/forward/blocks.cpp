#include "model/forward/blocks.h"

#include <c10/core/GradMode.h>

#include "model/forward/products.h"

namespace headlight {
namespace {

bool records_gradient() {
    return c10::GradMode::is_enabled();
}

/// A parabola above zero, an exponential below, both with a slope of beta at zero (Huang et al. 2024).
torch::Tensor xielu(const torch::Tensor& x, const torch::Tensor& numbers) {
    const torch::Tensor beta = numbers[2], eps = numbers[3];
    const torch::Tensor above = torch::softplus(numbers[0]), below = beta + torch::softplus(numbers[1]);
    return torch::where(x > 0, above * x * x + beta * x,
                        (torch::expm1(torch::minimum(x, eps)) - x) * below + beta * x);
}

/// The activation of a feed-forward part, which may have learned numbers.
torch::Tensor activate_inner(const Architecture& arch, const MlpWeights& mlp, const torch::Tensor& x) {
    return mlp.activation.defined() ? xielu(x, mlp.activation) : activate(arch.activation, x);
}

torch::Tensor sigmoid_gelu(const torch::Tensor& x) {
    return x * torch::sigmoid(1.702 * x);
}

}  // namespace

torch::Tensor normalize_as(NormKind kind, const torch::Tensor& x, const torch::Tensor& gain,
                           const torch::Tensor& bias, double eps) {
    if (kind == NormKind::None) return x;
    if (kind == NormKind::Affine) return x * gain + bias;
    if (kind == NormKind::LayerNorm) return torch::layer_norm(x, {x.size(-1)}, gain, bias, eps);
    const torch::Tensor wide = x.to(torch::kFloat32);  // squares overflow in float16
    const torch::Tensor inverse = torch::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + eps);
    const torch::Tensor scaled = (wide * inverse).to(x.scalar_type());
    return gain.defined() ? scaled * gain : scaled;
}

torch::Tensor normalize(const Architecture& arch, const torch::Tensor& x, const torch::Tensor& gain,
                        const torch::Tensor& bias) {
    return normalize_as(arch.norm, x, gain, bias, arch.norm_eps);
}

torch::Tensor normalize_heads(const Architecture& arch, const torch::Tensor& x, const torch::Tensor& gain,
                              const torch::Tensor& bias) {
    if (arch.qk_norm == Architecture::QkNorm::Whole)
        return normalize_as(arch.qk_norm_kind, x, gain, bias, arch.norm_eps);
    const torch::Tensor heads = x.unflatten(-1, {-1, arch.head_dim});  // [B, N, heads, head_dim]
    if (!arch.has_qk_norm_gain_per_head) {
        return normalize_as(arch.qk_norm_kind, heads, gain, bias, arch.norm_eps).flatten(-2);
    }
    torch::Tensor out = normalize_as(arch.qk_norm_kind, heads, {}, {}, arch.norm_eps).flatten(-2) * gain;
    return bias.defined() ? out + bias : out;
}

torch::Tensor activate(Activation kind, torch::Tensor x) {
    const bool in_place = !records_gradient();
    switch (kind) {
        case Activation::Gelu:
            return torch::gelu(x, "none");
        case Activation::GeluTanh:
            return torch::gelu(x, "tanh");
        case Activation::GeluSigmoid:
            return sigmoid_gelu(x);
        case Activation::Relu:
            return in_place ? x.relu_() : torch::relu(x);
        case Activation::ReluSquared:
            return torch::relu(x).square();
        case Activation::Relu6:
            return torch::clamp(x, 0, 6);
        case Activation::LeakyRelu:
            return torch::leaky_relu(x, 0.01);
        case Activation::Silu:
            return in_place ? torch::silu_(x) : torch::silu(x);
        case Activation::Mish:
            return torch::mish(x);
        case Activation::Tanh:
            return torch::tanh(x);
        case Activation::Sigmoid:
            return torch::sigmoid(x);
        case Activation::HardSwish:
            return torch::hardswish(x);
        case Activation::Xielu:  // its numbers are the block's: activate_inner()
        case Activation::Identity:
            return x;
    }
    return x;
}

torch::Tensor project(const torch::Tensor& x, const WeightMatrix& weight, const torch::Tensor& bias) {
    return std::move(project_all(x, {{weight, bias}}).front());
}

torch::Tensor feed_forward(const Architecture& arch, const MlpWeights& mlp, const torch::Tensor& x) {
    torch::Tensor inner;
    if (arch.is_gated) {
        const std::vector<torch::Tensor> both =
            project_all(x, {{mlp.gate, mlp.gate_bias}, {mlp.up, mlp.up_bias}});
        inner = activate_inner(arch, mlp, both[0]);
        const torch::Tensor& up = both[1];
        inner = records_gradient() ? inner * up : inner.mul_(up);
    } else {
        inner = activate_inner(arch, mlp, project(x, mlp.up, mlp.up_bias));
    }
    return project(inner, mlp.down, mlp.down_bias);
}

torch::Tensor convolve(const Architecture& arch, const torch::Tensor& x, const torch::Tensor& filter,
                       const torch::Tensor& bias) {
    const torch::Tensor out =
        torch::conv1d(x.transpose(1, 2), filter, bias, /*stride=*/1,
                      /*padding=*/(arch.conv_kernel_size - 1) / 2, /*dilation=*/1, arch.conv_groups);
    return activate(arch.conv_activation, out.transpose(1, 2).contiguous());
}

torch::Tensor span_convolution(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& x) {
    const int width = arch.span_kernel_size, side = (width - 1) / 2;
    const torch::Tensor near = torch::conv1d(x.transpose(1, 2), layer.span_depthwise, {}, /*stride=*/1, side,
                                             /*dilation=*/1, /*groups=*/x.size(2))
                                   .transpose(1, 2)
                                   .contiguous();
    const torch::Tensor mixed =
        project(near, layer.span_key, layer.span_key_bias) * project(x, layer.query, layer.query_bias);
    const torch::Tensor kernels = torch::softmax(
        project(mixed, layer.span_kernel, layer.span_kernel_bias).unflatten(-1, {arch.num_heads, width}), -1);
    const torch::Tensor values = project(x, layer.span_value, layer.span_value_bias);
    const torch::Tensor windows = torch::constant_pad_nd(values, {0, 0, side, side})
                                      .unfold(1, width, 1)  // [B, N, H * head_dim, kernel]
                                      .unflatten(2, {arch.num_heads, arch.head_dim});
    const torch::Tensor out = torch::matmul(windows, kernels.unsqueeze(-1)).squeeze(-1).flatten(-2);
    return project(out, layer.span_output, {});
}

torch::Tensor short_convolution(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& x) {
    const std::vector<torch::Tensor> parts =
        project(x, layer.short_in, layer.short_in_bias).chunk(3, -1);  // b, c, x
    const torch::Tensor read = (parts[0] * parts[2]).transpose(1, 2);  // [B, D, N]
    const torch::Tensor mixed =
        torch::conv1d(read, layer.short_filter, layer.short_filter_bias, /*stride=*/1,
                      /*padding=*/arch.short_kernel_size - 1, /*dilation=*/1, /*groups=*/arch.hidden_size)
            .slice(-1, 0, x.size(1));
    return project((parts[1] * mixed.transpose(1, 2)).contiguous(), layer.short_out, layer.short_out_bias);
}

torch::Tensor add_residual(torch::Tensor a, const torch::Tensor& b) {
    return records_gradient() ? a + b : a.add_(b);
}

}  // namespace headlight
