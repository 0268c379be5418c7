// What configs of decoder families mean where they say little, and what is refused with its key.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "family/family.h"

using namespace headlight;

namespace {

/// The family's own random config with some keys changed.
Result<Architecture> read_with(const char* family, const nlohmann::json& changes) {
    RandomModelRequest request;
    request.hidden_size = 64;
    nlohmann::json config = family_by_id(family)->random_config(request);
    if (changes.is_object()) config.update(changes);
    return read_architecture(*family_by_id(family), config, "config.json");
}

Architecture read(const char* family, const nlohmann::json& changes) {
    auto arch = read_with(family, changes);
    REQUIRE_MESSAGE(arch.has_value(), (arch ? "" : arch.error().to_string()));
    return *arch;
}

void refuse(const char* family, const nlohmann::json& changes, ErrorKind kind, const std::string& word) {
    const auto arch = read_with(family, changes);
    REQUIRE_MESSAGE(!arch.has_value(), word);
    CHECK(arch.error().kind == kind);
    CHECK_MESSAGE(arch.error().message.find(word) != std::string::npos, arch.error().message);
}

}  // namespace

TEST_CASE("decoder configs: a window that is null is none, one that is not said is the family's own") {
    CHECK(read("mistral", {{"sliding_window", nullptr}}).window.empty());
    CHECK(read("mistral", {{"sliding_window", 7}}).window == std::vector<int>(4, 7));
    nlohmann::json config = family_by_id("mistral")->random_config({});
    config.erase("sliding_window");
    CHECK(read_architecture(*family_by_id("mistral"), config, {})->window == std::vector<int>(4, 4096));
    CHECK(read("qwen2", {{"sliding_window", 8}, {"max_window_layers", 1}}).window.empty());
    CHECK(read("qwen2", {{"sliding_window", 8}, {"max_window_layers", 1}, {"use_sliding_window", true}})
              .window == std::vector<int>{0, 8, 8, 8});
    CHECK(read("gemma2", {}).window == std::vector<int>{4096, 0, 4096, 0});
    CHECK(read("gpt_neo", {{"attention_types", {{{"global", "local"}, 2}}},
                           {"attention_layers", nullptr},
                           {"window_size", 9}})
              .window == std::vector<int>{0, 9, 0, 9});
}

TEST_CASE("decoder configs: soft-caps, heads and rotations that are not said are the family's own") {
    CHECK(read("gemma2", {}).attention_softcap == 50);
    CHECK(read("gemma2", {{"attn_logit_softcapping", nullptr}}).attention_softcap == 0);
    CHECK(read("gemma2", {{"final_logit_softcapping", 4.5}}).logit_softcap == 4.5);
    CHECK(read("gemma", {{"hidden_act", "gelu"}}).activation == Activation::GeluTanh);
    CHECK(read("qwen3", {{"head_dim", nullptr}}).head_dim == 128);
    const Architecture gpt_oss = read("gpt_oss", {});
    CHECK(gpt_oss.rope.scaling == RopeScaling::Yarn);
    CHECK(gpt_oss.rope.theta == 150000);
    CHECK_FALSE(gpt_oss.rope.truncates_ramp);
    CHECK(read("smollm3", {}).rope_use ==
          std::vector<RopeUse>{RopeUse::Main, RopeUse::Main, RopeUse::Main, RopeUse::None});
    CHECK(read("granite", {}).scale_of(0) == 1.0f);
}

TEST_CASE("decoder configs: what later families mean where they say little") {
    const Architecture olmo3 = read("olmo3", {{"rope_scaling", {{"rope_type", "linear"}, {"factor", 2.0}}}});
    CHECK(olmo3.window == std::vector<int>{4096, 4096, 4096, 0});
    CHECK(olmo3.rope_settings(3).scaling == RopeScaling::Linear);
    CHECK(olmo3.rope_settings(0).scaling == RopeScaling::Default);
    CHECK(olmo3.rope_settings(0).theta == 500000);
    const Architecture exaone = read("exaone4", {{"sliding_window", 8}});
    CHECK(exaone.rope_use ==
          std::vector<RopeUse>{RopeUse::Main, RopeUse::Main, RopeUse::Main, RopeUse::None});
    CHECK(read("exaone4", {{"sliding_window", nullptr}}).rope_use.empty());
    CHECK(read("seed_oss", {}).has_qkv_bias);
    CHECK_FALSE(read("seed_oss", {}).has_output_bias);
    CHECK(read("apertus", {}).activation == Activation::Xielu);
    CHECK(read("apertus", {}).rope.scaling == RopeScaling::Llama3);
    CHECK(read("ministral3", {}).rope.query_growth == 0.1);
    CHECK(read("nemotron", {}).activation == Activation::ReluSquared);
    const Architecture hunyuan = read(
        "hunyuan_v1_dense", {{"rope_scaling", {{"type", "dynamic"}, {"factor", 1.0}, {"alpha", 1000.0}}}});
    CHECK(hunyuan.rope.scaling == RopeScaling::Default);
    CHECK(hunyuan.rope.theta > 1e7);  // heads of 16: 10000 times 1000^(16 / 14)
    CHECK(read("openai_gpt", {{"n_inner", 7}}).intermediate_size == 256);
    CHECK(read("biogpt", {{"layer_norm_eps", 1e-12}}).norm_eps == 1e-5);
}

TEST_CASE("decoder configs: the text part of a multimodal Gemma leaves most sizes out") {
    const nlohmann::json config = {{"model_type", "gemma3"},
                                   {"text_config",
                                    {{"hidden_size", 2560},
                                     {"intermediate_size", 10240},
                                     {"num_hidden_layers", 7},
                                     {"rope_scaling", {{"factor", 8.0}, {"rope_type", "linear"}}},
                                     {"sliding_window", 1024}}}};
    const auto arch = read_architecture(*find_family(config, {}).value(), config, {});
    REQUIRE(arch.has_value());
    CHECK(arch->num_heads == 8);
    CHECK(arch->num_kv_heads == 4);
    CHECK(arch->head_dim == 256);
    CHECK(arch->vocab_size == 262208);
    CHECK(arch->window == std::vector<int>{1024, 1024, 1024, 1024, 1024, 0, 1024});
    CHECK(arch->rope_of(5) == RopeUse::Main);
    CHECK(arch->rope.theta == 1e6);
    CHECK(arch->rope.factor == 8);
    CHECK(arch->local_rope.theta == 1e4);
    CHECK(arch->local_rope.scaling == RopeScaling::Default);
}

TEST_CASE("decoder configs: what the reference does and we do not is refused by its key") {
    const ErrorKind unsupported = ErrorKind::Unsupported, corrupt = ErrorKind::Corrupt;
    refuse("gemma", {{"use_bidirectional_attention", true}}, unsupported, "use_bidirectional_attention");
    refuse("gpt_bigcode", {{"add_cross_attention", true}}, unsupported, "add_cross_attention");
    refuse("falcon", {{"new_decoder_architecture", true}, {"parallel_attn", false}}, unsupported,
           "parallel_attn");
    refuse("falcon", {{"num_ln_in_parallel_attn", 2}}, unsupported, "num_ln_in_parallel_attn");
    refuse("codegen", {{"n_head", 2}}, corrupt, "n_head");
    refuse("gptj", {{"rotary_dim", 18}}, corrupt, "rotary_dim");
    refuse("mpt", {{"attn_config", {{"prefix_lm", true}}}}, unsupported, "prefix_lm");
    refuse("mpt", {{"attn_config", {{"qk_ln", true}}}}, unsupported, "qk_ln");
    refuse("mpt", {{"attn_config", {{"attn_type", "multiquery_attention"}}}}, unsupported, "attn_type");
    refuse("gpt_neo", {{"attention_types", {{{"global"}, 3}}}, {"attention_layers", nullptr}}, corrupt,
           "attention_types");
    refuse("gpt_neo", {{"attention_types", {{{"striped"}, 4}}}, {"attention_layers", nullptr}}, unsupported,
           "striped");
    refuse("gpt_neo", {{"attention_types", 5}, {"attention_layers", nullptr}}, corrupt, "attention_types");
    refuse("phi3", {{"rope_scaling", {{"type", "linear"}, {"factor", 2.0}}}}, unsupported, "longrope");
    refuse("llama", {{"hidden_act", "xielu"}}, unsupported, "xielu");
    refuse("ctrl", {{"layer_norm_epsilon", 1e-5}}, unsupported, "layer_norm_epsilon");
    refuse("xglm", {{"pad_token_id", 3}}, unsupported, "pad_token_id");
    refuse("xglm", {{"add_cross_attention", true}}, unsupported, "add_cross_attention");
    refuse("openai_gpt", {{"afn", "gelu_new"}}, unsupported, "afn");
    refuse("internlm3", {{"qkv_bias", true}, {"bias", false}}, unsupported, "qkv_bias");
    refuse("iquestcoder", {{"clip_qkv", 1.0}}, unsupported, "clip_qkv");
    refuse("smollm3", {{"no_rope_layers", {1, 0}}}, corrupt, "no_rope_layers");
    refuse("qwen2_moe", {{"mlp_only_layers", {"all"}}}, corrupt, "mlp_only_layers");
    refuse("gpt_oss", {{"swiglu_alpha", 1.5}}, unsupported, "swiglu_alpha");
    refuse("gpt_oss", {{"quantization_config", {{"quant_method", "awq"}}}}, unsupported, "awq");
    refuse("mixtral", {{"num_experts_per_tok", 9}}, corrupt, "experts");
    refuse("qwen2",
           {{"layer_types", {"full_attention", "sliding_attention", "full_attention", "full_attention"}}},
           ErrorKind::Missing, "sliding_window");
}
