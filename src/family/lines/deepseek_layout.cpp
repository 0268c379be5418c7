#include "family/lines/deepseek_layout.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace headlight {
namespace {

int count_or(ConfigReader& config, KeyNames keys, int least, int most, int otherwise) {
    return otherwise > 0 ? config.integer_or(keys, least, most, otherwise)
                         : config.integer(keys, least, most);
}

/// A group has to hold what a token takes of it, or the choice among the rest is one of numbers that say
/// nothing.
void check_groups(ConfigReader& config, const MoeSettings& moe) {
    const bool divides = moe.num_experts % moe.num_groups == 0 && moe.groups_per_token <= moe.num_groups;
    const int group_size = divides ? moe.num_experts / moe.num_groups : 0;
    const int least = moe.group_worth == GroupWorth::TopTwo ? 2 : 1;
    if (!divides || group_size < least) {
        config.fail_with(ErrorKind::Corrupt,
                         fmt::format("{} experts in {} groups, of which a token sees {} (n_routed_experts, "
                                     "n_group, topk_group): groups of at least {} must divide the experts",
                                     moe.num_experts, moe.num_groups, moe.groups_per_token, least));
    } else if (moe.experts_per_token > group_size * moe.groups_per_token) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("a token takes {} experts (num_experts_per_tok), but its {} groups "
                        "(topk_group) hold {} only",
                        moe.experts_per_token, moe.groups_per_token, group_size * moe.groups_per_token));
    }
}

}  // namespace

void read_deepseek_experts(ConfigReader& config, Architecture& arch, const DeepseekExperts& defaults) {
    MoeSettings& moe = arch.moe;
    moe.num_experts =
        count_or(config, {defaults.number_key, "n_routed_experts"}, 1, kMostExperts, defaults.num_experts);
    moe.experts_per_token =
        count_or(config, {"num_experts_per_tok"}, 1, kMostExperts, defaults.experts_per_token);
    moe.expert_size = count_or(config, {"moe_intermediate_size"}, 1, kMostIntermediate, defaults.expert_size);
    const int num_shared = count_or(config, {"n_shared_experts"}, 1, kMostExperts, defaults.num_shared);
    if (num_shared > kMostIntermediate / moe.expert_size) {
        config.fail_with(ErrorKind::Corrupt, fmt::format("{} shared experts (n_shared_experts) of width {}",
                                                         num_shared, moe.expert_size));
        return;
    }
    moe.shared_expert_size = num_shared * moe.expert_size;
    moe.has_shared_gate = false;
    moe.router = RouterKind::Sigmoid;
    moe.has_choice_bias = true;
    moe.group_worth = GroupWorth::TopTwo;
    moe.num_groups = config.integer_or({"n_group"}, 1, kMostExperts, defaults.num_groups);
    moe.groups_per_token = config.integer_or({"topk_group"}, 1, kMostExperts, defaults.groups_per_token);
    moe.normalizes_weights = config.boolean_or({"norm_topk_prob"}, defaults.normalizes);
    moe.weight_scale = config.number_or({"routed_scaling_factor"}, -1e9, 1e9, defaults.weight_scale);
    const int num_dense = config.integer_or({"first_k_dense_replace"}, 0, kMostLayers, defaults.num_dense);
    for (int layer = 0; layer < arch.num_layers; ++layer)
        moe.is_sparse.push_back(layer >= num_dense);
    check_groups(config, moe);
}

LlamaDefaults deepseek_defaults() {
    LlamaDefaults defaults;
    defaults.reads_rope = false;
    defaults.head_dim = 1;  // made of three other keys
    return defaults;
}

void read_latent_attention(ConfigReader& config, Architecture& arch, const LatentDefaults& defaults) {
    LatentSettings& latent = arch.latent;
    latent.key_rank = config.integer_or({"kv_lora_rank"}, 1, kMostHidden, defaults.key_rank);
    latent.query_rank = config.integer_or({"q_lora_rank"}, 1, kMostHidden,
                                          config.mentions("q_lora_rank") ? 0 : defaults.query_rank);
    latent.value_dim = config.integer_or({"v_head_dim"}, 1, kMostHeadDim, defaults.value_dim);
    latent.has_bias = arch.has_output_bias;
    arch.has_qkv_bias = false;
    const int own = config.integer_or({"qk_nope_head_dim"}, 1, kMostHeadDim, defaults.own_dim);
    arch.head_dim =
        config.integer_or({"qk_rope_head_dim"}, 2, kMostHeadDim, defaults.rotary_dim);  // what rotates
    read_rope(config, arch);
    arch.head_dim += own;
    if (latent.value_dim > arch.head_dim) {
        config.fail_with(ErrorKind::Unsupported,
                         fmt::format("values of width {} (v_head_dim), wider than keys of {} "
                                     "(qk_nope_head_dim + qk_rope_head_dim), are not supported",
                                     latent.value_dim, arch.head_dim));
    }
    if (arch.num_kv_heads != arch.num_heads) {
        config.fail_with(
            ErrorKind::Unsupported,
            fmt::format("{} key heads (num_key_value_heads) for {} heads: latent attention makes "
                        "keys for every head",
                        arch.num_kv_heads, arch.num_heads));
    }
    double scale = 1.0 / std::sqrt(arch.head_dim);
    const RopeSettings& rope = arch.rope;
    if (rope.score_strength != 0 && rope.scaling == RopeScaling::LongRope) {
        config.fail_with(ErrorKind::Unsupported,
                         "'mscale_all_dim' beside a 'longrope' scaling is not supported");
    } else if (rope.score_strength != 0 && rope.factor > 1) {
        const double widening = 0.1 * rope.score_strength * std::log(rope.factor) + 1.0;
        scale *= widening * widening;
    }
    set_scale(arch, scale);
}

namespace {

/// q_a_proj and q_b_proj or q_proj, kv_a_proj_with_mqa, kv_b_proj, and the norms between them.
void add_latent_attention(WeightTable& table, const Architecture& arch, const std::string& layer) {
    const std::string file = layer + "self_attn.";
    const bool has_latent_query = arch.latent.query_rank > 0;
    table.add(file + "q_a_proj", layer + "query_latent");
    table.add(file + "q_a_layernorm", layer + "query_latent_norm");
    table.add(file + (has_latent_query ? "q_b_proj" : "q_proj"), layer + "query");
    table.fused(file + "kv_a_proj_with_mqa", {layer + "key_latent", layer + "key_rotary"});
    table.add(file + "kv_a_layernorm", layer + "key_latent_norm");
    table.fused(file + "kv_b_proj", {layer + "key", layer + "value"}, {.num_groups = arch.num_heads});
    FileWeight output{file + "o_proj.weight", {layer + "output"}};
    if (arch.latent.value_dim < arch.head_dim) output.num_columns = arch.num_heads * arch.latent.value_dim;
    table.exact(std::move(output));
    table.exact({file + "o_proj.bias", {layer + "output_bias"}});
}

}  // namespace

std::vector<FileWeight> deepseek_file_weights(const Architecture& arch) {
    WeightTable table(arch);
    for (int i = 0; i < arch.num_layers; ++i) {
        const std::string layer = layer_slot(i);
        table.add(layer + "input_layernorm", layer + "attention_norm");
        if (arch.is_latent()) {
            add_latent_attention(table, arch, layer);
        } else {
            add_llama_attention(table, layer);
        }
        table.add(layer + "post_attention_layernorm", layer + "mlp_norm");
        add_qwen_mlp(table, layer, "shared_experts");
        table.exact({layer + "mlp.gate.e_score_correction_bias", {layer + "choice_bias"}});
    }
    add_llama_ends(table);
    return table.take();
}

bool is_deepseek_extra(std::string_view name, const Architecture& arch) {
    return is_llama_extra(name, arch) || name.starts_with(layer_slot(arch.num_layers));
}

nlohmann::json deepseek_random_config(const RandomModelRequest& request, const char* model_type) {
    nlohmann::json config = llama_random_config(request, model_type);
    config["n_routed_experts"] = 4;
    config["num_experts_per_tok"] = 2;
    config["moe_intermediate_size"] = 16;
    config["n_group"] = 2;
    config["topk_group"] = 1;
    config["first_k_dense_replace"] = 1;
    return config;
}

void add_random_latent(const RandomModelRequest& request, nlohmann::json& config) {
    const int own = std::max(1, request.hidden_size / request.num_heads);
    config["num_key_value_heads"] = request.num_heads;
    config["kv_lora_rank"] = own;
    config["q_lora_rank"] = own + 1;
    config["qk_nope_head_dim"] = own;
    config["qk_rope_head_dim"] = 4;
    config["v_head_dim"] = own;
}

}  // namespace headlight
