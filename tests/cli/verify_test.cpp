// verify, and home-made models that open by a headlight.json.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::own_fixture;
using test::quoted;
using test::run_headlight;

namespace {

/// A copy of a reference file in which one float of a tensor is larger by `amount`.
std::string tampered(const std::string& path, const std::string& tensor, float amount) {
    std::string bytes = test::read_file(path);
    std::uint64_t size = 0;
    std::memcpy(&size, bytes.data(), sizeof size);
    const auto header = nlohmann::json::parse(bytes.substr(8, size));
    const std::size_t at = 8 + size + header.at(tensor).at("data_offsets").at(0).get<std::size_t>();
    float value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    value += amount;
    std::memcpy(bytes.data() + at, &value, sizeof value);
    const std::string copy = test::fresh_dir("verify_" + tensor) + "/reference.safetensors";
    test::write_file(copy, bytes);
    return copy;
}

test::Outcome verify(const std::string& model, const std::string& reference, const std::string& more = "") {
    return run_headlight("verify --model " + quoted(model) + " --reference " + quoted(reference) + " " +
                         more);
}

}  // namespace

TEST_CASE("verify: a model that agrees, with every layer's numbers") {
    HEADLIGHT_NEEDS(test::engine_path());
    const auto outcome = verify(own_fixture("gpt2"), own_fixture("gpt2/reference.safetensors"), "--json");
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto json = test::parse(outcome.out);
    REQUIRE(json["layers"].size() > 1);
    CHECK(json["layers"][0]["kind"] == "self");
    CHECK(json["layers"][1]["layer"] == 1);
    for (const auto& layer : json["layers"]) {
        CHECK(layer["max"].get<double>() > 0);  // two programs never round alike everywhere
        CHECK(layer["max"].get<double>() < 2e-5);
        CHECK(layer["mean"].get<double>() <= layer["max"].get<double>());
    }
    CHECK(json["first_departing_layer"].is_null());
    CHECK(json["agrees"] == true);
    CHECK(json["tolerance"] == 2e-5);
    const auto text = verify(own_fixture("gpt2"), own_fixture("gpt2/reference.safetensors"));
    CHECK(text.code == 0);
    CHECK(has(text.out, "Verdict: agrees"));
}

TEST_CASE("verify: the layer and place that depart, and exit code 1") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string model = own_fixture("custom/gpt/model.pt");
    const std::string reference =
        tampered(own_fixture("custom/gpt.reference.safetensors"), "t1.attn.1", 0.001f);
    const auto outcome = verify(model, reference, "--json");
    CHECK(outcome.code == 1);
    CHECK(outcome.err.rfind("error: ", 0) == 0);
    const auto json = test::parse(outcome.out);
    CHECK(json["first_departing_layer"] == 1);
    CHECK(json["agrees"] == false);
    const auto& layer = json["layers"][1];
    CHECK(layer["departs"] == true);
    CHECK(layer["max"].get<double>() == doctest::Approx(0.001).epsilon(0.02));
    CHECK(layer["text"] == 1);
    CHECK(layer["head"] == 0);
    CHECK(layer["query"] == 0);
    CHECK(layer["key"] == 0);
    CHECK(json["layers"][0]["departs"] == false);
    // Only the other text: nothing departs.
    CHECK(verify(model, reference, "--text-index 0").code == 0);
    CHECK(has(verify(model, reference).out, "departs first at layer 1"));
    CHECK(has(verify(model, reference, "--text-index 7").err, "no text 7"));
}

TEST_CASE("verify: hidden states and logits count as well") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string model = own_fixture("custom/gpt/model.pt"),
                      reference = own_fixture("custom/gpt.reference.safetensors");
    const auto hidden = verify(model, tampered(reference, "t0.hidden.1", 1.0f));
    CHECK(hidden.code == 1);
    CHECK(has(hidden.out, "hidden state 1"));
    const auto logits = verify(model, tampered(reference, "t0.logits", 1.0f), "--json");
    CHECK(logits.code == 1);
    CHECK(test::parse(logits.out)["first_departing_layer"].is_null());
    CHECK(test::parse(logits.out)["logits_max_relative"].get<double>() > 1e-3);
}

TEST_CASE("verify: encoder, decoder and cross attention are told apart") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::shared_fixture("models/t5/reference.safetensors"));
    const auto outcome = verify(test::shared_fixture("models/t5"),
                                test::shared_fixture("models/t5/reference.safetensors"), "--json");
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto json = test::parse(outcome.out);
    REQUIRE(json["layers"].size() == 7);  // 3 of the encoder, 2 of the decoder with cross attention each
    CHECK(json["layers"][2]["kind"] == "encoder");
    CHECK(json["layers"][3]["kind"] == "decoder");
    CHECK(json["layers"][4]["kind"] == "cross");
    CHECK(json["layers"][6]["layer"] == 1);
    CHECK(json["texts"][1]["decoder_tokens"] == 13);
}

TEST_CASE("verify: a file without ids says what is missing") {
    HEADLIGHT_NEEDS(test::engine_path());
    const auto outcome = verify(own_fixture("gpt2"), own_fixture("gpt2/model.safetensors"));
    CHECK(outcome.code == 1);
    CHECK(has(outcome.err, "input_ids"));
}

TEST_CASE(
    "custom models: a home-made GPT and nn.TransformerEncoder open without code and agree with plain torch") {
    HEADLIGHT_NEEDS(test::engine_path());
    for (const std::string name : {"gpt", "torch_encoder"}) {
        INFO(name);
        const std::string base = own_fixture("custom/" + name);
        const auto outcome = verify(base, base + ".reference.safetensors", "--json");
        CHECK_MESSAGE(outcome.code == 0, outcome.err, outcome.out);
        if (outcome.code != 0) continue;
        const auto json = test::parse(outcome.out);
        CHECK(json["layers"].size() == 2);
        CHECK(json["hidden"].size() == 3);
        CHECK(json["max"].get<double>() < 2e-5);
    }
}

TEST_CASE("inspect: proposes a headlight.json that opens the model once its gaps are filled") {
    HEADLIGHT_NEEDS(test::engine_path());
    struct Case {
        std::string name;
        nlohmann::json gaps;
    };
    const Case cases[] = {
        {"gpt", {{"num_heads", 3}, {"activation", "gelu"}}},
        {"torch_encoder", {{"num_heads", 4}, {"activation", "relu"}, {"is_causal", false}}}};
    for (const Case& one : cases) {
        INFO(one.name);
        const std::string folder = test::fresh_dir("proposed_" + one.name), model = folder + "/model.pt";
        std::filesystem::copy_file(own_fixture("custom/" + one.name + "/model.pt"), model);
        const auto inspected = run_headlight("inspect --json " + quoted(model));
        REQUIRE_MESSAGE(inspected.code == 0, inspected.err);
        auto description = test::parse(inspected.out)["proposal"]["description"];
        CHECK(description["config"]["num_heads"].is_null());
        CHECK(description["config"]["hidden_size"] == 24);
        CHECK(description["config"]["vocab_size"] == 40);
        CHECK(description["config"]["max_positions"] == 16);
        const auto written =
            run_headlight("inspect " + quoted(model) + " --propose " + quoted(folder + "/headlight.json"));
        CHECK_MESSAGE(written.code == 0, written.err);
        CHECK(has(written.err, "num_heads"));
        const std::string reference = own_fixture("custom/" + one.name + ".reference.safetensors");
        const auto open = verify(model, reference);
        CHECK(open.code == 1);
        CHECK(has(open.err, "num_heads"));
        description["config"].update(one.gaps);
        test::write_file(folder + "/headlight.json", description.dump());
        const auto filled = verify(model, reference);
        CHECK_MESSAGE(filled.code == 0, filled.err, filled.out);
    }
}
