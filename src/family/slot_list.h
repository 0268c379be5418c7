// The one list of what an architecture has, made over weights of any type of tensor (weight_slots,
// tensor_slots).
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "family/block_slots.h"

namespace headlight {

namespace slots {

/// What a model has that reads pictures.
template <class W>
void add_patches(SlotList<typename W::Tensor, typename W::Matrix>& list, const Architecture& arch,
                 const std::string& prefix, W& weights) {
    const PatchSettings& patches = arch.patches;
    const std::int64_t hidden = arch.hidden_size;
    list.filter(prefix + "patch_embedding", weights.patch_embedding,
                {hidden, patches.num_channels, patches.patch_height, patches.patch_width});
    list.bias(prefix + "patch_embedding", weights.patch_embedding_bias, hidden, patches.has_bias);
    if (patches.has_class) list.filter(prefix + "class_token", weights.class_token, {hidden});
    if (patches.has_distillation)
        list.filter(prefix + "distillation_token", weights.distillation_token, {hidden});
    if (patches.num_registers > 0)
        list.filter(prefix + "register_tokens", weights.register_tokens, {patches.num_registers, hidden});
    if (!patches.has_positions) return;
    const std::int64_t count = std::int64_t{patches.rows()} * patches.columns() + patches.num_placed();
    list.filter(prefix + "patch_positions", weights.patch_positions, {count, hidden});
}

template <class W>
void add_embeddings(SlotList<typename W::Tensor, typename W::Matrix>& list, const Architecture& arch,
                    const std::string& prefix, W& weights) {
    const std::int64_t table_width = arch.table_width();
    const bool is_projected = arch.is_projected();
    // Of what is added to the tokens.
    const std::int64_t width = is_projected && !arch.projects_after_norm ? arch.hidden_size : table_width;
    if (arch.takes_pictures()) add_patches(list, arch, prefix, weights);
    if (arch.owns_embedding) {
        list.matrix(prefix + "token_embedding", weights.token_embedding, arch.vocab_size, table_width);
    }
    if (arch.position == PositionKind::Learned) {
        list.matrix(prefix + "position_embedding", weights.position_embedding,
                    std::int64_t{arch.max_positions} + arch.position_offset, width);
    }
    if (arch.num_token_types > 0) {
        list.matrix(prefix + "type_embedding", weights.type_embedding, arch.num_token_types, width);
    }
    if (arch.num_task_types > 0) {
        list.matrix(prefix + "task_embedding", weights.task_embedding, arch.num_task_types, width);
    }
    if (arch.stored_rotation == StoredRotation::Frequencies) {
        list.zeros(prefix + "rotary_frequencies", weights.rotary_frequencies, arch.rope.rotary_dim / 2);
    } else if (arch.stored_rotation == StoredRotation::Table) {
        list.filter(prefix + "rotary_table", weights.rotary_table,
                    {arch.max_positions, arch.rope.rotary_dim});
    }
    if (arch.has_embedding_norm) {
        list.norm(prefix + "embedding_norm", weights.embedding_norm, weights.embedding_norm_bias, arch,
                  width);
    }
    if (is_projected) {
        list.matrix(prefix + "embedding_projection", weights.embedding_projection, arch.hidden_size,
                    table_width * (arch.has_trigrams ? 3 : 1));
        list.bias(prefix + "embedding_projection", weights.embedding_projection_bias, arch.hidden_size,
                  (arch.projects_after_norm || arch.has_trigrams) && arch.has_projection_bias);
    }
    if (arch.score_bias == ScoreBias::Buckets && !arch.has_buckets_per_layer) {
        list.matrix(prefix + "relative_bias", weights.relative_bias,
                    std::max(arch.num_buckets, arch.num_bucket_rows), arch.num_heads);
    } else if (arch.score_bias == ScoreBias::Grid && arch.has_shared_grid) {
        list.matrix(prefix + "relative_bias", weights.relative_bias, grid_steps(arch.patches),
                    arch.num_heads);
    } else if (arch.score_bias == ScoreBias::Disentangled) {
        list.matrix(prefix + "relative_embedding", weights.relative_embedding,
                    2 * std::int64_t{relative_span(arch)}, arch.hidden_size);
        if (arch.has_relative_norm) {
            list.gain(prefix + "relative_norm", weights.relative_norm, weights.relative_norm_bias,
                      arch.hidden_size, true);
        }
    }
}

/// What DeBERTa-v2 has beside its first block.
template <class W>
void add_convolution(SlotList<typename W::Tensor, typename W::Matrix>& list, const Architecture& arch,
                     const std::string& prefix, W& weights) {
    if (arch.conv_kernel_size == 0) return;
    list.filter(prefix + "convolution", weights.convolution,
                {arch.hidden_size, arch.hidden_size / arch.conv_groups, arch.conv_kernel_size});
    list.bias(prefix + "convolution", weights.convolution_bias, arch.hidden_size, true);
    list.norm(prefix + "convolution_norm", weights.convolution_norm, weights.convolution_norm_bias, arch,
              arch.hidden_size);
}

template <class W>
void add_head(SlotList<typename W::Tensor, typename W::Matrix>& list, const Architecture& arch,
              const std::string& prefix, W& weights) {
    if (!arch.has_head) return;
    const HeadTransform& transform = arch.head_transform;
    std::int64_t width = arch.has_output_projection ? arch.table_width() : arch.hidden_size;
    if (transform.is_present) {
        list.matrix(prefix + "head_dense", weights.head_dense, transform.size, width);
        width = transform.size;
        list.bias(prefix + "head_dense", weights.head_dense_bias, width, transform.has_bias);
        if (transform.norm != NormKind::None) {
            list.gain(prefix + "head_norm", weights.head_norm, weights.head_norm_bias, width,
                      transform.has_norm_bias);
        }
    }
    width -= arch.head_rest_size;
    if (arch.head_rest_size > 0)
        list.matrix(prefix + "head_rest", weights.head_rest, arch.vocab_size, arch.head_rest_size);
    if (!arch.is_head_tied) list.matrix(prefix + "head", weights.head, arch.vocab_size, width);
    list.bias(prefix + "head", weights.head_bias, arch.vocab_size, arch.has_head_bias);
}

template <class W>
void add_stack(SlotList<typename W::Tensor, typename W::Matrix>& list, const Architecture& arch,
               const std::string& prefix, W& weights) {
    weights.layers.resize(static_cast<std::size_t>(arch.num_layers));
    add_embeddings(list, arch, prefix, weights);
    add_convolution(list, arch, prefix, weights);
    for (int i = 0; i < arch.num_layers; ++i) {
        if (first_with_weights_of(arch, i) != i) continue;
        add_layer(list, arch, prefix + "layers." + std::to_string(i) + ".", i,
                  weights.layers[static_cast<std::size_t>(i)]);
    }
    if (arch.has_final_norm && arch.norm != NormKind::None && arch.has_norm_gain) {
        list.gain(prefix + "final_norm", weights.final_norm, weights.final_norm_bias, arch.hidden_size,
                  arch.has_norm_bias && arch.has_final_norm_bias);
    }
    if (arch.has_output_projection) {
        list.matrix(prefix + "output_projection", weights.output_projection, arch.table_width(),
                    arch.hidden_size);
    }
    add_head(list, arch, prefix, weights);
}

}  // namespace slots

/// Every weight that `arch` has, with its place in `weights`. Sizes `weights.layers`, makes `weights.decoder`
/// where there is none.
template <class W>
std::vector<TensorSlotOf<typename W::Tensor, typename W::Matrix>> list_slots(const Architecture& arch,
                                                                             W& weights) {
    slots::SlotList<typename W::Tensor, typename W::Matrix> list;
    slots::add_stack(list, arch, "", weights);
    if (arch.decoder != nullptr) {
        if (weights.decoder == nullptr) weights.decoder = std::make_shared<W>();
        slots::add_stack(list, *arch.decoder, "decoder.", *weights.decoder);
    }
    return list.take();
}

}  // namespace headlight
