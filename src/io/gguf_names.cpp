#include "io/gguf_names.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace headlight {
namespace {

using nlohmann::json;

enum class Order { AsIs, Transposed, QueryHalves, KeyHalves };

struct WeightName {
    std::string_view gguf, ours;  // "{}" is the layer
    Order order = Order::AsIs;
};

struct SettingName {
    std::string_view gguf, ours;  // the first one after "<architecture>."
    bool is_needed = true;
};

struct GgufArchitecture {
    std::string_view id, model_type;
    std::vector<SettingName> settings;
    std::vector<WeightName> weights;
    void (*finish)(const GgufFile& gguf, json& config);
};

const json* find(const GgufFile& gguf, const std::string& key) {
    const auto found = gguf.metadata.find(key);
    return found == gguf.metadata.end() ? nullptr : &*found;
}

bool has_tensor(const GgufFile& gguf, std::string_view name) {
    return std::any_of(gguf.tensors.begin(), gguf.tensors.end(), [&](const TensorInfo& info) { return info.name == name; });
}

void copy_token_ids(const GgufFile& gguf, json& config) {
    for (const char* name : {"bos", "eos", "padding"}) {
        const json* id = find(gguf, fmt::format("tokenizer.ggml.{}_token_id", name));
        if (id != nullptr) config[std::string_view(name) == "padding" ? "pad_token_id" : std::string(name) + "_token_id"] = *id;
    }
}

/// Rows of the embedding table, where the metadata does not say the size of the vocabulary.
void count_vocabulary(const GgufFile& gguf, json& config) {
    if (config.contains("vocab_size")) return;
    for (const TensorInfo& info : gguf.tensors) {
        if (info.name == "token_embd.weight" && info.shape.size() == 2) config["vocab_size"] = info.shape[0];
    }
}

/// linear, yarn and the like; Llama 3 has its factors in a tensor, from which its four numbers cannot be had exactly.
void copy_rope_scaling(const GgufFile& gguf, json& config) {
    const json* type = find(gguf, "llama.rope.scaling.type");
    const json* factor = find(gguf, "llama.rope.scaling.factor");
    if (type == nullptr || factor == nullptr || *type == "none") return;
    json scaling = {{"rope_type", *type}, {"factor", *factor}};
    if (const json* original = find(gguf, "llama.rope.scaling.original_context_length"))
        scaling["original_max_position_embeddings"] = *original;
    config["rope_scaling"] = std::move(scaling);
}

void finish_llama(const GgufFile& gguf, json& config) {
    config["tie_word_embeddings"] = !has_tensor(gguf, "output.weight");
    config["hidden_act"] = "silu";
    config["attention_bias"] = has_tensor(gguf, "blk.0.attn_q.bias");
    copy_rope_scaling(gguf, config);
}

void finish_gpt2(const GgufFile& gguf, json& config) {
    (void)gguf;
    config["activation_function"] = "gelu_new";
}

const std::vector<GgufArchitecture>& architectures() {
    static const std::vector<GgufArchitecture> all = {
        {"llama", "llama",
         {{"block_count", "num_hidden_layers"}, {"context_length", "max_position_embeddings"},
          {"embedding_length", "hidden_size"}, {"feed_forward_length", "intermediate_size"},
          {"attention.head_count", "num_attention_heads"}, {"attention.head_count_kv", "num_key_value_heads", false},
          {"attention.key_length", "head_dim", false}, {"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
          {"rope.freq_base", "rope_theta", false}, {"vocab_size", "vocab_size", false}},
         {{"token_embd.weight", "model.embed_tokens.weight"}, {"output_norm.weight", "model.norm.weight"},
          {"output.weight", "lm_head.weight"}, {"blk.{}.attn_norm.weight", "model.layers.{}.input_layernorm.weight"},
          {"blk.{}.attn_q.weight", "model.layers.{}.self_attn.q_proj.weight", Order::QueryHalves},
          {"blk.{}.attn_k.weight", "model.layers.{}.self_attn.k_proj.weight", Order::KeyHalves},
          {"blk.{}.attn_v.weight", "model.layers.{}.self_attn.v_proj.weight"},
          {"blk.{}.attn_output.weight", "model.layers.{}.self_attn.o_proj.weight"},
          {"blk.{}.attn_q.bias", "model.layers.{}.self_attn.q_proj.bias", Order::QueryHalves},
          {"blk.{}.attn_k.bias", "model.layers.{}.self_attn.k_proj.bias", Order::KeyHalves},
          {"blk.{}.attn_v.bias", "model.layers.{}.self_attn.v_proj.bias"},
          {"blk.{}.attn_output.bias", "model.layers.{}.self_attn.o_proj.bias"},
          {"blk.{}.ffn_norm.weight", "model.layers.{}.post_attention_layernorm.weight"},
          {"blk.{}.ffn_gate.weight", "model.layers.{}.mlp.gate_proj.weight"},
          {"blk.{}.ffn_up.weight", "model.layers.{}.mlp.up_proj.weight"},
          {"blk.{}.ffn_down.weight", "model.layers.{}.mlp.down_proj.weight"}},
         finish_llama},
        {"gpt2", "gpt2",
         {{"block_count", "n_layer"}, {"context_length", "n_positions"}, {"embedding_length", "n_embd"},
          {"feed_forward_length", "n_inner", false}, {"attention.head_count", "n_head"},
          {"attention.layer_norm_epsilon", "layer_norm_epsilon"}, {"vocab_size", "vocab_size", false}},
         {{"token_embd.weight", "transformer.wte.weight"}, {"position_embd.weight", "transformer.wpe.weight"},
          {"output_norm.weight", "transformer.ln_f.weight"}, {"output_norm.bias", "transformer.ln_f.bias"},
          {"output.weight", "lm_head.weight"}, {"blk.{}.attn_norm.weight", "transformer.h.{}.ln_1.weight"},
          {"blk.{}.attn_norm.bias", "transformer.h.{}.ln_1.bias"},
          {"blk.{}.attn_qkv.weight", "transformer.h.{}.attn.c_attn.weight", Order::Transposed},
          {"blk.{}.attn_qkv.bias", "transformer.h.{}.attn.c_attn.bias"},
          {"blk.{}.attn_output.weight", "transformer.h.{}.attn.c_proj.weight", Order::Transposed},
          {"blk.{}.attn_output.bias", "transformer.h.{}.attn.c_proj.bias"},
          {"blk.{}.ffn_norm.weight", "transformer.h.{}.ln_2.weight"},
          {"blk.{}.ffn_norm.bias", "transformer.h.{}.ln_2.bias"},
          {"blk.{}.ffn_up.weight", "transformer.h.{}.mlp.c_fc.weight", Order::Transposed},
          {"blk.{}.ffn_up.bias", "transformer.h.{}.mlp.c_fc.bias"},
          {"blk.{}.ffn_down.weight", "transformer.h.{}.mlp.c_proj.weight", Order::Transposed},
          {"blk.{}.ffn_down.bias", "transformer.h.{}.mlp.c_proj.bias"}},
         finish_gpt2},
    };
    return all;
}

const GgufArchitecture* find_architecture(const GgufFile& gguf) {
    const json* id = find(gguf, "general.architecture");
    if (id == nullptr || !id->is_string()) return nullptr;
    for (const GgufArchitecture& entry : architectures()) {
        if (entry.id == id->get_ref<const std::string&>()) return &entry;
    }
    return nullptr;
}

/// The layer number where `name` has the form of `pattern`; "" for a pattern without a layer.
std::optional<std::string> match(std::string_view pattern, std::string_view name) {
    const std::size_t hole = pattern.find("{}");
    if (hole == std::string_view::npos) return pattern == name ? std::optional<std::string>("") : std::nullopt;
    const std::string_view head = pattern.substr(0, hole), tail = pattern.substr(hole + 2);
    if (name.size() <= head.size() + tail.size() || !name.starts_with(head) || !name.ends_with(tail)) return std::nullopt;
    const std::string_view number = name.substr(head.size(), name.size() - head.size() - tail.size());
    const bool is_number = number.find_first_not_of("0123456789") == std::string_view::npos;
    return is_number ? std::optional<std::string>(number) : std::nullopt;
}

void rename(TensorInfo& info, const WeightName& entry, const std::string& layer, const json& config) {
    std::string name(entry.ours);
    if (const std::size_t hole = name.find("{}"); hole != std::string::npos) name.replace(hole, 2, layer);
    info.name = std::move(name);
    if (entry.order == Order::Transposed && info.shape.size() == 2) {
        std::swap(info.shape[0], info.shape[1]);
        info.is_transposed = true;
    }
    if (entry.order == Order::QueryHalves || entry.order == Order::KeyHalves) {
        const char* key = entry.order == Order::KeyHalves && config.contains("num_key_value_heads") ? "num_key_value_heads"
                                                                                                   : "num_attention_heads";
        const auto heads = config.value(key, std::int64_t{0});
        // Rows that do not divide are left alone: the loader will refuse their shape.
        if (heads > 0 && heads < 65536 && !info.shape.empty() && info.shape[0] % (2 * heads) == 0)
            info.num_rotary_heads = static_cast<int>(heads);
    }
}

}  // namespace

Result<json> gguf_config(const GgufFile& gguf) {
    const GgufArchitecture* architecture = find_architecture(gguf);
    if (architecture == nullptr) {
        const json* id = find(gguf, "general.architecture");
        std::string known;
        for (const GgufArchitecture& entry : architectures()) known += (known.empty() ? "" : ", ") + std::string(entry.id);
        return fail(make_error(ErrorKind::Unsupported, "the GGUF file is of architecture '{}'; these are read: {}",
                               id != nullptr && id->is_string() ? id->get<std::string>().substr(0, 60) : "(not given)", known)
                        .in_file(gguf.file->path()));
    }
    json config = {{"model_type", architecture->model_type}};
    for (const SettingName& setting : architecture->settings) {
        const std::string key = std::string(architecture->id) + "." + std::string(setting.gguf);
        const json* value = find(gguf, key);
        if (value == nullptr && setting.is_needed) {
            return fail(make_error(ErrorKind::Missing, "the GGUF file does not say '{}'", key).in_file(gguf.file->path()));
        }
        if (value != nullptr) config[std::string(setting.ours)] = *value;
    }
    if (has_tensor(gguf, "rope_freqs.weight")) {
        return fail(make_error(ErrorKind::Unsupported, "the GGUF file scales its rotary frequencies by a tensor "
                               "(rope_freqs.weight), which is not read; open the model's safetensors instead")
                        .in_file(gguf.file->path()).at_tensor("rope_freqs.weight"));
    }
    count_vocabulary(gguf, config);
    copy_token_ids(gguf, config);
    architecture->finish(gguf, config);
    return config;
}

std::vector<TensorInfo> gguf_tensors(const GgufFile& gguf, const json& config) {
    const GgufArchitecture* architecture = find_architecture(gguf);
    std::vector<TensorInfo> tensors = gguf.tensors;
    for (TensorInfo& info : tensors) {
        for (const WeightName& entry : architecture->weights) {
            const auto layer = match(entry.gguf, info.name);
            if (!layer) continue;
            rename(info, entry, *layer, config);
            break;
        }
    }
    return tensors;
}

}  // namespace headlight
