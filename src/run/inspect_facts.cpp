// Where each fact of a checkpoint comes from.
#include "run/inspect_facts.h"

#include <map>

#include "family/family.h"
#include "family/proposal/propose_model.h"
#include "tokenize/tokenizer.h"

namespace headlight {
namespace {

using Json = nlohmann::ordered_json;

/// The first of these keys that the config has (families name the same size differently).
Json config_value(const nlohmann::json& config, std::initializer_list<const char*> keys) {
    if (!config.is_object()) return nullptr;
    for (const char* key : keys) {
        if (config.contains(key) && !config[key].is_null()) return Json::parse(config[key].dump());
    }
    return nullptr;
}

/// What the class of the model says of its head; null when the config names none.
Json prediction_of(const Json& architectures) {
    if (!architectures.is_array() || architectures.empty() || !architectures[0].is_string()) return nullptr;
    const auto name = architectures[0].get<std::string>();
    const auto has = [&name](const char* part) { return name.find(part) != std::string::npos; };
    if (has("MaskedLM") || has("ForPreTraining")) return "masked_token";
    if (has("CausalLM") || has("LMHead") || has("ConditionalGeneration") || has("MTModel"))
        return "next_token";
    return "none";
}

Json model_facts(const nlohmann::json& config) {
    Json out;
    const Json type = config_value(config, {"model_type"});
    out["model_type"] = type;
    out["architectures"] = config_value(config, {"architectures"});
    out["layers"] = config_value(config, {"num_hidden_layers", "n_layer", "num_layers", "n_layers"});
    out["heads"] = config_value(config, {"num_attention_heads", "n_head", "num_heads", "n_heads"});
    out["kv_heads"] = config_value(config, {"num_key_value_heads", "num_kv_heads"});
    out["hidden_size"] = config_value(config, {"hidden_size", "n_embd", "d_model", "dim"});
    out["vocab_size"] = config_value(config, {"vocab_size"});
    out["max_positions"] =
        config_value(config, {"max_position_embeddings", "n_positions", "n_ctx", "max_seq_len"});
    const auto family = find_family(config, {});
    out["family"] = family ? Json((*family)->id) : Json(nullptr);
    if (family) {
        if (const auto arch = read_architecture(**family, config, {}))
            out["reads_pictures"] = arch->takes_pictures();
    }
    out["prediction"] = prediction_of(out["architectures"]);
    const Json decoder_layers = config_value(config, {"decoder_layers", "num_decoder_layers"});
    const Json is_both = config_value(config, {"is_encoder_decoder"});
    if (is_both.is_boolean() && is_both.get<bool>()) {
        const Json layers = config_value(config, {"encoder_layers", "num_layers", "num_hidden_layers"});
        const Json heads = config_value(config, {"encoder_attention_heads", "num_heads"});
        out["layers"] = layers;
        out["heads"] = heads;
        out["decoder_layers"] = decoder_layers.is_null() ? layers : decoder_layers;
        const Json decoder_heads = config_value(config, {"decoder_attention_heads"});
        out["decoder_heads"] = decoder_heads.is_null() ? heads : decoder_heads;
    }
    out["window"] =
        config_value(config, {"sliding_window", "local_attention", "window_size", "attention_window"});
    return out;
}

/// Tensors by element type: {"float16": 120, "Q4_0": 30}.
Json dtype_counts(const Checkpoint& checkpoint) {
    std::map<std::string, std::size_t> counts;
    for (const TensorInfo& tensor : checkpoint.tensors)
        ++counts[to_string(tensor.dtype)];
    return Json(counts);
}

/// The one that would be used, and all that are there.
Json tokenizer_facts(const std::string& path) {
    Json choices = Json::array();
    for (const TokenizerChoice& choice : list_tokenizers(path)) {
        choices.push_back({{"family", choice.family},
                           {"file", choice.file},
                           {"label", choice.label},
                           {"is_default", choice.is_default}});
    }
    const auto tokenizer = open_tokenizer(path);
    if (!tokenizer) return {{"error", tokenizer.error().message}, {"choices", std::move(choices)}};
    return {{"family", (*tokenizer)->family()},
            {"source", (*tokenizer)->source()},
            {"vocab_size", (*tokenizer)->vocab_size()},
            {"bos_id", (*tokenizer)->bos_id()},
            {"choices", std::move(choices)}};
}

}  // namespace

std::string known_families() {
    std::string out;
    for (const Family* family : families())
        out += (out.empty() ? "" : " ") + std::string(family->id);
    return out;
}

nlohmann::ordered_json inspect_checkpoint(const Checkpoint& checkpoint, const std::string& tokenizer_path) {
    Json out = {{"path", checkpoint.path}, {"format", checkpoint.format}};
    std::uint64_t size_bytes = 0;
    Json files = Json::array();
    for (const auto& file : checkpoint.files) {
        size_bytes += file->size_bytes();
        files.push_back({{"path", file->path()}, {"size_bytes", file->size_bytes()}});
    }
    out["files"] = std::move(files);
    out["size_bytes"] = size_bytes;
    out["config_path"] = checkpoint.config_path.empty() ? Json(nullptr) : Json(checkpoint.config_path);
    if (!checkpoint.base_path.empty()) out["base_path"] = checkpoint.base_path;
    out.update(model_facts(checkpoint.config));
    std::int64_t num_parameters = 0;
    Json tensors = Json::array();
    for (const TensorInfo& tensor : checkpoint.tensors) {
        num_parameters += tensor.num_elements();
        tensors.push_back({{"name", tensor.name},
                           {"dtype", to_string(tensor.dtype)},
                           {"shape", tensor.shape},
                           {"size_bytes", tensor.length_bytes},
                           {"file", tensor.file_index}});
    }
    out["stored_parameters"] = num_parameters;
    out["dtypes"] = dtype_counts(checkpoint);
    if (out["family"].is_null()) {
        if (const auto proposal = propose_custom_model(checkpoint))
            out["proposal"] = {{"description", proposal->description}, {"notes", proposal->notes}};
    }
    out["tokenizer"] = tokenizer_facts(tokenizer_path);
    Json metadata = Json::object();
    for (const auto& [key, value] : checkpoint.metadata)
        metadata[key] = value;
    out["metadata"] = std::move(metadata);
    out["tensors"] = std::move(tensors);
    return out;
}

}  // namespace headlight
