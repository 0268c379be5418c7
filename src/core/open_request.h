// Which model to open, or to draw at random.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace headlight {

class Checkpoint;  // io/checkpoint

/// Where passes run unless another place is asked for: on the processor, by the capture kernel.
inline constexpr const char* kProcessor = "cpu";
/// On the processor too, by the operations that a GPU would be given.
inline constexpr const char* kProcessorByTorch = "cpu-torch";

/// "cpu", "cpu-torch", "cuda", "cuda:N", or "auto": a GPU where there is one, else cpu.
inline bool is_device_name(std::string_view name) {
    if (name == kProcessor || name == kProcessorByTorch || name == "auto" || name == "cuda") return true;
    constexpr std::string_view kNumbered = "cuda:";
    if (!name.starts_with(kNumbered)) return false;
    name.remove_prefix(kNumbered.size());
    return !name.empty() && name.size() <= 2 &&
           std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// How to open a folder that holds an adapter (PEFT's LoRA) rather than a whole model.
struct AdapterChoice {
    std::string base;         // path or name of its base model; empty: what the adapter names is looked for
    bool shows_base = false;  // the base as it is, without the adapter
    bool operator==(const AdapterChoice&) const = default;
};

struct OpenModelRequest {
    std::string path;                 // Hugging Face folder, or a file in it
    std::string config_path;          // use this config.json in place of the folder's own; empty = none
    bool trusts_torchscript = false;  // may run the code in a TorchScript file to get at its weights
    std::string device = kProcessor;  // is_device_name()
    AdapterChoice adapter = {};
    std::shared_ptr<const Checkpoint> checkpoint;  // what lies at `path`, opened already; null: it is opened
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
    std::string device = kProcessor;
};

}  // namespace headlight
