#include "family/lines/vit_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/picture.h"

namespace headlight {
namespace {

constexpr int kMostChannels = 64;
constexpr int kMostPixels = 1 << 14;  // along a side

/// `key`: one number for both sides, or [height, width].
void read_sides(ConfigReader& config, const char* key, int otherwise, int& height, int& width) {
    if (config.holds_list(key)) {
        const std::vector<int> sides = config.integers(key, 2, 1, kMostPixels);
        if (sides.size() != 2)
            config.fail_with(ErrorKind::Corrupt,
                             fmt::format("the config's '{}' has {} numbers, expected height and width", key,
                                         sides.size()));
        height = sides.empty() ? 1 : sides.front();
        width = sides.empty() ? 1 : sides.back();
        return;
    }
    height = width = config.integer_or({key}, 1, kMostPixels, otherwise);
}

void read_patches(ConfigReader& config, PatchSettings& patches, int patch_size) {
    constexpr int kImageSize = 224;
    patches.num_channels = config.integer_or({"num_channels"}, 1, kMostChannels, 3);
    read_sides(config, "image_size", kImageSize, patches.image_height, patches.image_width);
    read_sides(config, "patch_size", patch_size, patches.patch_height, patches.patch_width);
    if (patches.rows() < 1 || patches.columns() < 1 ||
        std::int64_t{patches.rows()} * patches.columns() >= kMostPictureIds) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("pictures of {} x {} pixels ('image_size') give {} x {} patches "
                                     "('patch_size'), expected 1 to {} of them",
                                     patches.image_height, patches.image_width, patches.rows(),
                                     patches.columns(), kMostPictureIds));
        patches.image_height = patches.patch_height;
        patches.image_width = patches.patch_width;
    }
}

/// One weight (and its bias) that files call by several names.
void add_named(WeightTable& table, const std::string& slot, std::vector<std::string> names) {
    for (const auto& [ending, suffix] : {std::pair{".weight", ""}, std::pair{".bias", "_bias"}}) {
        FileWeight entry{names.front() + ending, {slot + suffix}};
        for (std::size_t i = 1; i < names.size(); ++i)
            entry.other_names.push_back(names[i] + ending);
        table.exact(std::move(entry));
    }
}

/// One tensor without an ending.
void add_exact(WeightTable& table, const std::string& slot, std::vector<std::string> names) {
    FileWeight entry{names.front(), {slot}};
    entry.other_names.assign(names.begin() + 1, names.end());
    table.exact(std::move(entry));
}

void add_vit_layer(WeightTable& table, int index) {
    const std::string slot = layer_slot(index), old = fmt::format("encoder.layer.{}.", index),
                      now = fmt::format("layers.{}.", index);
    for (const auto& [part, name] : {std::pair{"query", "q_proj"}, {"key", "k_proj"}, {"value", "v_proj"}}) {
        add_named(
            table, slot + part,
            {old + "attention.attention." + part, old + "attention." + name, now + "attention." + name});
    }
    add_named(table, slot + "output",
              {old + "attention.output.dense", old + "attention.o_proj", now + "attention.o_proj"});
    add_named(table, slot + "attention_norm",
              {old + "layernorm_before", old + "norm1", now + "layernorm_before"});
    add_named(table, slot + "mlp_norm", {old + "layernorm_after", old + "norm2", now + "layernorm_after"});
    if (table.has(slot + "gate")) {
        table.fused(old + "mlp.weights_in", {slot + "gate", slot + "up"});
        add_named(table, slot + "down", {old + "mlp.weights_out", old + "mlp.down_proj"});
    } else {
        add_named(table, slot + "up", {old + "intermediate.dense", old + "mlp.fc1", now + "mlp.fc1"});
        add_named(table, slot + "down", {old + "output.dense", old + "mlp.fc2", now + "mlp.fc2"});
    }
    add_exact(table, slot + "attention_scale",
              {old + "lambda_1", old + "layer_scale1.lambda1", now + "lambda_1"});
    add_exact(table, slot + "mlp_scale", {old + "lambda_2", old + "layer_scale2.lambda1", now + "lambda_2"});
    const std::string grid = "relative_position_bias.relative_position_bias_table";
    add_exact(table, slot + "grid_bias",
              {old + "attention.attention." + grid, old + "attention." + grid, now + grid});
}

}  // namespace

Architecture read_vit_config(ConfigReader& config, const VitDefaults& defaults) {
    Architecture arch;
    arch.hidden_size = config.integer_or({"hidden_size"}, 1, kMostHidden, 768);
    arch.num_layers = config.integer_or({"num_hidden_layers"}, 1, kMostLayers, 12);
    arch.num_heads = arch.num_kv_heads = config.integer_or({"num_attention_heads"}, 1, kMostHeads, 12);
    arch.head_dim =
        divide_heads(config, arch.hidden_size, arch.num_heads, "hidden_size", "num_attention_heads");
    if (defaults.has_intermediate_size) {
        arch.intermediate_size = config.integer_or({"intermediate_size"}, 1, kMostIntermediate, 3072);
    } else {
        constexpr double kMostRatio = 256;
        const double inner = arch.hidden_size * config.number_or({"mlp_ratio"}, 0, kMostRatio, 4);
        arch.intermediate_size = std::max(1, static_cast<int>(inner));
    }
    read_patches(config, arch.patches, defaults.patch_size);
    arch.vocab_size = kMostPictureIds;
    arch.owns_embedding = false;
    arch.position = PositionKind::None;
    arch.norm = NormKind::LayerNorm;
    arch.norm_eps = config.number_or({"layer_norm_eps"}, 0, 1, defaults.norm_eps);
    arch.has_norm_bias = true;
    arch.activation = read_activation(config, {"hidden_act"}, defaults.activation);
    arch.is_gated = false;
    arch.has_qkv_bias = arch.has_output_bias = arch.has_mlp_bias = true;
    arch.is_causal = false;
    arch.has_head = false;
    set_scale(arch);
    return arch;
}

void check_square_grid(ConfigReader& config, const Architecture& arch) {
    if (arch.patches.rows() == arch.patches.columns()) return;
    config.fail_with(
        ErrorKind::Unsupported,
        fmt::format("positions over {} x {} patches ('image_size') are not supported, only over as "
                    "many rows as columns",
                    arch.patches.rows(), arch.patches.columns()));
}

Architecture read_dinov2_config(ConfigReader& config, int patch_size) {
    Architecture arch =
        read_vit_config(config, {.patch_size = patch_size, .norm_eps = 1e-6, .has_intermediate_size = false});
    arch.has_qkv_bias = config.boolean_or({"qkv_bias"}, true);
    arch.has_layer_scale = true;
    arch.patches.takes_other_sizes = true;
    check_square_grid(config, arch);
    if (config.boolean_or({"use_swiglu_ffn"}, false)) {
        arch.is_gated = true;
        arch.activation = Activation::Silu;
        arch.intermediate_size = (static_cast<int>(arch.intermediate_size * 2.0 / 3.0) + 7) / 8 * 8;
    }
    return arch;
}

Architecture read_tower_config(ConfigReader& config, const VitDefaults& defaults) {
    const nlohmann::json* nested = config.object({"vision_config"});
    if (nested == nullptr) return read_vit_config(config, defaults);
    ConfigReader tower(*nested, config.file(), "vision_config.");
    Architecture arch = read_vit_config(tower, defaults);
    if (auto status = tower.status(); !status) config.fail_with(status.error().kind, status.error().message);
    return arch;
}

std::vector<FileWeight> vit_file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("embeddings.patch_embeddings.projection", "patch_embedding");
    add_exact(table, "class_token", {"embeddings.cls_token"});
    add_exact(table, "distillation_token", {"embeddings.distillation_token"});
    add_exact(table, "register_tokens", {"embeddings.register_tokens"});
    add_exact(table, "patch_positions", {"embeddings.position_embeddings"});
    add_exact(table, "relative_bias",
              {"encoder.relative_position_bias.relative_position_bias_table",
               "shared_position_bias.relative_position_bias_table"});
    for (int i = 0; i < arch.num_layers; ++i)
        add_vit_layer(table, i);
    table.add("layernorm", "final_norm");
    return table.take();
}

std::vector<FileWeight> clip_file_weights(const Architecture& arch) {
    WeightTable table(arch);
    table.add("embeddings.patch_embedding", "patch_embedding");
    add_exact(table, "class_token", {"embeddings.class_embedding"});
    add_exact(table, "patch_positions", {"embeddings.position_embedding.weight"});
    table.add("pre_layrnorm", "embedding_norm");  // so spelt in every file
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string slot = layer_slot(i), file = fmt::format("encoder.layers.{}.", i);
        table.add(file + "layer_norm1", slot + "attention_norm");
        table.add(file + "self_attn.q_proj", slot + "query");
        table.add(file + "self_attn.k_proj", slot + "key");
        table.add(file + "self_attn.v_proj", slot + "value");
        table.add(file + "self_attn.out_proj", slot + "output");
        table.add(file + "layer_norm2", slot + "mlp_norm");
        table.add(file + "mlp.fc1", slot + "up");
        table.add(file + "mlp.fc2", slot + "down");
    }
    table.add("post_layernorm", "final_norm");
    return table.take();
}

bool is_vit_extra(std::string_view name, const Architecture&) {
    for (const char* part :
         {"pooler.", "classifier.", "cls_classifier.", "distillation_classifier.", "decoder.", "lm_head.",
          "layernorm.", "decode_head.", "auxiliary_head.", "fpn"}) {
        if (name.starts_with(part)) return true;
    }
    return name.ends_with("embeddings.mask_token") || name.ends_with("relative_position_index");
}

bool is_tower_extra(std::string_view name, const Architecture&) {
    for (const char* part : {"text_model.", "text_projection.", "visual_projection.", "logit_scale",
                             "logit_bias", "classifier.", "head.", "post_layernorm."}) {
        if (name.starts_with(part)) return true;
    }
    return name.ends_with("embeddings.position_ids");
}

nlohmann::json vit_random_config(const RandomModelRequest& request, const char* model_type) {
    return {{"model_type", model_type},
            {"hidden_size", request.hidden_size},
            {"num_attention_heads", request.num_heads},
            {"num_hidden_layers", request.num_layers},
            {"intermediate_size", 4 * std::int64_t{request.hidden_size}},
            {"image_size", 32},
            {"patch_size", 8}};
}

}  // namespace headlight
