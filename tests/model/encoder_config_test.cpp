// Configs of encoders and encoder-decoders: what is refused, with key and value, and what an absent key
// means.
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "family/family.h"

using namespace headlight;

namespace {

Result<Architecture> read(const char* family, const nlohmann::json& changes) {
    nlohmann::json config = family_by_id(family)->random_config({});
    if (changes.is_object()) config.update(changes, true);
    return read_architecture(*family_by_id(family), config, "config.json");
}

void check_refused(const char* family, const char* key, const nlohmann::json& value, ErrorKind kind) {
    INFO(family << " " << key);
    const auto arch = read(family, {{key, value}});
    REQUIRE_FALSE(arch.has_value());
    CHECK(arch.error().kind == kind);
    CHECK_MESSAGE(arch.error().message.find(key) != std::string::npos, arch.error().message);
}

Architecture of(const char* family, const nlohmann::json& changes) {
    auto arch = read(family, changes);
    REQUIRE_MESSAGE(arch.has_value(), (arch ? "" : arch.error().message));
    return std::move(*arch);
}

}  // namespace

TEST_CASE("encoder configs: what the reference computes and we would not is refused by key") {
    for (const char* family : {"bert", "roberta", "xlm_roberta", "electra", "albert"}) {
        check_refused(family, "is_decoder", true, ErrorKind::Unsupported);
        check_refused(family, "add_cross_attention", true, ErrorKind::Unsupported);
        check_refused(family, "position_embedding_type", "relative_key", ErrorKind::Unsupported);
        check_refused(family, "pruned_heads", {{"0", {1}}}, ErrorKind::Unsupported);
    }
    check_refused("mpnet", "relative_attention_num_buckets", 16, ErrorKind::Unsupported);
    check_refused("deberta_v2", "embedding_size", 8, ErrorKind::Unsupported);
    check_refused("deberta_v2", "attention_head_size", 8, ErrorKind::Unsupported);
    check_refused("deberta_v2", "pos_att_type", {"c2p", "p2p"}, ErrorKind::Unsupported);
    check_refused("deberta_v2", "position_buckets", 1, ErrorKind::Unsupported);
    check_refused("deberta_v2", "conv_kernel_size", 4, ErrorKind::Unsupported);
    check_refused("modernbert", "local_attention", 1, ErrorKind::Unsupported);
    check_refused("t5", "is_decoder", true, ErrorKind::Unsupported);
    check_refused("t5", "relative_attention_max_distance", 16, ErrorKind::Unsupported);
    for (const char* family : {"bart", "mbart", "marian", "pegasus"}) {
        check_refused(family, "is_encoder_decoder", false, ErrorKind::Unsupported);
        check_refused(family, "decoder_attention_heads", 3, ErrorKind::Corrupt);
    }
    for (const char* family :
         {"ernie", "megatron_bert", "rembert", "esm", "roformer", "deberta", "nomic_bert"})
        check_refused(family, "is_decoder", true, ErrorKind::Unsupported);
    check_refused("esm", "position_embedding_type", "relative_key", ErrorKind::Unsupported);
    check_refused("esm", "is_folding_model", true, ErrorKind::Unsupported);
    check_refused("esm", "mask_token_id", nullptr, ErrorKind::Missing);
    check_refused("roformer", "rotary_value", true, ErrorKind::Unsupported);
    check_refused("squeezebert", "layer_norm_eps", 1e-5, ErrorKind::Unsupported);
    check_refused("squeezebert", "q_groups", 5, ErrorKind::Corrupt);
    check_refused("mobilebert", "normalization_type", "layer_norm", ErrorKind::Unsupported);
    check_refused("mobilebert", "use_bottleneck_attention", true, ErrorKind::Unsupported);
    check_refused("convbert", "conv_kernel_size", 4, ErrorKind::Unsupported);
    check_refused("longformer", "attention_window", 7, ErrorKind::Corrupt);
    check_refused("longformer", "attention_window", {8, 8}, ErrorKind::Corrupt);
    check_refused("big_bird", "attention_type", "windowed", ErrorKind::Unsupported);
    check_refused("xlnet", "attn_type", "uni", ErrorKind::Unsupported);
    check_refused("xlnet", "bi_data", true, ErrorKind::Unsupported);
    check_refused("longt5", "encoder_attention_type", "transient-global", ErrorKind::Unsupported);
    check_refused("mvp", "use_prompt", true, ErrorKind::Unsupported);
    check_refused("nomic_bert", "rotary_emb_base", 10000, ErrorKind::Unsupported);
    check_refused("nomic_bert", "prenorm", true, ErrorKind::Unsupported);
    check_refused("esmc", "num_key_value_heads", 2, ErrorKind::Unsupported);
    check_refused("roberta", "max_position_embeddings", 2, ErrorKind::Corrupt);
    check_refused("roberta", "hidden_act", "sine", ErrorKind::Unsupported);
}

TEST_CASE("encoder configs: scales of DeBERTa count the parts of a score") {
    const auto scale = [](const nlohmann::json& parts) {
        return of("deberta_v2", {{"pos_att_type", parts}}).scale_of(0);  // heads of 64
    };
    CHECK(scale("p2c|c2p") == doctest::Approx(1 / std::sqrt(64.0 * 3)));
    CHECK(scale({"c2p"}) == doctest::Approx(1 / std::sqrt(64.0 * 2)));
    CHECK(scale(nullptr) == doctest::Approx(1 / std::sqrt(64.0)));
}

TEST_CASE("encoder configs: rotations and windows of ModernBERT in the keys of transformers 4") {
    const Architecture plain = of("modernbert", {});
    CHECK(plain.rope.theta == 160000.0);
    CHECK(plain.local_rope.theta == 10000.0);
    CHECK(plain.window == std::vector<int>{0, 4, 4, 0});
    const Architecture other = of("modernbert", {{"global_rope_theta", 500.0},
                                                 {"local_rope_theta", 50.0},
                                                 {"global_attn_every_n_layers", 2},
                                                 {"local_attention", 7}});
    CHECK(other.rope.theta == 500.0);
    CHECK(other.local_rope.theta == 50.0);
    CHECK(other.window == std::vector<int>{0, 3, 0, 3});
    nlohmann::json config = family_by_id("modernbert")->random_config({});
    config["local_rope_theta"] = nullptr;  // local layers rotate as the global ones
    CHECK(read_architecture(*family_by_id("modernbert"), config, {}).value().local_rope.theta == 160000.0);
}

TEST_CASE("encoder configs: bands to either side, sparse texts, and what masked proteins are scaled by") {
    CHECK(of("longformer", {{"attention_window", {4, 6, 8, 10}}}).window == std::vector<int>{2, 3, 4, 5});
    CHECK(of("led", {{"attention_window", 6}}).window == std::vector<int>(4, 3));
    CHECK(of("led", {}).decoder->window.empty());
    CHECK(of("longt5", {{"local_radius", 3}}).window == std::vector<int>(4, 3));
    CHECK(of("big_bird", {}).full_attention_tokens == 704);
    CHECK(of("big_bird", {{"attention_type", "original_full"}}).full_attention_tokens == 0);
    CHECK(of("esm", {{"token_dropout", false}}).dropout_mask_id == -1);
    CHECK(of("esm", {{"mask_token_id", 32}}).dropout_mask_id == 32);
    CHECK(of("m2m_100", {{"pad_token_id", 1}}).position_offset == 2);
    CHECK(of("m2m_100", {}).embedding_scale == doctest::Approx(16));  // d_model 256
}

TEST_CASE("encoder configs: T5's activations, output scale and first id") {
    const Architecture plain = of("t5", {});
    CHECK_FALSE(plain.is_gated);
    CHECK(plain.activation == Activation::Relu);
    CHECK(plain.decoder_start_id == 0);
    CHECK(plain.decoder->logit_scale == doctest::Approx(1 / 16.0));  // d_model 256
    CHECK(of("t5", {{"tie_word_embeddings", false}}).decoder->logit_scale == 1.0);
    CHECK(of("t5", {{"scale_decoder_outputs", nullptr}}).decoder->logit_scale == 1.0);
    CHECK(of("t5", {{"tie_word_embeddings", true}, {"scale_decoder_outputs", false}}).decoder->logit_scale ==
          1.0);
    CHECK(of("mt5", {}).decoder->logit_scale == 1.0);
    const Architecture gated = of("t5", {{"feed_forward_proj", "gated-gelu"}});
    CHECK(gated.is_gated);
    CHECK(gated.activation == Activation::GeluTanh);
    CHECK(of("t5", {{"feed_forward_proj", "gated-silu"}}).activation == Activation::Silu);
    CHECK(of("mt5", {}).is_gated);
    CHECK(of("t5", {{"pad_token_id", 3}}).decoder_start_id == 3);
    CHECK(of("t5", {{"num_decoder_layers", 7}}).decoder->num_layers == 7);
}

TEST_CASE("encoder configs: the first id of a decoder is never made up") {
    const auto start = [](const char* family) {
        nlohmann::json config = family_by_id(family)->random_config({});
        config.erase("decoder_start_token_id");
        return read_architecture(*family_by_id(family), config, {}).value().decoder_start_id;
    };
    CHECK(start("bart") == 2);
    CHECK(start("mbart") == -1);   // a language, which the config does not say
    CHECK(start("marian") == -1);  // its default is beyond a vocabulary of 512
    CHECK(start("pegasus") == 0);
}
