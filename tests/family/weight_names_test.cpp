// The weights of a model among everything else that a file holds.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "family/names/stored_shape.h"
#include "family/names/weight_names.h"
#include "family/weight_slots.h"

using namespace headlight;

namespace {

using Rename = std::function<std::string(const std::string&)>;

const Family& family_of(const char* id) {
    return *family_by_id(id);
}

nlohmann::json config_of(const char* id, int num_layers = 2) {
    RandomModelRequest request;
    request.hidden_size = 16;
    request.num_heads = 2;
    request.num_layers = num_layers;
    request.vocab_size = 20;
    request.max_positions = 8;
    return family_of(id).random_config(request);
}

std::string first_prefix(const Family& family) {
    const std::string all = family.prefix;
    return all.substr(0, all.find('|'));
}

TensorInfo tensor(const std::string& name, std::vector<std::int64_t> shape = {3}) {
    TensorInfo info;
    info.name = name;
    info.shape = std::move(shape);
    info.copy = std::make_shared<const std::vector<std::byte>>();  // all values alike
    return info;
}

/// Names and shapes of a whole model, as its family's files have them.
std::vector<TensorInfo> weights_of(const char* id, const nlohmann::json& config) {
    const Family& family = family_of(id);
    const Architecture arch = read_architecture(family, config, {}).value();
    const auto slots = slots_by_name(weight_slots(arch));
    std::vector<TensorInfo> out;
    for (const FileWeight& entry : family.file_weights(arch))
        out.push_back(
            tensor((entry.has_prefix ? first_prefix(family) : "") + entry.name, stored_shape(entry, slots)));
    return out;
}

CheckpointPtr checkpoint_of(nlohmann::json config, std::vector<TensorInfo> tensors) {
    auto out = std::make_shared<Checkpoint>();
    out->config = std::move(config);
    out->path = "model";
    out->tensors = std::move(tensors);
    std::sort(out->tensors.begin(), out->tensors.end(),
              [](const TensorInfo& a, const TensorInfo& b) { return a.name < b.name; });
    return out;
}

std::vector<TensorInfo> renamed(std::vector<TensorInfo> tensors, const Rename& rename) {
    for (TensorInfo& one : tensors)
        one.name = rename(one.name);
    return tensors;
}

std::vector<TensorInfo> joined(std::vector<TensorInfo> a, const std::vector<TensorInfo>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

std::vector<std::string> names(const Checkpoint& checkpoint) {
    std::vector<std::string> out;
    for (const TensorInfo& one : checkpoint.tensors)
        out.push_back(one.name);
    return out;
}

Rename with(const std::string& front) {
    return [front](const std::string& name) { return front + name; };
}

/// "a.0.b" -> "a.0.MARK.b"
std::string in_layers(std::string name, const std::string& mark) {
    const std::size_t at = name.find_first_of("0123456789");
    return at == std::string::npos ? name : name.insert(at + 2, mark);
}

bool says(const Checkpoint& checkpoint, const std::string& text) {
    return std::any_of(checkpoint.notes.begin(), checkpoint.notes.end(),
                       [&](const std::string& note) { return note.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("weight names: fronts and wrappers go, whichever they are") {
    for (const char* id :
         {"gpt2", "llama", "bert", "t5", "gpt_neox", "opt", "albert", "modernbert", "bart"}) {
        const nlohmann::json config = config_of(id);
        const std::vector<TensorInfo> whole = weights_of(id, config);
        const auto expected = names(*checkpoint_of(config, whole));
        const std::vector<Rename> renames = {
            with("module."),
            with("_orig_mod."),
            with("module._orig_mod."),
            with("_forward_module.model."),
            with("student."),
            with("encoder_q."),
            with("base_model.model."),
            with("net.backbone."),
            [](const std::string& name) { return in_layers(name, "_fsdp_wrapped_module."); },
            [](const std::string& name) {
                return "_fsdp_wrapped_module." + in_layers(name, "_checkpoint_wrapped_module.");
            },
            [](const std::string& name) { return in_layers(name, "_orig_mod."); },
        };
        for (const Rename& rename : renames) {
            const auto named = name_weights(checkpoint_of(config, renamed(whole, rename)));
            REQUIRE_MESSAGE(named, id);
            CHECK_MESSAGE(names(**named) == expected, id << " " << rename("x.0.y"));
            CHECK((*named)->left_out.empty());
        }
    }
}

TEST_CASE("weight names: what no attention needs is counted and named") {
    const nlohmann::json config = config_of("gpt2");
    const auto whole = weights_of("gpt2", config);
    const auto named = name_weights(checkpoint_of(
        config, joined(whole, {tensor("v_head.summary.weight"), tensor("mtp.fc.weight"),
                               tensor("metric.count", {}), tensor("crf.transitions", {5, 5})})));
    REQUIRE(named);
    CHECK(names(**named) == names(*checkpoint_of(config, whole)));
    CHECK((*named)->left_out == std::vector<std::string>{"crf.transitions", "metric.count", "mtp.fc.weight",
                                                         "v_head.summary.weight"});
    CHECK(says(**named, "4 tensor(s)"));
    CHECK(says(**named, "v_head.summary.weight"));
    CHECK(name_weights(*named).value() == *named);
}

TEST_CASE("weight names: what lies in a layer or beside a weight stays, to be refused by name") {
    const nlohmann::json config = config_of("llama");
    for (const char* name :
         {"model.layers.0.self_attn.q_norm.weight", "model.layers.1.self_attn.q_proj.bias",
          "model.layers.5.self_attn.q_proj.weight", "model.norm.bias", "model.embed_positions.weight"}) {
        const auto named =
            name_weights(checkpoint_of(config, joined(weights_of("llama", config), {tensor(name)})));
        REQUIRE(named);
        CHECK_MESSAGE((*named)->find(name) != nullptr, name);
        CHECK((*named)->left_out.empty());
    }
    // A further block that predicts more tokens at once is no layer of the model.
    const auto named = name_weights(checkpoint_of(
        config, joined(weights_of("llama", config), {tensor("model.layers.2.eh_proj.weight"),
                                                     tensor("model.layers.2.self_attn.q_proj.weight")})));
    REQUIRE(named);
    CHECK((*named)->left_out.size() == 2);
}

TEST_CASE("weight names: of several sets the one of the config's shapes, then the trained one") {
    const nlohmann::json config = config_of("bert"), wider = [&] {
        nlohmann::json other = config;
        other["hidden_size"] = 32;
        return other;
    }();
    const auto whole = weights_of("bert", config);
    const auto pick = [&](const std::string& a, const std::vector<TensorInfo>& of_a, const std::string& b,
                          const std::vector<TensorInfo>& of_b) {
        const auto named =
            name_weights(checkpoint_of(config, joined(renamed(of_a, with(a)), renamed(of_b, with(b)))))
                .value();
        CHECK(named->left_out.size() == (named->left_out.front().starts_with(a) ? of_a : of_b).size());
        return named->left_out.front().starts_with(a) ? b : a;
    };
    CHECK(pick("a.", weights_of("bert", wider), "b.", whole) == "b.");
    CHECK(pick("encoder_k.", whole, "encoder_q.", whole) == "encoder_q.");
    CHECK(pick("ema.", whole, "online.", whole) == "online.");
    CHECK(pick("teacher.", whole, "student.", whole) == "student.");
    CHECK(pick("momentum_encoder.", whole, "", whole).empty());
    const auto named = name_weights(
        checkpoint_of(config, joined(renamed(whole, with("query.")), renamed(whole, with("passage.")))));
    CHECK(says(**named, "'passage.'; there are also 'query.'"));
}

TEST_CASE("weight names: a head that is absent, or of another kind, predicts nothing") {
    const auto predicts_with = [](const char* id, nlohmann::json config, std::vector<TensorInfo> tensors) {
        const auto named = name_weights(checkpoint_of(std::move(config), std::move(tensors)));
        REQUIRE_MESSAGE(named, id);
        Architecture arch = read_architecture(family_of(id), (*named)->config, {}).value();
        adapt_to_tensors(family_of(id), arch, **named);
        const bool is_said = says(**named, "nothing is predicted");
        CHECK(is_said == !arch.has_head);
        return arch.has_head;
    };
    nlohmann::json llama = config_of("llama");
    llama["tie_word_embeddings"] = false;
    std::vector<TensorInfo> headless = weights_of("llama", llama);
    CHECK(predicts_with("llama", llama, headless));
    std::erase_if(headless, [](const TensorInfo& one) { return one.name == "lm_head.weight"; });
    CHECK_FALSE(predicts_with("llama", llama, headless));
    // The rest of a head that lacks a part goes with it.
    const nlohmann::json bert = config_of("bert");
    std::vector<TensorInfo> part = weights_of("bert", bert);
    std::erase_if(part, [](const TensorInfo& one) { return one.name.ends_with("transform.dense.bias"); });
    CHECK_FALSE(predicts_with("bert", bert, part));
    CHECK(name_weights(checkpoint_of(bert, part)).value()->left_out.size() == 3);
    const nlohmann::json gpt2 = config_of("gpt2");
    const std::vector<TensorInfo> tied = weights_of("gpt2", gpt2);
    CHECK(predicts_with("gpt2", gpt2, tied));
    CHECK(predicts_with("gpt2", gpt2, joined(tied, {tensor("v_head.summary.weight")})));
    CHECK_FALSE(predicts_with("gpt2", gpt2, joined(tied, {tensor("score.weight", {2, 16})})));
    nlohmann::json classes = gpt2;
    classes["architectures"] = {"GPT2ForSequenceClassification"};
    CHECK_FALSE(predicts_with("gpt2", classes, tied));
}

TEST_CASE("weight names: LoRA that is not merged is refused, strangers stay as they are") {
    const nlohmann::json config = config_of("gpt2");
    const auto lora = name_weights(checkpoint_of(
        config,
        joined(weights_of("gpt2", config), {tensor("transformer.h.0.attn.c_attn.lora_A.default.weight")})));
    REQUIRE(!lora);
    CHECK(lora.error().kind == ErrorKind::Unsupported);
    CHECK(lora.error().message.find("LoRA") != std::string::npos);
    const CheckpointPtr stranger = checkpoint_of(config, {tensor("a.weight"), tensor("b.wte.weight")});
    CHECK(name_weights(stranger).value() == stranger);
    const CheckpointPtr unknown = checkpoint_of({{"model_type", "resnet"}}, {tensor("a.weight")});
    CHECK(name_weights(unknown).value() == unknown);
}
