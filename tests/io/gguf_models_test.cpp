// GGUF: a tiny model of every architecture, converted as the format's converters do, against the checkpoint
// that the reference library saved of it.
#include <algorithm>

#include "io/checkpoint/tensor_values.h"
#include "io/gguf/gguf_architectures.h"
#include "io/io_files.h"

using namespace headlight;
using test::own_fixture;

namespace {

CheckpointPtr open_model(const std::string& family) {
    const auto opened = open_checkpoint(own_fixture("gguf/model_" + family + ".gguf"));
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    return *opened;
}

const char* const kFamilies[] = {
    "qwen2",       "qwen3",           "mixtral",  "qwen2_moe", "gemma",   "gemma2",
    "gemma3_text", "gpt_neox",        "bloom",    "falcon",    "mpt",     "phi",
    "phi3",        "stablelm",        "olmo",     "olmo2",     "granite", "cohere",
    "gpt_bigcode", "starcoder2",      "gptj",     "bert",      "t5",      "olmo3",
    "exaone4",     "exaone",          "nemotron", "arcee",     "smollm3", "ernie4_5",
    "seed_oss",    "hunyuan_v1_dense"};

}  // namespace

TEST_CASE("gguf models: names, shapes and numbers are those of the checkpoint") {
    for (const char* family : kFamilies) {
        INFO(family);
        const auto gguf = open_model(family);
        const auto saved =
            open_checkpoint(own_fixture(std::string("gguf/expected/model_") + family + ".safetensors"))
                .value();
        CHECK(gguf->config["model_type"] == family);
        for (const TensorInfo& tensor : saved->tensors) {
            INFO(tensor.name);
            const TensorInfo* found = gguf->find(tensor.name);
            REQUIRE(found != nullptr);
            CHECK(found->shape == tensor.shape);
            CHECK(tensor_as_floats(*gguf, *found).value() == tensor_as_floats(*saved, tensor).value());
        }
        for (const TensorInfo& tensor : gguf->tensors)
            CHECK_MESSAGE(saved->find(tensor.name) != nullptr, tensor.name);
    }
}

TEST_CASE("gguf models: settings that are no plain copy") {
    CHECK(open_model("qwen2")->config["tie_word_embeddings"] == true);
    CHECK(open_model("qwen3")->config["tie_word_embeddings"] == false);
    const auto qwen3 = open_model("qwen3");
    CHECK(qwen3->config["head_dim"] == 8);
    CHECK(qwen3->config["num_key_value_heads"] == 2);
    CHECK(open_model("mixtral")->config["num_local_experts"] == 3);
    CHECK(open_model("mixtral")->config["num_experts_per_tok"] == 2);
    CHECK(open_model("qwen2_moe")->config["norm_topk_prob"] == false);
    const auto gemma2 = open_model("gemma2");
    CHECK(gemma2->config["query_pre_attn_scalar"] == 8);
    CHECK(gemma2->config["attn_logit_softcapping"] == 50.0);
    CHECK(gemma2->config["sliding_window"] == 8);
    const auto gemma3 = open_model("gemma3_text");
    CHECK(gemma3->config["layer_types"] == nlohmann::json({"sliding_attention"}));
    CHECK(gemma3->config["rope_parameters"]["sliding_attention"]["rope_theta"] == 10000.0);
    CHECK(open_model("gpt_neox")->config["rope_parameters"]["partial_rotary_factor"] == 0.25);
    const auto falcon = open_model("falcon");
    CHECK(falcon->config["new_decoder_architecture"] == true);
    CHECK(falcon->config["num_ln_in_parallel_attn"] == 2);
    CHECK(falcon->config["num_kv_heads"] == 2);
    CHECK(open_model("mpt")->config["attn_config"]["alibi"] == true);
    const auto phi3 = open_model("phi3");
    CHECK(phi3->config["rope_parameters"]["rope_type"] == "longrope");
    CHECK(phi3->config["rope_parameters"]["long_factor"] == nlohmann::json({1.5, 2.5}));
    CHECK(phi3->config["original_max_position_embeddings"] == 16);
    CHECK(open_model("olmo")->config["clip_qkv"] == 2.5);
    const auto granite = open_model("granite");
    CHECK(granite->config["attention_multiplier"] == 0.5);
    CHECK(granite->config["embedding_multiplier"] == 3.0);
    CHECK(granite->config["residual_multiplier"] == 0.25);
    CHECK(granite->config["logits_scaling"] == 4.0);
    CHECK(open_model("cohere")->config["logit_scale"] == 0.5);
    CHECK(open_model("gptj")->config["rotary_dim"] == 4);
    CHECK(open_model("bert")->config["type_vocab_size"] == 2);
    const auto olmo3 = open_model("olmo3");
    CHECK(olmo3->config["sliding_window"] == 8);
    CHECK(olmo3->config["layer_types"] == nlohmann::json({"sliding_attention"}));
    CHECK(olmo3->config["rope_parameters"]["sliding_attention"]["rope_theta"] == 500000.0);
    CHECK(open_model("olmo2")->config["model_type"] == "olmo2");
    CHECK(open_model("exaone4")->config["layer_types"] == nlohmann::json({"sliding_attention"}));
    CHECK(open_model("nemotron")->config["rope_parameters"]["partial_rotary_factor"] == 0.5);
    CHECK(open_model("nemotron")->config["hidden_act"] == "relu2");
    CHECK(open_model("smollm3")->config["no_rope_layer_interval"] == 4);
    CHECK(open_model("seed_oss")->config["attention_bias"] == true);
    CHECK(open_model("seed_oss")->config["attention_out_bias"] == false);
    const auto t5 = open_model("t5");
    CHECK(t5->config["is_gated_act"] == true);
    CHECK(t5->config["relative_attention_num_buckets"] == 8);
    CHECK(t5->config["num_decoder_layers"] == 1);
}

TEST_CASE("gguf models: frequencies scaled by a tensor") {
    const auto llama = open_checkpoint(own_fixture("gguf/rope_factors.gguf")).value();
    CHECK(llama->config["rope_parameters"]["rope_type"] == "factors");
    CHECK(llama->config["rope_parameters"]["rope_theta"] == 500000.0);
    CHECK(llama->config["rope_parameters"]["factors"] == nlohmann::json({1.0, 1.0, 2.5, 8.0}));
    CHECK(llama->tensors.empty());
}

TEST_CASE("gguf models: cuts and changed bytes are errors or harmless") {
    const std::string folder = test::fresh_dir("gguf_models_cut");
    for (const char* family : {"falcon", "mixtral", "phi3", "t5"}) {
        const std::string bytes =
            test::read_bytes(own_fixture(std::string("gguf/model_") + family + ".gguf"));
        const std::string path = folder + "/model.gguf";
        for (std::size_t at = 0; at < 3000 && at < bytes.size(); at += 7) {
            std::string changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ 0xff);
            test::write_bytes(path, changed);
            const auto opened = open_checkpoint(path);
            if (!opened) continue;
            for (const TensorInfo& tensor : (*opened)->tensors)
                (void)tensor_as_floats(**opened, tensor);
        }
        test::write_bytes(path, std::string_view(bytes).substr(0, bytes.size() / 2));
        CHECK(!open_checkpoint(path));
    }
}
