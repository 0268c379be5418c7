// What the Qwen families share: which layers slide, which have experts, and the names of those in the files.
#pragma once

#include <string>

#include "family/lines/llama_layout.h"

namespace headlight {

inline constexpr int kMostExperts = 4096;

/// `sliding_window` where `use_sliding_window` says so, otherwise 0.
int read_switched_window(ConfigReader& config);

/// Qwen 2 and 3: layers from `max_window_layers` on slide, or those that `layer_types` names.
void read_qwen_windows(ConfigReader& config, Architecture& arch);

/// What counts where the config says nothing.
struct ExpertDefaults {
    int num_experts, experts_per_token, expert_size;
    const char* first_key = "num_experts";  // of the two names for their number the one that counts
};

/// Experts, and which layers have them: `decoder_sparse_step`, `mlp_only_layers`.
void read_qwen_experts(ConfigReader& config, Architecture& arch, const ExpertDefaults& defaults);

/// A layer's feed-forward part: gate, experts.0.gate_proj ..., the shared one under `shared`,
/// shared_expert_gate; or a plain one.
void add_qwen_mlp(WeightTable& table, const std::string& layer, const char* shared = "shared_expert");

/// A layer's experts as Mixtral's files name them: block_sparse_moe.gate, experts.0.w1 ...
void add_mixtral_experts(WeightTable& table, const std::string& layer, int num_experts);

/// A whole file of this layout, with or without experts.
std::vector<FileWeight> qwen_file_weights(const Architecture& arch);

/// Names of Mixtral: llama's attention, experts in every layer.
std::vector<FileWeight> mixtral_file_weights(const Architecture& arch);

}  // namespace headlight
