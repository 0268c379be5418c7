// Which model to open, or to draw at random.
#pragma once

#include <cstdint>
#include <string>

namespace headlight {

struct OpenModelRequest {
    std::string path;                 // Hugging Face folder, or a file in it
    std::string config_path;          // use this config.json in place of the folder's own; empty = none
    bool trusts_torchscript = false;  // may run the code in a TorchScript file to get at its weights
};

struct RandomModelRequest {
    std::string family = "llama";
    int hidden_size = 256;
    int num_heads = 4;
    int num_kv_heads = 0;  // 0 = num_heads
    int num_layers = 4;
    int vocab_size = 512;
    int max_positions = 4096;
    std::uint64_t seed = 0;
};

}  // namespace headlight
