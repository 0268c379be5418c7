#include "model/forward/projections.h"

#include "model/forward/blocks.h"
#include "model/forward/forward.h"
#include "model/forward/products.h"

namespace headlight {
namespace {

torch::Tensor clipped(const Architecture& arch, const torch::Tensor& x) {
    return arch.clip_qkv > 0 ? x.clamp(-arch.clip_qkv, arch.clip_qkv) : x;
}

/// Clipping and norm of queries or keys, in the family's order.
torch::Tensor finish_projected(const Architecture& arch, int index, const torch::Tensor& projected,
                               const torch::Tensor& gain, const torch::Tensor& bias) {
    if (!arch.norms_heads(index)) return clipped(arch, projected);
    if (arch.clips_normed) return clipped(arch, normalize_heads(arch, projected, gain, bias));
    return normalize_heads(arch, clipped(arch, projected), gain, bias);
}

torch::Tensor finish_query(const Architecture& arch, const LayerWeights& layer, int index,
                           const torch::Tensor& projected) {
    const torch::Tensor gain = arch.gains_after_rotation ? torch::Tensor() : layer.query_norm;
    return finish_projected(arch, index, projected, gain, layer.query_norm_bias);
}

torch::Tensor finish_key(const Architecture& arch, const LayerWeights& layer, int index,
                         const torch::Tensor& projected) {
    const torch::Tensor gain = arch.gains_after_rotation ? torch::Tensor() : layer.key_norm;
    return finish_projected(arch, index, projected, gain, layer.key_norm_bias);
}

/// What queries and keys read of x, which values read: a narrower copy of their own (MobileBERT).
torch::Tensor score_input(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& x) {
    if (arch.bottleneck_size == 0) return x;
    return normalize(arch, project(x, layer.narrow_query, layer.narrow_query_bias), layer.narrow_query_norm,
                     layer.narrow_query_norm_bias);
}

torch::Tensor latent_normed(const Architecture& arch, const torch::Tensor& x, const torch::Tensor& gain) {
    return normalize_as(NormKind::RmsNorm, x, gain, {}, arch.latent.norm_eps);
}

/// [.., H * head_dim]; files keep a head's rotating coordinates after its others.
torch::Tensor latent_query(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& x) {
    torch::Tensor read = x;
    if (arch.latent.query_rank > 0) {
        read = latent_normed(arch, project(x, layer.query_latent, layer.query_latent_bias),
                             layer.query_latent_norm);
    }
    const torch::Tensor heads = project(read, layer.query, {}).unflatten(-1, {arch.num_heads, arch.head_dim});
    const std::int64_t own = arch.own_key_dim();
    return torch::cat({heads.slice(-1, own), heads.slice(-1, 0, own)}, -1).flatten(-2);
}

torch::Tensor key_latent_of(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& x) {
    return latent_normed(arch, project(x, layer.key_latent, layer.key_latent_bias), layer.key_latent_norm);
}

/// [.., H * head_dim] of a token's short vector: its rotating part in front of each head's own.
torch::Tensor latent_key(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& x,
                         const torch::Tensor& latent) {
    const torch::Tensor own =
        project(latent, layer.key, {}).unflatten(-1, {arch.num_heads, arch.own_key_dim()});
    const torch::Tensor shared = project(x, layer.key_rotary, layer.key_rotary_bias).unsqueeze(-2);
    std::vector<std::int64_t> shape = own.sizes().vec();
    shape.back() = shared.size(-1);
    return torch::cat({shared.expand(shape), own}, -1).flatten(-2);
}

torch::Tensor latent_value(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& latent) {
    const torch::Tensor heads =
        project(latent, layer.value, {}).unflatten(-1, {arch.num_heads, arch.latent.value_dim});
    return torch::constant_pad_nd(heads, {0, arch.head_dim - arch.latent.value_dim}).flatten(-2);
}

}  // namespace

Projections project_layer(const Architecture& arch, const LayerWeights& layer, int index,
                          const torch::Tensor& x) {
    if (arch.is_latent()) {
        const torch::Tensor latent = key_latent_of(arch, layer, x);
        return {latent_query(arch, layer, x), latent_key(arch, layer, x, latent),
                latent_value(arch, layer, latent)};
    }
    if (arch.bottleneck_size > 0) {
        const std::vector<torch::Tensor> both = project_all(
            score_input(arch, layer, x), {{layer.query, layer.query_bias}, {layer.key, layer.key_bias}});
        return {finish_query(arch, layer, index, both[0]), finish_key(arch, layer, index, both[1]),
                clipped(arch, project(x, layer.value, layer.value_bias))};
    }
    const std::vector<torch::Tensor> all = project_all(
        x, {{layer.query, layer.query_bias}, {layer.key, layer.key_bias}, {layer.value, layer.value_bias}});
    return {finish_query(arch, layer, index, all[0]), finish_key(arch, layer, index, all[1]),
            clipped(arch, all[2])};
}

torch::Tensor project_queries(const Architecture& arch, const Weights& weights, int index,
                              const torch::Tensor& x) {
    const LayerWeights& layer = weights.layers[static_cast<std::size_t>(index)];
    if (arch.is_latent()) return latent_query(arch, layer, x);
    return finish_query(arch, layer, index,
                        project(score_input(arch, layer, x), layer.query, layer.query_bias));
}

torch::Tensor project_keys(const Architecture& arch, const Weights& weights, int index,
                           const torch::Tensor& x) {
    const LayerWeights& layer = weights.layers[static_cast<std::size_t>(index)];
    if (arch.is_latent()) return latent_key(arch, layer, x, key_latent_of(arch, layer, x));
    return finish_key(arch, layer, index, project(score_input(arch, layer, x), layer.key, layer.key_bias));
}

torch::Tensor project_values(const Architecture& arch, const Weights& weights, int index,
                             const torch::Tensor& x) {
    const LayerWeights& layer = weights.layers[static_cast<std::size_t>(index)];
    if (arch.is_latent()) return latent_value(arch, layer, key_latent_of(arch, layer, x));
    return clipped(arch, project(x, layer.value, layer.value_bias));
}

}  // namespace headlight
