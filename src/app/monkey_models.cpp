// Small models of random weights for the monkey.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "analysis/statistics/split_mix.h"
#include "app/monkey_folder.h"
#include "base/atomic_file.h"
#include "io/checkpoint/safetensors_writer.h"

namespace headlight {
namespace {

constexpr int kVocab = 40, kHidden = 16, kInner = 24, kLayers = 2, kPositions = 64;
constexpr std::uint64_t kWeightSeed = 11;

struct RandomTensor {
    std::string name;
    std::vector<std::int64_t> shape;
};

bool is_norm_scale(const std::string& name) {
    std::string low = name;
    std::transform(low.begin(), low.end(), low.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return low.ends_with("norm.weight");
}

Status write_random_weights(const std::string& path, const std::vector<RandomTensor>& tensors) {
    SplitMix random(kWeightSeed);
    std::vector<std::vector<float>> values;
    std::vector<TensorToWrite> out;
    for (const RandomTensor& tensor : tensors) {
        std::size_t count = 1;
        for (const std::int64_t size : tensor.shape)
            count *= static_cast<std::size_t>(size);
        std::vector<float>& numbers = values.emplace_back(count, 1.0f);
        for (float& number : numbers) {
            if (!is_norm_scale(tensor.name)) number = static_cast<float>(random.below(2001)) / 2000 - 0.5f;
        }
        out.push_back({tensor.name, DType::Float32, tensor.shape, std::as_bytes(std::span(numbers))});
    }
    return write_safetensors(path, out, {{"format", "pt"}});
}

Status write_words_tokenizer(const std::string& path) {
    constexpr const char* kWords[] = {"[UNK]", "the",   "The",  "cat",  "sat", "on",   "mat", "because", "it",
                                      "was",   "tired", "once", "upon", "a",   "time", "12",  "7",       "5",
                                      "3",     "0",     "1",    "+",    "=",   ",",    ".",   "[MASK]"};
    std::string vocab;
    int id = 0;
    for (const char* word : kWords)
        vocab += fmt::format("{}\"{}\": {}", id == 0 ? "" : ", ", word, id), ++id;
    return write_file_atomic(path,
                             fmt::format(R"({{"version": "1.0", "pre_tokenizer": {{"type": "Whitespace"}},
 "model": {{"type": "WordLevel", "unk_token": "[UNK]", "vocab": {{{}}}}}}})",
                                         vocab));
}

void add_linear(std::vector<RandomTensor>& all, const std::string& name, std::int64_t out, std::int64_t in) {
    all.push_back({name + ".weight", {out, in}});
    all.push_back({name + ".bias", {out}});
}

void add_norm(std::vector<RandomTensor>& all, const std::string& name) {
    all.push_back({name + ".weight", {kHidden}});
    all.push_back({name + ".bias", {kHidden}});
}

/// Of T5: self or cross attention, or the feed-forward, with the norm before it.
void add_t5_part(std::vector<RandomTensor>& all, const std::string& layer, const char* part) {
    all.push_back({layer + ".layer_norm.weight", {kHidden}});
    const std::string name = layer + "." + part;
    if (std::string_view(part) == "DenseReluDense") {
        all.push_back({name + ".wi.weight", {kInner, kHidden}});
        all.push_back({name + ".wo.weight", {kHidden, kInner}});
        return;
    }
    for (const char* matrix : {"q", "k", "v", "o"})
        all.push_back({fmt::format("{}.{}.weight", name, matrix), {kHidden, kHidden}});
}

}  // namespace

Status write_random_encoder(const std::string& folder) {
    std::vector<RandomTensor> all{{"bert.embeddings.word_embeddings.weight", {kVocab, kHidden}},
                                  {"bert.embeddings.position_embeddings.weight", {kPositions, kHidden}},
                                  {"bert.embeddings.token_type_embeddings.weight", {2, kHidden}}};
    add_norm(all, "bert.embeddings.LayerNorm");
    for (int i = 0; i < kLayers; ++i) {
        const std::string layer = fmt::format("bert.encoder.layer.{}.", i);
        for (const char* name : {"query", "key", "value"})
            add_linear(all, layer + "attention.self." + name, kHidden, kHidden);
        add_linear(all, layer + "attention.output.dense", kHidden, kHidden);
        add_norm(all, layer + "attention.output.LayerNorm");
        add_linear(all, layer + "intermediate.dense", kInner, kHidden);
        add_linear(all, layer + "output.dense", kHidden, kInner);
        add_norm(all, layer + "output.LayerNorm");
    }
    all.push_back({"cls.predictions.bias", {kVocab}});
    add_linear(all, "cls.predictions.transform.dense", kHidden, kHidden);
    add_norm(all, "cls.predictions.transform.LayerNorm");
    HEADLIGHT_CHECK(write_file_atomic(
        folder + "/config.json",
        fmt::format(R"({{"model_type": "bert", "architectures": ["BertForMaskedLM"], "vocab_size": {},
 "hidden_size": {}, "num_hidden_layers": {}, "num_attention_heads": 4, "intermediate_size": {},
 "max_position_embeddings": {}, "type_vocab_size": 2, "hidden_act": "gelu"}})",
                    kVocab, kHidden, kLayers, kInner, kPositions)));
    HEADLIGHT_CHECK(write_random_weights(folder + "/model.safetensors", all));
    return write_words_tokenizer(folder + "/tokenizer.json");
}

Status write_random_encoder_decoder(const std::string& folder) {
    std::vector<RandomTensor> all{{"shared.weight", {kVocab, kHidden}}};
    for (const std::string side : {"encoder", "decoder"}) {
        for (int i = 0; i < kLayers; ++i) {
            const std::string layer = fmt::format("{}.block.{}.layer.", side, i);
            add_t5_part(all, layer + "0", "SelfAttention");
            if (side == "decoder") add_t5_part(all, layer + "1", "EncDecAttention");
            add_t5_part(all, layer + (side == "decoder" ? "2" : "1"), "DenseReluDense");
        }
        all.push_back({side + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight", {32, 4}});
        all.push_back({side + ".final_layer_norm.weight", {kHidden}});
    }
    HEADLIGHT_CHECK(write_file_atomic(
        folder + "/config.json",
        fmt::format(
            R"({{"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "vocab_size": {},
 "d_model": {}, "d_kv": 4, "d_ff": {}, "num_layers": {}, "num_decoder_layers": {}, "num_heads": 4,
 "relative_attention_num_buckets": 32, "feed_forward_proj": "relu", "is_encoder_decoder": true,
 "decoder_start_token_id": 0, "tie_word_embeddings": true}})",
            kVocab, kHidden, kInner, kLayers, kLayers)));
    HEADLIGHT_CHECK(write_random_weights(folder + "/model.safetensors", all));
    return write_words_tokenizer(folder + "/tokenizer.json");
}

}  // namespace headlight
