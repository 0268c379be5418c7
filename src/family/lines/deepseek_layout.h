// What DeepSeek V2, V3 and their descendants share: experts beside shared ones after a few dense layers, and
// latent attention.
#pragma once

#include <string>

#include "family/lines/qwen_layout.h"

namespace headlight {

/// What counts where the config says nothing; 0: it must be said.
struct DeepseekExperts {
    const char* number_key;  // the other name of n_routed_experts, which goes first
    int num_experts = 0, experts_per_token = 0, expert_size = 0, num_shared = 1;
    int num_dense = 0;  // first_k_dense_replace
    int num_groups = 1, groups_per_token = 1;
    bool normalizes = true;     // norm_topk_prob
    double weight_scale = 1.0;  // routed_scaling_factor
};

/// Experts picked by sigmoids with a bias per expert, out of the best groups: `n_group`, `topk_group`,
/// `norm_topk_prob`, `routed_scaling_factor` and the sizes.
void read_deepseek_experts(ConfigReader& config, Architecture& arch, const DeepseekExperts& defaults);

struct LatentDefaults {
    int key_rank = 512, query_rank = 1536, own_dim = 128, rotary_dim = 64, value_dim = 128;
};

/// Latent attention of a config read without heads and rotation: `kv_lora_rank`, `q_lora_rank`,
/// `qk_nope_head_dim`, `qk_rope_head_dim`, `v_head_dim`, `attention_bias`, the rotation and the scale.
void read_latent_attention(ConfigReader& config, Architecture& arch, const LatentDefaults& defaults = {});

/// Config defaults of both; heads and rotation are left to read_latent_attention().
LlamaDefaults deepseek_defaults();

/// A whole file, with latent or usual attention.
std::vector<FileWeight> deepseek_file_weights(const Architecture& arch);

/// is_llama_extra(), and the one layer after the last that predicts further tokens.
bool is_deepseek_extra(std::string_view name, const Architecture& arch);

/// llama_random_config() with a few experts.
nlohmann::json deepseek_random_config(const RandomModelRequest& request, const char* model_type);

/// Sizes of latent attention for random weights.
void add_random_latent(const RandomModelRequest& request, nlohmann::json& config);

}  // namespace headlight
