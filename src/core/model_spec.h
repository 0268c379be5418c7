// What everyone outside the engine may know of a model. How a family computes stays in model/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/head_grid.h"
#include "core/open_request.h"

namespace headlight {

/// What the logits of a position say.
enum class Prediction {
    None,  // the checkpoint has no such head
    NextToken,
    MaskedToken,  // the token at this position
};

struct ModelSpec {
    std::string name;          // folder or file name, "random" for random weights
    std::string family;        // registry id: "gpt2", "llama"
    std::string family_label;  // "GPT-2", "Llama"
    std::string path;          // where it was opened, empty for random weights
    std::string base_path;     // where the base lies of which `path` is an adapter; empty: it is none
    AdapterChoice adapter;     // as it was asked for
    std::string dtype;         // of the weights as stored: "float32", "float16", "bfloat16", "mixed"
    std::string compute_dtype = "float32";  // in which the forward pass runs; softmax is always float32
    std::string device;  // where it runs: "cpu", "cpu-torch", "cuda:0"; empty: it does not run
    int num_layers = 0;
    int num_heads = 0;     // query heads of each layer
    int num_kv_heads = 0;  // query head h reads kv head h / (num_heads / num_kv_heads)
    int head_dim = 0;
    int hidden_size = 0;
    int vocab_size = 0;
    int max_positions = 0;  // 0: no limit known
    bool is_causal = true;
    bool has_random_weights = false;
    std::vector<int> window;  // per layer, as TraceInfo::window. Empty = all 0
    Prediction prediction = Prediction::NextToken;
    bool has_decoder = false;  // encoder-decoder: all above is the encoder's
    int num_decoder_layers = 0, num_decoder_heads = 0;
    int decoder_start_id = -1;                  // what its decoder reads first; -1: not known
    std::vector<int> layers_without_attention;  // ascending, as TraceInfo::absent_layers
    std::int64_t num_parameters = 0;
    std::string position_encoding;  // "learned", "rotary" ... for people

    HeadGrid grid() const { return {num_layers, num_heads}; }
    bool can_predict() const { return prediction != Prediction::None; }
    int kv_head_of(int head) const { return num_kv_heads > 0 ? head / (num_heads / num_kv_heads) : head; }
};

}  // namespace headlight
