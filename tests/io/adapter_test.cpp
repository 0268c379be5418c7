// PEFT adapters over their base: where the base is looked for, what is refused by name, what names mean. The
// merged numbers are held against PEFT in tests/model/adapter_reference_test.cpp.
#include "io/checkpoint/adapter/adapter_config.h"
#include "io/checkpoint/adapter/adapter_names.h"
#include "io/checkpoint/adapter/open_adapter.h"
#include "io/checkpoint/model_path.h"
#include "io/checkpoint/tensor_values.h"
#include "io/identify_path.h"
#include "io/io_files.h"

using namespace headlight;
using test::own_fixture;
namespace fs = std::filesystem;

namespace {

/// An adapter's folder with other settings.
std::string adapter_with(const std::string& name, const std::string& settings) {
    const std::string folder = test::fresh_dir("adapter_" + name) + "/adapter";
    fs::create_directories(folder);
    fs::copy_file(own_fixture("adapters/llama_lora/adapter_model.safetensors"),
                  folder + "/adapter_model.safetensors");
    test::write_bytes(folder + "/adapter_config.json", settings);
    return folder;
}

std::string lora(const std::string& more) {
    return R"({"peft_type": "LORA", "r": 3, "lora_alpha": 7, "base_model_name_or_path": "some-org/base-model")" +
           (more.empty() ? "" : ", " + more) + "}";
}

Error refused(const std::string& name, const std::string& settings, const AdapterChoice& choice = {}) {
    const auto opened = open_checkpoint(adapter_with(name, settings), {}, choice);
    REQUIRE(!opened);
    return opened.error();
}

const AdapterChoice kLlama{own_fixture("adapters/bases/llama")};

}  // namespace

TEST_CASE("adapter: its base is found from its folder, and a base can be given") {
    const std::string path = own_fixture("adapters/llama_lora");
    CHECK(is_adapter(path));
    CHECK(holds_model(path));
    CHECK(resolve_model_path(path + "/adapter_config.json").value() == path);
    CHECK(resolve_model_path(path + "/adapter_model.safetensors").value() == path);
    const auto opened = open_checkpoint(path);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    CHECK(fs::equivalent((*opened)->base_path, own_fixture("adapters/bases/llama")));
    CHECK((*opened)->path == path);
    const auto base = open_checkpoint(kLlama.base).value();
    CHECK((*opened)->config == base->config);
    // Norms stay as they are mapped, matrices of layers are merged.
    const char* const norm = "model.norm.weight";
    CHECK((*opened)->bytes(*(*opened)->find(norm)).size() == base->bytes(*base->find(norm)).size());
    CHECK_FALSE((*opened)->find(norm)->copy);
    CHECK((*opened)->find("model.layers.0.mlp.up_proj.weight")->copy);
    // A folder of the base's last name beside the adapter's.
    const std::string beside = adapter_with("beside", lora(""));
    CHECK(!open_checkpoint(beside));
    fs::copy(kLlama.base, fs::path(beside).parent_path() / "base-model");
    CHECK(open_checkpoint(beside).value()->base_path == fs::path(beside).parent_path() / "base-model");
}

TEST_CASE("adapter: the base alone, and a base for what is no adapter") {
    const std::string path = own_fixture("adapters/llama_lora"),
                      name = "model.layers.0.self_attn.q_proj.weight";
    const auto shown = open_checkpoint(path, {}, {.shows_base = true}).value();
    const auto base = open_checkpoint(kLlama.base).value(), adapted = open_checkpoint(path).value();
    CHECK(shown->path == path);
    const auto values = [&](const CheckpointPtr& file) {
        return tensor_as_floats(*file, *file->find(name)).value();
    };
    CHECK(values(shown) == values(base));
    CHECK(values(adapted) != values(base));
    const auto none = open_checkpoint(kLlama.base, {}, kLlama);
    REQUIRE(!none);
    CHECK(none.error().kind == ErrorKind::InvalidInput);
    const auto chain = open_checkpoint(path, {}, {.base = own_fixture("adapters/llama_dora")});
    REQUIRE(!chain);
    CHECK(chain.error().message.find("adapter itself") != std::string::npos);
    const auto stranger = open_checkpoint(path, {}, {.base = own_fixture("adapters/bases/gpt2")});
    REQUIRE(!stranger);
    CHECK(stranger.error().kind == ErrorKind::Corrupt);
}

TEST_CASE("adapter: a base that is not at hand is named with what to run") {
    const Error absent = refused("absent", lora(""));
    CHECK(absent.kind == ErrorKind::Missing);
    for (const char* part :
         {"LoRA adapter", "some-org/base-model", "hf download some-org/base-model", "--base"})
        CHECK(absent.message.find(part) != std::string::npos);
    CHECK(refused("nameless", R"({"peft_type": "LORA"})").message.find("--base") != std::string::npos);
    // Its own folder is no base.
    CHECK(refused("own", R"({"peft_type": "LORA", "base_model_name_or_path": "."})").kind ==
          ErrorKind::Missing);
}

TEST_CASE("adapter: what is not merged is refused by its key") {
    for (const char* key :
         {R"("use_qalora": true)", R"("layer_replication": [[0, 1], [0, 1]])",
          R"("target_parameters": ["x"])", R"("alora_invocation_tokens": [1])",
          R"("use_bdlora": {"nblocks": 2})", R"("arrow_config": {"top_k": 3})", R"("something_new": 1)",
          R"("init_lora_weights": "pissa_niter_4")", R"("init_lora_weights": "OLoRA")"}) {
        INFO(key);
        const Error error = refused("key", lora(key), kLlama);
        CHECK(error.kind == ErrorKind::Unsupported);
        CHECK(error.tensor == std::string(key).substr(1, error.tensor.size()));
    }
    for (const char* type : {"PREFIX_TUNING", "IA3", "ADALORA", "LOHA"}) {
        const Error error = refused(
            "type", std::string(R"({"peft_type": ")") + type + R"(", "base_model_name_or_path": "gpt2"})");
        CHECK(error.kind == ErrorKind::Unsupported);
        CHECK(error.message.find(type) != std::string::npos);
        CHECK(error.message.find("gpt2") != std::string::npos);
    }
    CHECK(refused("alpha", lora(R"("alpha_pattern": {"q_proj": 1, "self_attn.q_proj": 2})"), kLlama).tensor ==
          "alpha_pattern");
    CHECK(open_checkpoint(
        adapter_with("unused", lora(R"("something_new": false, "other": {}, "init_lora_weights":
        "gaussian")")),
        {}, kLlama));
}

TEST_CASE("adapter: a whole PEFT model's state dict needs the adapter's settings") {
    const std::string folder = test::fresh_dir("adapter_whole");
    const std::string header =
        R"({"base_model.model.m.q.base_layer.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
        R"("base_model.model.m.q.lora_A.default.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[16,24]},)"
        R"("base_model.model.m.q.lora_B.default.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[24,32]},)"
        R"("base_model.model.m.norm.weight":{"dtype":"F32","shape":[1],"data_offsets":[32,36]}})";
    std::string bytes = test::safetensors_bytes(header, 36);
    const float numbers[] = {1, 2, 3, 4, 10, 20, 1, 2, 5};
    std::memcpy(bytes.data() + bytes.size() - sizeof numbers, numbers, sizeof numbers);
    test::write_bytes(folder + "/model.safetensors", bytes);
    test::write_bytes(folder + "/config.json", R"({"model_type": "llama"})");
    const auto alone = open_checkpoint(folder);
    REQUIRE(!alone);
    CHECK(alone.error().message.find("LoRA") != std::string::npos);
    CHECK(alone.error().message.find("adapter_config.json") != std::string::npos);
    test::write_bytes(folder + "/adapter_config.json", R"({"peft_type": "LORA", "lora_alpha": 2})");
    const auto merged = open_checkpoint(folder);
    REQUIRE_MESSAGE(merged, merged.error().to_string());
    REQUIRE((*merged)->tensors.size() == 2);
    CHECK(tensor_as_floats(**merged, *(*merged)->find("m.q.weight")).value() ==
          std::vector<float>{1 + 20, 2 + 40, 3 + 40, 4 + 80});
    CHECK((*merged)->find("m.norm.weight") != nullptr);
}

TEST_CASE("adapter: names of adapter files and of state dicts") {
    const auto is = [](const std::string& name, AdapterPart part, const std::string& module,
                       const std::string& adapter = "") {
        INFO(name);
        const AdapterName found = read_adapter_name(name);
        CHECK(found.part == part);
        CHECK(found.module == module);
        CHECK(found.adapter == adapter);
    };
    is("base_model.model.m.q.lora_A.weight", AdapterPart::LoraA, "m.q");
    is("base_model.model.m.q.lora_B.default.weight", AdapterPart::LoraB, "m.q", "default");
    is("base_model.model.m.q.lora_B.bias", AdapterPart::LoraBBias, "m.q");
    is("base_model.model.e.lora_embedding_A", AdapterPart::EmbeddingA, "e");
    is("base_model.model.e.lora_embedding_B.fr", AdapterPart::EmbeddingB, "e", "fr");
    is("m.q.lora_magnitude_vector", AdapterPart::Magnitude, "m.q");
    is("base_model.model.m.q.base_layer.bias", AdapterPart::Plain, "m.q.bias");
    is("base_model.model.score.modules_to_save.default.dense.weight", AdapterPart::Plain,
       "score.dense.weight", "default");
    is("base_model.model.score.modules_to_save.weight", AdapterPart::Plain, "score.weight");
    is("base_model.model.score.original_module.weight", AdapterPart::Superseded, "score");
    is("base_model.model.e.token_adapter.trainable_tokens_delta", AdapterPart::TokenRows, "e");
    is("base_model.model.e.token_adapter.base_layer.weight", AdapterPart::Plain, "e.weight");
    is("base_model.model.m.q.lora_A.bias", AdapterPart::Unknown, "m.q");
    is("base_model.model.m.q.lora_router.weight", AdapterPart::Unknown, "m.q.lora_router.weight");
}

TEST_CASE("adapter: patterns match the last parts of a module's name") {
    const std::string module = "model.layers.11.self_attn.q_proj";
    for (const char* pattern :
         {"q_proj", "self_attn.q_proj", R"(layers\.\d+\.self_attn\.q_proj)", "layers.1.*",
          "^model.layers.*q_proj", "model.layers.11.self_attn.q_proj", ".*"}) {
        INFO(pattern);
        CHECK(matches_module(pattern, module).value());
    }
    for (const char* pattern :
         {"proj", "k_proj", "self_attn", "^q_proj", R"(layers\.1\.self_attn\.q_proj)", ""}) {
        INFO(pattern);
        CHECK_FALSE(matches_module(pattern, module).value());
    }
    for (const char* pattern : {"(a|b)", "[ab]", "a{2}", R"(\w+)", ".*.*.*.*.*x"})
        CHECK(matches_module(pattern, module).error().kind == ErrorKind::Unsupported);
    AdapterConfig config;
    config.alpha = 8;
    config.alpha_pattern = {{"q_proj", 6}};
    CHECK(config.scaling(module, 2).value() == 3.0);
    CHECK(config.scaling("k_proj", 4).value() == 2.0);
    config.divides_by_root = true;
    CHECK(config.scaling("k_proj", 4).value() == 4.0);
}
