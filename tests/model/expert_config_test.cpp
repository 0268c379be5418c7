// What configs of families with experts, latent attention or eyes mean, and what is refused with its key.
#include <doctest/doctest.h>
#include <algorithm>

#include <nlohmann/json.hpp>

#include "family/family.h"
#include "family/text_part.h"

using namespace headlight;
using nlohmann::json;

namespace {

Result<Architecture> read_as(const json& config) {
    const auto family = find_family(config, "config.json");
    if (!family) return fail(family.error());
    return read_architecture(**family, config, "config.json");
}

json config_of(const char* family, const json& changes) {
    RandomModelRequest request;
    request.hidden_size = 64;
    json config = family_by_id(family)->random_config(request);
    if (changes.is_object()) config.update(changes);
    return config;
}

Architecture read(const json& config) {
    auto arch = read_as(config);
    REQUIRE_MESSAGE(arch.has_value(), (arch ? "" : arch.error().to_string()));
    return *arch;
}

void refuse(const json& config, ErrorKind kind, const std::string& word) {
    const auto arch = read_as(config);
    REQUIRE_MESSAGE(!arch.has_value(), word);
    CHECK(arch.error().kind == kind);
    CHECK_MESSAGE(arch.error().message.find(word) != std::string::npos, arch.error().message);
}

std::string id_of(const json& config) {
    const auto family = find_family(config, "config.json");
    REQUIRE_MESSAGE(family.has_value(), (family ? "" : family.error().to_string()));
    return (*family)->id;
}

}  // namespace

TEST_CASE("latent attention: keys are as wide as both their parts, scores are widened by mscale_all_dim") {
    const json sizes = {{"qk_nope_head_dim", 12}, {"qk_rope_head_dim", 4}, {"v_head_dim", 10}};
    Architecture arch = read(config_of("deepseek_v3", sizes));
    CHECK(arch.head_dim == 16);
    CHECK(arch.rope.rotary_dim == 4);
    CHECK(arch.own_key_dim() == 12);
    CHECK(arch.latent.value_dim == 10);
    CHECK(arch.scale_of(0) == doctest::Approx(0.25));
    json config = config_of("deepseek_v3", sizes);
    config["rope_scaling"] = {{"type", "yarn"}, {"factor", 40.0}, {"mscale", 1.0}, {"mscale_all_dim", 1.0}};
    arch = read(config);
    const double widening = 0.1 * std::log(40.0) + 1.0;
    CHECK(arch.scale_of(0) == doctest::Approx(0.25 * widening * widening));
    CHECK(arch.rope.attention_factor == doctest::Approx(1.0));
    config["q_lora_rank"] = nullptr;
    CHECK(read(config).latent.query_rank == 0);
    refuse(config_of("deepseek_v3", {{"v_head_dim", 500}}), ErrorKind::Unsupported, "v_head_dim");
    refuse(config_of("deepseek_v3", {{"num_key_value_heads", 1}}), ErrorKind::Unsupported,
           "num_key_value_heads");
}

TEST_CASE("routers: groups that cannot hold what a token takes are refused") {
    const Architecture arch = read(config_of("deepseek_v3", {{"n_shared_experts", 2}}));
    CHECK(arch.moe.shared_expert_size == 2 * arch.moe.expert_size);
    CHECK_FALSE(arch.is_sparse(0));
    CHECK(arch.is_sparse(1));
    refuse(config_of("deepseek_v3", {{"n_group", 3}}), ErrorKind::Corrupt, "n_group");
    refuse(config_of("deepseek_v3", {{"num_experts_per_tok", 3}}), ErrorKind::Unsupported,
           "num_experts_per_tok");
    refuse(config_of("deepseek_v2", {{"topk_method", "noaux_tc"}}), ErrorKind::Unsupported, "noaux_tc");
    refuse(config_of("hunyuan_v1_moe", {{"moe_topk", {1, 2, 1, 1}}}), ErrorKind::Unsupported, "moe_topk");
}

TEST_CASE("Llama 4: layers that rotate see their chunk, the others all") {
    const Architecture arch = read(config_of(
        "llama4", {{"num_hidden_layers", 4}, {"no_rope_layer_interval", 4}, {"attention_chunk_size", 6}}));
    CHECK(arch.window == std::vector<int>{-6, -6, -6, 0});
    CHECK(arch.norms_heads(0));
    CHECK_FALSE(arch.norms_heads(3));
    json config = config_of("llama4", {{"attention_chunk_size", nullptr}});
    CHECK(read(config).window == std::vector<int>{0, 0, 0, 0});
    config["layer_types"] = {"chunked_attention", "full_attention", "full_attention", "full_attention"};
    refuse(config, ErrorKind::Missing, "attention_chunk_size");
}

TEST_CASE("LFM2: layers of convolutions are absent") {
    const Architecture arch =
        read(config_of("lfm2", {{"layer_types", {"conv", "full_attention", "conv", "conv"}}}));
    CHECK(arch.absent_layers() == std::vector<int>{0, 2, 3});
    CHECK(read(config_of("lfm2", {{"full_attn_idxs", {1}}})).absent_layers() == std::vector<int>{0, 2, 3});
    CHECK(read(config_of("lfm2", {})).absent_layers().empty());
}

TEST_CASE("models that also see: the language model is the text_config's, its head the whole's") {
    json config = {{"model_type", "llava"},
                   {"text_config",
                    {{"vocab_size", 100},
                     {"hidden_size", 64},
                     {"num_attention_heads", 4},
                     {"num_key_value_heads", 4},
                     {"num_hidden_layers", 2}}}};
    CHECK(id_of(config) == "llama");
    Architecture arch = read(config);
    CHECK(arch.num_layers == 2);
    CHECK(arch.intermediate_size == 11008);  // of the class, as nobody says it
    CHECK_FALSE(arch.is_head_tied);
    config["tie_word_embeddings"] = true;
    CHECK(read(config).is_head_tied);
    config["text_config"]["model_type"] = "qwen2";
    CHECK(id_of(config) == "qwen2");
    config["text_config"]["model_type"] = "rwkv";
    refuse(config, ErrorKind::Unsupported, "llava");
    config["text_config"].erase("model_type");
    config["text_config"]["hidden_size"] = -1;
    refuse(config, ErrorKind::Corrupt, "text_config.hidden_size");
}

TEST_CASE(
    "models that also see: Qwen2-VL keeps its keys inside or outside, and mrope is the plain rotation") {
    json config = config_of("qwen2", {{"model_type", "qwen2_vl"}});
    config["rope_scaling"] = {{"type", "mrope"}, {"mrope_section", {2, 3, 3}}};
    CHECK(id_of(config) == "qwen2");
    CHECK(read(config).rope.scaling == RopeScaling::Default);
    CHECK(read(config).rope.theta == 1e6);
    const json outside = config;
    config["model_type"] = "qwen2_vl_text";
    const json nested = {{"model_type", "qwen2_vl"}, {"text_config", config}};
    CHECK(read(nested).head_dim == read(outside).head_dim);
    CHECK_FALSE(find_text_part(config_of("qwen2", {})).has_value());
}

TEST_CASE("models that also see: Qwen2-VL's windows count, Qwen3-VL has none whatever its config says") {
    json text = config_of("qwen3", {{"model_type", "qwen3_vl_text"}});
    text.update({{"use_sliding_window", true}, {"sliding_window", 5}, {"max_window_layers", 1}});
    const auto has_window = [](const Architecture& arch) {
        return std::any_of(arch.window.begin(), arch.window.end(), [](int window) { return window != 0; });
    };
    CHECK_FALSE(has_window(read({{"model_type", "qwen3_vl"}, {"text_config", text}})));
    text["model_type"] = "qwen2_vl_text";
    CHECK(has_window(read({{"model_type", "qwen2_vl"}, {"text_config", text}})));
}
