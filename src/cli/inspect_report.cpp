#include "cli/inspect_report.h"

#include <algorithm>
#include <map>

#include "cli/terminal.h"
#include "family/proposal/propose_model.h"
#include "tokenize/tokenizer.h"

namespace headlight {
namespace {

/// Families that the engine was built with, "gpt2 llama ...": from the registry, so that it need not be
/// loaded.
constexpr std::string_view kFamilies = HEADLIGHT_FAMILIES;

bool is_known_family(const std::string& name) {
    return !name.empty() && (" " + std::string(kFamilies) + " ").find(" " + name + " ") != std::string::npos;
}

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
    const std::string name = type.is_string() ? type.get<std::string>() : "";
    out["family"] = is_known_family(name) ? Json(name) : Json(nullptr);
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

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

/// Tensors that differ only in their layer number, as one line.
struct Group {
    std::string shape, dtype;
    std::size_t count = 0;
};

std::string tensor_table(const Json& tensors) {
    std::map<std::string, Group> groups;
    for (const Json& tensor : tensors) {
        const std::string key =
            name_pattern(tensor["name"]) + "\n" + tensor["shape"].dump() + text_of(tensor["dtype"]);
        Group& group = groups[key];
        group.shape = tensor["shape"].dump();
        group.dtype = text_of(tensor["dtype"]);
        ++group.count;
    }
    std::string out;
    for (const auto& [key, group] : groups) {
        const std::string name = key.substr(0, key.find('\n'));
        out += fmt::format("  {:<52} {:<16} {:<9}{}\n", name, group.shape, group.dtype,
                           group.count > 1 ? fmt::format(" x{}", group.count) : "");
    }
    return out;
}

std::string size_line(const Json& facts) {
    if (facts["layers"].is_null() || facts["heads"].is_null()) return {};
    std::string size = fmt::format("{} layers x {} heads", text_of(facts["layers"]), text_of(facts["heads"]));
    if (!facts["kv_heads"].is_null()) size += fmt::format(" ({} kv)", text_of(facts["kv_heads"]));
    if (!facts["hidden_size"].is_null()) size += fmt::format(", hidden {}", text_of(facts["hidden_size"]));
    if (!facts["vocab_size"].is_null()) size += fmt::format(", vocabulary {}", text_of(facts["vocab_size"]));
    if (!facts["max_positions"].is_null())
        size += fmt::format(", up to {} tokens", text_of(facts["max_positions"]));
    return size;
}

std::string prediction_line(const std::string& prediction) {
    if (prediction == "masked_token") return "masked tokens";
    return prediction == "next_token" ? "the next token" : "nothing (no language-model head)";
}

std::string dtype_line(const Json& dtypes) {
    std::string out;
    for (const auto& [name, count] : dtypes.items())
        out += fmt::format("{}{} ({} tensor{})", out.empty() ? "" : ", ", name, count.get<std::size_t>(),
                           count.get<std::size_t>() == 1 ? "" : "s");
    return out.empty() ? "none" : out;
}

template <class Line>
void add_tokenizer_lines(const Json& tokenizer, const Line& line) {
    line("tokenizer", tokenizer.contains("error")
                          ? text_of(tokenizer["error"])
                          : fmt::format("{}, {} ids, from {}", text_of(tokenizer["family"]),
                                        tokenizer["vocab_size"].get<int>(), text_of(tokenizer["source"])));
    const Json& choices = tokenizer["choices"];
    if (choices.size() < 2) return;
    for (const Json& choice : choices) {
        line("",
             fmt::format("{} {}", text_of(choice["label"]),
                         choice["is_default"].get<bool>() ? "(used)"
                                                          : "(--tokenizer " + text_of(choice["file"]) + ")"));
    }
}

std::string proposal_text(const Json& proposal) {
    std::string out =
        "This looks like a home-made transformer. A file headlight.json beside it opens it; put values in "
        "place of "
        "null (`inspect --propose headlight.json` writes it):\n";
    for (const Json& note : proposal["notes"])
        out += "  - " + text_of(note) + "\n";
    return out + proposal["description"].dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string name_pattern(const std::string& tensor_name) {
    std::string out;
    for (std::size_t i = 0; i < tensor_name.size();) {
        const bool starts_part = i == 0 || tensor_name[i - 1] == '.';
        std::size_t end = i;
        while (starts_part && end < tensor_name.size() && tensor_name[end] >= '0' && tensor_name[end] <= '9')
            ++end;
        if (end > i && (end == tensor_name.size() || tensor_name[end] == '.')) {
            out += '*';
            i = end;
        } else {
            out += tensor_name[i++];
        }
    }
    return out;
}

Json inspect_checkpoint(const Checkpoint& checkpoint, const std::string& tokenizer_path) {
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

std::string inspection_text(const Json& facts) {
    std::string out = fmt::format("{}\n", text_of(facts["path"]));
    const auto line = [&out](const char* name, const std::string& value) {
        out += fmt::format("  {:<12} {}\n", name, value);
    };
    line("format",
         fmt::format("{}, {} file{}, {}", text_of(facts["format"]), facts["files"].size(),
                     facts["files"].size() == 1 ? "" : "s", size_text(facts["size_bytes"].get<double>())));
    line("config", facts["config_path"].is_null() ? "none found" : text_of(facts["config_path"]));
    const bool has_type = facts["model_type"].is_string();
    if (!facts["family"].is_null()) {
        line("family", text_of(facts["family"]) + " (supported)");
    } else if (has_type) {
        line("family", fmt::format("model_type '{}' is none of: {} (the engine decides by the whole config)",
                                   text_of(facts["model_type"]), kFamilies));
    }
    if (const std::string size = size_line(facts); !size.empty()) line("model", size);
    if (facts.contains("decoder_layers")) {
        line("decoder", fmt::format("{} layers x {} heads, with cross attention",
                                    text_of(facts["decoder_layers"]), text_of(facts["decoder_heads"])));
    }
    if (!facts["window"].is_null())
        line("window", text_of(facts["window"]) + " tokens, in the layers that have one");
    if (facts["prediction"].is_string())
        line("predicts", prediction_line(facts["prediction"].get<std::string>()));
    line("weights", dtype_line(facts["dtypes"]));
    line("parameters", fmt::format("{} in {} tensors", facts["stored_parameters"].get<std::int64_t>(),
                                   facts["tensors"].size()));
    add_tokenizer_lines(facts["tokenizer"], line);
    out += "tensors (* stands for the layer)\n" + tensor_table(facts["tensors"]);
    if (facts.contains("proposal")) out += "\n" + proposal_text(facts["proposal"]);
    return out;
}

}  // namespace headlight
