// What the families descended from Llama share: the keys of their configs and the names in their files.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "family/family.h"
#include "family/shared_config.h"
#include "family/weight_table.h"

namespace headlight {

/// What counts where a config of the Llama line says nothing; the families differ in it. Sizes of 0 must be
/// said.
struct LlamaDefaults {
    RopeKeys rope = {};
    const char* layers_key = "num_hidden_layers";  // another name that goes before this one
    bool reads_rope = true;                        // false: the family reads its rotation itself
    int vocab_size = 0;
    int num_heads = 0;
    int num_kv_heads = 0;  // 0: as many as query heads
    int head_dim = 0;      // 0: hidden_size / num_attention_heads
    int max_positions = 2048;
    double norm_eps = 1e-6;
    const char* activation = "silu";
    bool knows_xielu = false;  // does the family's table name the numbers that xIELU learns?
    bool ties_head = false;
};

/// `otherwise` where the config does not mention the key; 0, so that what follows from other sizes counts,
/// where it is null.
int unless_null(const ConfigReader& config, const char* key, int otherwise);

/// Sizes, heads, RMS norms, rotary positions, gated feed-forward part, biases (`attention_bias`, `mlp_bias`)
/// and the tie of the head, as Llama's config spells them. A family changes afterwards what is different in
/// it.
Architecture read_llama_config(ConfigReader& config, const LlamaDefaults& defaults = {});

/// `layer` + "self_attn.": q_proj, k_proj, v_proj, o_proj.
void add_llama_projections(WeightTable& table, const std::string& layer);

/// These and q_norm, k_norm, sinks, as far as the architecture has them.
void add_llama_attention(WeightTable& table, const std::string& layer);

/// `layer` + "mlp.": gate_proj, up_proj, down_proj.
void add_llama_mlp(WeightTable& table, const std::string& layer);

/// Turns the norms of a Llama config into layer norms, with `layer_norm_eps`.
void use_layer_norms(ConfigReader& config, Architecture& arch, bool has_bias);

/// Queries and keys of each head are normed after they are rotated. Needs the rotation.
void norm_after_rotation(ConfigReader& config, Architecture& arch);

/// embed_tokens, norm and lm_head.
void add_llama_ends(WeightTable& table);

/// All of them, with input_layernorm before attention and post_attention_layernorm before the feed-forward
/// part.
std::vector<FileWeight> llama_file_weights(const Architecture& arch);

/// The same with no norm before a part, and post_attention_layernorm and post_feedforward_layernorm after
/// them.
std::vector<FileWeight> olmo2_file_weights(const Architecture& arch);

/// Frequency tables that old files carry, and the second copy of a tied head.
bool is_llama_extra(std::string_view name, const Architecture& arch);

/// A config of random weights with this model type.
nlohmann::json llama_random_config(const RandomModelRequest& request, const char* model_type);

}  // namespace headlight
