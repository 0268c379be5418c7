// Which of two contradicting words of a config counts: the one that the reference library takes. What is
// expected was read off the reference library's own configs (rope_parameters after loading, sizes of the
// layers).
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "family/family.h"

using namespace headlight;
using nlohmann::json;

namespace {

Result<Architecture> read_with(const char* family, const json& changes) {
    RandomModelRequest request;
    request.hidden_size = 64;
    json config = family_by_id(family)->random_config(request);
    if (changes.is_object()) config.update(changes);
    return read_architecture(*family_by_id(family), config, "config.json");
}

Architecture read(const char* family, const json& changes) {
    auto arch = read_with(family, changes);
    REQUIRE_MESSAGE(arch.has_value(), (arch ? "" : arch.error().to_string()));
    return *arch;
}

void refuse(const char* family, const json& changes, const std::string& word) {
    const auto arch = read_with(family, changes);
    REQUIRE_MESSAGE(!arch.has_value(), word);
    CHECK_MESSAGE(arch.error().message.find(word) != std::string::npos, arch.error().message);
}

const json kPlain = {{"rope_type", "default"}, {"rope_theta", 500.0}};
const json kLinear = {{"rope_type", "linear"}, {"factor", 4.0}};
const json kYarn = {{"rope_type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 16}};

}  // namespace

TEST_CASE("config precedence: rope_scaling goes before rope_parameters unless it is empty") {
    for (const char* family : {"llama", "qwen2", "mistral", "falcon", "cohere", "gpt_oss", "smollm3"}) {
        INFO(family);
        const Architecture both = read(family, {{"rope_parameters", kPlain}, {"rope_scaling", kLinear}});
        CHECK(both.rope.scaling == RopeScaling::Linear);
        CHECK(both.rope.factor == 4);
        CHECK(both.rope.theta != 500);  // the family's own: nothing of the other dictionary is left
        for (const json& none : {json::object(), json(nullptr)}) {
            const Architecture plain = read(family, {{"rope_parameters", kPlain}, {"rope_scaling", none}});
            CHECK(plain.rope.scaling == RopeScaling::Default);
            CHECK(plain.rope.theta == 500);
        }
    }
}

TEST_CASE(
    "config precedence: the dictionary's base goes before the config's, the config's trained length before "
    "its own") {
    const Architecture theta = read("llama", {{"rope_parameters", kPlain}, {"rope_theta", 100.0}});
    CHECK(theta.rope.theta == 500);
    CHECK(read("llama", {{"rope_parameters", kLinear}, {"rope_theta", 100.0}}).rope.theta == 100);
    CHECK(read("llama", {{"rope_scaling", kYarn}}).rope.original_max_positions == 16);
    CHECK(read("llama", {{"rope_scaling", kYarn}, {"original_max_position_embeddings", 32}})
              .rope.original_max_positions == 32);
    const json both = {{"rope_type", "linear"}, {"type", "dynamic"}, {"factor", 2.0}};
    CHECK(read("llama", {{"rope_scaling", both}}).rope.scaling == RopeScaling::Linear);
    json open = kYarn;
    open["truncate"] = nullptr;  // said, and not true
    CHECK_FALSE(read("llama", {{"rope_scaling", open}}).rope.truncates_ramp);
    CHECK(read("llama", {{"rope_scaling", kYarn}}).rope.truncates_ramp);
}

TEST_CASE("config precedence: parts of a head rotate only in families that know of it") {
    const json half = {{"rope_type", "default"}, {"rope_theta", 500.0}, {"partial_rotary_factor", 0.5}};
    CHECK(read("glm", {{"rope_parameters", half}, {"partial_rotary_factor", 1.0}, {"head_dim", 16}})
              .rope.rotary_dim == 8);
    CHECK(read("glm", {{"partial_rotary_factor", nullptr}, {"head_dim", 16}}).rope.rotary_dim == 16);
    CHECK(read("gpt_neox", {{"rotary_pct", 0.5}, {"partial_rotary_factor", 1.0}}).rope.rotary_dim == 8);
    refuse("llama", {{"rope_parameters", half}}, "partial_rotary_factor");
    refuse("llama", {{"partial_rotary_factor", 0.5}}, "partial_rotary_factor");
}

TEST_CASE(
    "config precedence: families with two rotations read their parts, truncate beside them, a flat scaling "
    "over them") {
    const json parts = {{"full_attention", kYarn}, {"sliding_attention", kPlain}, {"truncate", false}};
    const Architecture gemma =
        read("gemma3", {{"rope_parameters", parts}, {"original_max_position_embeddings", 99}});
    CHECK(gemma.rope.scaling == RopeScaling::Yarn);
    CHECK_FALSE(gemma.rope.truncates_ramp);
    CHECK(gemma.rope.original_max_positions == 16);
    CHECK(gemma.rope.theta == 1e6);
    CHECK(gemma.local_rope.theta == 500);
    json inside = kYarn;
    inside["truncate"] = false;
    CHECK(read("gemma3", {{"rope_parameters", {{"full_attention", inside}}}}).rope.truncates_ramp);
    const Architecture scaled = read("gemma3", {{"rope_scaling", kLinear}, {"rope_theta", 700.0}});
    CHECK(scaled.rope.scaling == RopeScaling::Linear);
    CHECK(scaled.rope.theta == 700);
    CHECK(scaled.local_rope.scaling == RopeScaling::Default);
    CHECK(scaled.local_rope.theta == 10000);
    const json older = {{"type", "linear"},
                        {"factor", 4.0}};  // does not overrule the plain kind that the default names
    CHECK(read("gemma3", {{"rope_scaling", older}}).rope.scaling == RopeScaling::Default);
    CHECK(read("llama", {{"rope_scaling", older}}).rope.scaling == RopeScaling::Linear);
    const Architecture modern = read("modernbert", {{"rope_scaling", kLinear}});
    CHECK(modern.rope.factor == 4);
    CHECK(modern.local_rope.factor == 4);
    CHECK(modern.rope.theta == 160000);
    CHECK(modern.local_rope.theta == 10000);
    // Flat settings under the newer key say nothing to them; parts say nothing to the others.
    CHECK(read("gemma3", {{"rope_parameters", kLinear}}).rope.scaling == RopeScaling::Default);
    refuse("gemma3", {{"rope_parameters", kPlain}, {"rope_scaling", kLinear}}, "rope_scaling");
    refuse("qwen2", {{"rope_parameters", parts}}, "layer type");
}

TEST_CASE("config precedence: gpt-oss has a scaling of its own where the config names none") {
    const Architecture usual = read("gpt_oss", {{"rope_theta", 10000.0}, {"rope_scaling", nullptr}});
    CHECK(usual.rope.scaling == RopeScaling::Yarn);
    CHECK(usual.rope.factor == 32);
    CHECK(usual.rope.original_max_positions == 4096);
    CHECK(usual.rope.theta == 10000);
    CHECK_FALSE(usual.rope.truncates_ramp);
    CHECK(read("gpt_oss", {{"rope_parameters", json::object()}}).rope.scaling == RopeScaling::Default);
}

TEST_CASE("config precedence: of two names for a size the general one counts where the class maps it") {
    CHECK(read("gpt2", {{"n_embd", 64}, {"hidden_size", 32}}).hidden_size == 32);
    CHECK(read("gpt2", {{"n_head", 4}, {"num_attention_heads", 2}}).num_heads == 2);
    CHECK(read("gpt2", {{"n_positions", 64}, {"max_position_embeddings", 32}}).max_positions == 32);
    CHECK(read("gptj", {{"n_layer", 2}, {"num_hidden_layers", 1}}).num_layers == 1);
    CHECK(read("bloom", {{"n_layer", 2}, {"num_hidden_layers", 1}}).num_layers == 1);
    CHECK(read("bloom", {{"n_embed", 32}, {"hidden_size", 64}}).hidden_size == 32);
    CHECK(read("gpt_neo", {{"num_heads", 4}, {"num_attention_heads", 2}}).num_heads == 2);
    CHECK(read("mpt", {{"d_model", 64}, {"hidden_size", 32}}).hidden_size == 32);
    CHECK(read("bart", {{"encoder_layers", 2}, {"num_hidden_layers", 1}}).num_layers == 1);
    CHECK(read("t5", {{"d_kv", 8}, {"head_dim", 4}}).head_dim == 4);
    // The decoder of a T5 is as deep as num_layers, not as the name that stands for it.
    const Architecture t5 = read("t5", {{"num_layers", 2}, {"num_hidden_layers", 1}});
    CHECK(t5.num_layers == 1);
    CHECK(t5.decoder->num_layers == 2);
    CHECK(read("distilbert", {{"hidden_dim", 16}, {"intermediate_size", 32}}).intermediate_size == 16);
    CHECK(read("distilbert", {{"activation", "relu"}, {"hidden_act", "gelu"}}).activation ==
          Activation::Relu);
    CHECK(read("bert", {{"hidden_act", "relu"}, {"activation", "gelu"}}).activation == Activation::Relu);
    CHECK(read("qwen3_moe", {{"num_experts", 8}, {"num_local_experts", 4}}).moe.num_experts == 4);
    CHECK(read("qwen2_moe", {{"num_experts", 8}, {"num_local_experts", 4}}).moe.num_experts == 8);
    CHECK(read("mixtral", {{"num_experts", 8}, {"num_local_experts", 4}}).moe.num_experts == 8);
    const json kinds = {{{"global", "local"}, 2}};
    CHECK(read("gpt_neo",
               {{"attention_types", kinds}, {"attention_layers", {"local", "local", "global", "global"}}})
              .window == std::vector<int>{256, 256, 0, 0});
}

TEST_CASE("config precedence: Falcon's switches are off where they are null") {
    const Architecture plain = read("falcon", {});
    CHECK(plain.is_parallel);
    CHECK(plain.num_kv_heads == 1);
    const Architecture off = read("falcon", {{"parallel_attn", nullptr}, {"multi_query", nullptr}});
    CHECK_FALSE(off.is_parallel);
    CHECK(off.num_kv_heads == off.num_heads);
}

TEST_CASE("config precedence: keys that all classes obey and we do not are refused") {
    for (const char* family : {"llama", "gpt2", "t5"}) {
        refuse(family, {{"is_causal", false}}, "is_causal");
        refuse(family, {{"per_layer_config", {{"0", {{"head_dim", 4}}}}}}, "per_layer_config");
    }
    CHECK(read("llama", {{"is_causal", true}}).is_causal);
    CHECK_FALSE(read("bert", {{"is_causal", false}}).is_causal);
}

TEST_CASE("config precedence: exact sums over slices leave out the biases of BLOOM's output projections") {
    const Architecture sliced = read("bloom", {{"pretraining_tp", 2}, {"slow_but_exact", true}});
    CHECK_FALSE(sliced.has_output_bias);
    CHECK_FALSE(sliced.has_down_bias);
    CHECK(sliced.has_mlp_bias);
    for (const json& whole :
         {json{{"pretraining_tp", 1}, {"slow_but_exact", true}}, json{{"pretraining_tp", 4}}}) {
        CHECK(read("bloom", whole).has_output_bias);
        CHECK(read("bloom", whole).has_down_bias);
    }
}
