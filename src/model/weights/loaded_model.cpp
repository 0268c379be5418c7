#include "model/weights/loaded_model.h"

#include <nlohmann/json.hpp>

#include "family/names/weight_names.h"
#include "io/checkpoint/custom_model.h"
#include "io/checkpoint/model_path.h"
#include "io/torch/torch_file.h"
#include "model/picture/picture_rows.h"
#include "model/weights/tensor_copies.h"
#include "model/weights/torchscript_weights.h"
#include "model/weights/weight_loader.h"

namespace headlight {
namespace {

std::string position_label(const Architecture& arch) {
    std::string label;
    switch (arch.position) {
        case PositionKind::None:
            break;
        case PositionKind::Learned:
            label = "learned";
            break;
        case PositionKind::Sinusoidal:
            label = "sinusoidal";
            break;
        case PositionKind::Rotary:
            label = "rotary";
            if (arch.rope.scaling == RopeScaling::Dynamic) label = "rotary (dynamic NTK)";
            if (arch.rope.scaling == RopeScaling::LongRope) label = "rotary (LongRoPE)";
            break;
    }
    if (arch.patches.has_positions && arch.takes_pictures()) label = "learned, by rows and columns";
    const char* bias = "";
    switch (arch.score_bias) {
        case ScoreBias::None:
            break;
        case ScoreBias::Alibi:
            bias = "ALiBi";
            break;
        case ScoreBias::Buckets:
            bias = "relative buckets";
            break;
        case ScoreBias::Disentangled:
            bias = "disentangled";
            break;
        case ScoreBias::Relative:
            bias = "relative";
            break;
        case ScoreBias::Grid:
            bias = "relative, by rows and columns";
            break;
    }
    if (!label.empty() && *bias != 0) label += ", ";
    label += bias;
    return label.empty() ? "none" : label;
}

Prediction prediction_of(const Architecture& arch) {
    const Architecture& last = arch.decoder != nullptr ? *arch.decoder : arch;
    if (!last.has_head) return Prediction::None;
    return last.is_masked_head ? Prediction::MaskedToken : Prediction::NextToken;
}

ModelSpec make_spec(const Family& family, const Architecture& arch) {
    ModelSpec spec;
    spec.family = family.id;
    spec.family_label = family.label;
    spec.position_encoding = position_label(arch);
    spec.num_layers = arch.num_layers;
    spec.num_heads = arch.num_heads;
    spec.num_kv_heads = arch.num_kv_heads;
    spec.head_dim = arch.head_dim;
    spec.hidden_size = arch.hidden_size;
    spec.vocab_size = arch.vocab_size;
    spec.max_positions = arch.max_positions;
    spec.is_causal = arch.is_causal;
    spec.window = arch.window;
    spec.layers_without_attention = arch.absent_layers();
    spec.prediction = prediction_of(arch);
    if (arch.decoder != nullptr) {
        spec.has_decoder = true;
        spec.num_decoder_layers = arch.decoder->num_layers;
        spec.num_decoder_heads = arch.decoder->num_heads;
        spec.decoder_start_id = arch.decoder_start_id;
    }
    return spec;
}

/// A TorchScript file holds code: only a user who trusts it gets at its weights.
Result<CheckpointPtr> open_weights(const OpenModelRequest& request) {
    if (request.checkpoint) return request.checkpoint;
    HEADLIGHT_TRY(const std::string path, resolve_model_path(request.path));
    if (request.trusts_torchscript && is_torchscript(path)) {
        HEADLIGHT_TRY(CheckpointPtr opened, open_torchscript(path, request.config_path));
        return apply_custom_model(path, !request.config_path.empty(), std::move(opened));
    }
    return open_checkpoint(path, request.config_path, request.adapter);
}

/// Entries [begin, begin + count) of a bias; empty without one.
std::vector<float> part_of(const torch::Tensor& bias, std::int64_t begin, std::int64_t count) {
    return bias.defined() ? to_vector(bias.narrow(0, begin, count)) : std::vector<float>();
}

Status check_random_size(const Architecture& arch) {
    constexpr std::int64_t kMostRandom = std::int64_t{1} << 33;
    if (count_parameters(arch) <= kMostRandom) return {};
    return fail(ErrorKind::InvalidInput, "a random model of {} parameters is too large",
                count_parameters(arch));
}

}  // namespace

Result<LoadedModel> load_model(const OpenModelRequest& request, const JobContext& job) {
    job.report({"reading the checkpoint", -1.0, request.path});
    LoadedModel model;
    HEADLIGHT_TRY(const CheckpointPtr opened, open_weights(request));
    HEADLIGHT_TRY(model.checkpoint, name_weights(opened));
    const Checkpoint& checkpoint = *model.checkpoint;
    const std::string& config_file =
        checkpoint.config_path.empty() ? checkpoint.path : checkpoint.config_path;
    HEADLIGHT_TRY(model.family, find_family(checkpoint.config, config_file));
    HEADLIGHT_TRY(model.arch, read_architecture(*model.family, checkpoint.config, config_file));
    adapt_to_tensors(*model.family, model.arch, checkpoint);
    HEADLIGHT_TRY(LoadedWeights loaded, load_weights(*model.family, model.arch, checkpoint, job));
    model.weights = std::move(loaded.weights);
    model.files = std::move(loaded.files);
    model.spec = make_spec(*model.family, model.arch);
    model.spec.num_parameters = loaded.num_parameters;
    model.spec.path = request.path;
    model.spec.base_path = checkpoint.base_path;
    model.spec.adapter = request.adapter;
    model.spec.name = model_name_of(request.path);
    if (!checkpoint.base_path.empty()) {
        const std::string base = model_name_of(checkpoint.base_path);
        model.spec.name = request.adapter.shows_base ? base : model.spec.name + " on " + base;
    }
    model.spec.dtype = loaded.dtype;
    return model;
}

Result<LoadedModel> make_random_model(const RandomModelRequest& request) {
    LoadedModel model;
    model.family = family_by_id(request.family);
    if (model.family == nullptr) {
        return fail(ErrorKind::InvalidInput, "there is no model family '{}'", request.family);
    }
    auto arch = read_architecture(*model.family, model.family->random_config(request), {});
    if (!arch) {
        return fail(ErrorKind::InvalidInput, "these sizes do not make a model: {}", arch.error().message);
    }
    HEADLIGHT_CHECK(check_random_size(*arch));
    model.arch = std::move(*arch);
    model.weights = random_weights(model.arch, request.seed);
    model.spec = make_spec(*model.family, model.arch);
    model.spec.num_parameters = count_parameters(model.arch);
    model.spec.name = "random";
    model.spec.dtype = "float32";
    model.spec.has_random_weights = true;
    return model;
}

Result<LoadedModel> make_random_copy(const OpenModelRequest& request, std::uint64_t seed) {
    HEADLIGHT_TRY(const CheckpointPtr opened, open_weights(request));
    HEADLIGHT_TRY(const CheckpointPtr checkpoint, name_weights(opened));
    const std::string& config_file =
        checkpoint->config_path.empty() ? checkpoint->path : checkpoint->config_path;
    LoadedModel model;
    HEADLIGHT_TRY(model.family, find_family(checkpoint->config, config_file));
    HEADLIGHT_TRY(model.arch, read_architecture(*model.family, checkpoint->config, config_file));
    adapt_to_tensors(*model.family, model.arch, *checkpoint);
    HEADLIGHT_CHECK(check_random_size(model.arch));
    ConfigReader config(checkpoint->config, config_file);
    const double deviation = config.number_or({"initializer_range"}, 0, 100, kInitialDeviation);
    HEADLIGHT_CHECK(config.status());
    model.weights = random_weights(model.arch, seed, deviation);
    model.spec = make_spec(*model.family, model.arch);
    model.spec.num_parameters = count_parameters(model.arch);
    model.spec.name = model_name_of(request.path) + " with random weights";
    model.spec.dtype = "float32";
    model.spec.has_random_weights = true;
    return model;
}

Result<Matrix> token_embeddings_of(const LoadedModel& model, std::span<const std::int32_t> ids) {
    for (const std::int32_t id : ids) {
        if (id >= 0 && id < model.arch.vocab_size) continue;
        return fail(ErrorKind::InvalidInput, "there is no token {}: the vocabulary has {} entries", id,
                    model.arch.vocab_size);
    }
    if (ids.empty()) return Matrix(0, model.arch.hidden_size);
    if (model.weights.pictures != nullptr) return to_matrix(model.weights.pictures->gather(to_indices(ids)));
    return to_matrix(model.weights.token_embedding.gather(to_indices(ids)));
}

Result<HeadWeights> head_weights_of(const LoadedModel& model, int layer, int head) {
    const Architecture& arch = model.arch;
    if (layer < 0 || layer >= arch.num_layers || head < 0 || head >= arch.num_heads) {
        return fail(ErrorKind::InvalidInput,
                    "there is no head {} in layer {} (the model has {} layers of {} heads)", head, layer,
                    arch.num_layers, arch.num_heads);
    }
    if (arch.bottleneck_size > 0) {
        return fail(
            ErrorKind::Unsupported,
            "heads of {} read and write narrower copies of the stream: their matrices do not multiply",
            model.spec.name);
    }
    if (!arch.has_attention(layer))
        return fail(ErrorKind::Unsupported, "layer {} has no attention, so its heads have no weights", layer);
    if (arch.is_latent()) {
        return fail(ErrorKind::Unsupported,
                    "the weights of a head alone do not say what it reads: a norm stands between the shared "
                    "short vector of a token and its keys (kv_lora_rank)");
    }
    const LayerWeights& weights = model.weights.layers[static_cast<std::size_t>(layer)];
    const std::int64_t dim = arch.head_dim, first = head * dim, kv_first = head / arch.group_size() * dim;
    HeadWeights out;
    out.query = to_matrix(weights.query.rows(first, dim).t());
    out.key = to_matrix(weights.key.rows(kv_first, dim).t());
    out.value = to_matrix(weights.value.rows(kv_first, dim).t());
    out.output = to_matrix(weights.output.columns(first, dim).t());
    out.query_bias = part_of(weights.query_bias, first, dim);
    out.key_bias = part_of(weights.key_bias, kv_first, dim);
    out.value_bias = part_of(weights.value_bias, kv_first, dim);
    if (arch.norm_place == NormPlace::Before || arch.norm_place == NormPlace::Both) {
        out.norm_gain = to_vector(weights.attention_norm);
        out.norm_bias = to_vector(weights.attention_norm_bias);
    }
    out.is_centred = arch.norm == NormKind::LayerNorm && arch.norm_place == NormPlace::Before;
    out.is_rotary = arch.rope_of(layer) != RopeUse::None;
    return out;
}

}  // namespace headlight
