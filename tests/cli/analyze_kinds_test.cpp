// analyze of encoder-decoders, masked models and stored attention.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::quoted;
using test::run_headlight;
using test::shared_fixture;

namespace {

struct Tensor {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

/// One float32 tensor of a safetensors file, read by hand.
Tensor read_tensor(const std::string& path, const std::string& name) {
    const std::string bytes = test::read_file(path);
    std::uint64_t size = 0;
    std::memcpy(&size, bytes.data(), sizeof size);
    const auto entry = nlohmann::json::parse(bytes.substr(8, size)).at(name);
    Tensor tensor{entry["shape"].get<std::vector<std::int64_t>>(), {}};
    const auto begin = entry["data_offsets"][0].get<std::size_t>(),
               end = entry["data_offsets"][1].get<std::size_t>();
    tensor.values.resize((end - begin) / sizeof(float));
    std::memcpy(tensor.values.data(), bytes.data() + 8 + size + begin, end - begin);
    return tensor;
}

std::vector<std::int64_t> read_ids(const std::string& path, const std::string& name) {
    const Tensor raw = read_tensor(path, name);
    std::vector<std::int64_t> ids(raw.values.size() / 2);
    std::memcpy(ids.data(), raw.values.data(), ids.size() * sizeof(std::int64_t));
    return ids;
}

std::string joined(const std::vector<std::int64_t>& ids) {
    std::string out;
    for (const std::int64_t id : ids)
        out += (out.empty() ? "" : ",") + std::to_string(id);
    return out;
}

nlohmann::json analyze(const std::string& arguments) {
    const auto outcome = run_headlight("analyze --no-plots --json - " + arguments);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    return test::parse(outcome.out);
}

std::vector<std::int64_t> token_ids(const nlohmann::json& tokens) {
    std::vector<std::int64_t> ids;
    for (const auto& token : tokens)
        ids.push_back(token["id"].get<std::int64_t>());
    return ids;
}

}  // namespace

TEST_CASE(
    "analyze: cross attention has queries of the decoder and keys of the encoder, with the reference's "
    "weights") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string model = shared_fixture("models/t5"), reference = model + "/reference.safetensors";
    HEADLIGHT_NEEDS(reference);
    const auto ids = read_ids(reference, "t1.input_ids"),
               decoder_ids = read_ids(reference, "t1.decoder_input_ids");
    const std::string texts =
        "--model " + quoted(model) + " --ids " + joined(ids) + " --decoder-ids " + joined(decoder_ids);
    const auto cross = analyze(texts + " --layer 1 --top-k 3");
    CHECK(cross["attention"] == "cross");
    CHECK(token_ids(cross["tokens"]) == decoder_ids);
    CHECK(token_ids(cross["key_tokens"]) == ids);
    const Tensor wanted = read_tensor(reference, "t1.cross_attn.1");
    const auto num_keys = static_cast<std::size_t>(wanted.shape[2]);
    for (std::size_t head = 0; head < cross["heads"].size(); ++head) {
        for (std::size_t query = 0; query < decoder_ids.size(); ++query) {
            const float* row = wanted.values.data() + (head * decoder_ids.size() + query) * num_keys;
            const auto& top = cross["heads"][head]["top_keys"][query][0];
            CHECK(top["weight"].get<double>() ==
                  doctest::Approx(*std::max_element(row, row + num_keys)).epsilon(1e-4));
            CHECK(top["weight"].get<double>() ==
                  doctest::Approx(row[top["key"].get<std::size_t>()]).epsilon(1e-4));
        }
    }
    const auto decoder = analyze(texts + " --attention decoder");
    CHECK(token_ids(decoder["tokens"]) == decoder_ids);
    CHECK(decoder["heads"].size() == 8);
    const auto encoder = analyze(texts + " --attention encoder");
    CHECK(token_ids(encoder["tokens"]) == ids);
    CHECK(encoder["heads"].size() == 12);
    CHECK_FALSE(encoder.contains("key_tokens"));
    CHECK(run_headlight("analyze --no-plots --attention self " + texts).code == 2);
}

TEST_CASE("analyze: the decoder reads its start token and the text without the token that ends it") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string model = shared_fixture("models/t5");
    HEADLIGHT_NEEDS(model + "/cases.json");
    const auto cases = test::parse(test::read_file(model + "/cases.json"));
    auto wanted = cases["ids"][0].get<std::vector<std::int64_t>>();
    wanted.insert(wanted.begin(), 0);  // decoder_start_token_id
    wanted.pop_back();                 // </s>
    const std::string text = cases["texts"][0].get<std::string>();
    const auto json = analyze("--model " + quoted(model) + " --text hello --decoder-text " + quoted(text));
    CHECK(token_ids(json["tokens"]) == wanted);
    CHECK(json["decoder_text"] == text);
    // Without a text for the decoder the encoder is shown.
    const auto alone = analyze("--model " + quoted(model) + " --text " + quoted(text));
    CHECK(alone["attention"] == "encoder");
}

TEST_CASE("analyze: only encoder-decoders read a second text") {
    HEADLIGHT_NEEDS(test::engine_path());
    const auto outcome =
        run_headlight(std::string("analyze --no-plots --text a --decoder-text b") + test::tiny_random());
    CHECK(outcome.code == 2);
    CHECK(has(outcome.err, "no encoder-decoder"));
}

TEST_CASE("analyze: a masked model predicts where the text is masked, and says so") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(shared_fixture("models/bert/tokenizer.json"));
    const std::string model = "analyze --no-plots --model " + quoted(shared_fixture("models/bert"));
    const auto masked = run_headlight(model + " --text 'In the [MASK] God created'");
    REQUIRE_MESSAGE(masked.code == 0, masked.err);
    CHECK(has(masked.out, "Masked token at position"));
    CHECK_FALSE(has(masked.out, "Next token"));
    const auto plain = run_headlight(model + " --text 'In the beginning'");
    CHECK(has(plain.out, "predicts masked tokens"));
    HEADLIGHT_NEEDS(shared_fixture("models/bert_cased/tokenizer.json"));
    const auto headless =
        run_headlight("analyze --no-plots --text God --model " + quoted(shared_fixture("models/bert_cased")));
    REQUIRE_MESSAGE(headless.code == 0, headless.err);
    CHECK(has(headless.out, "no language-model head"));
}

TEST_CASE("analyze: attention of another program is reported like a model's") {
    HEADLIGHT_NEEDS(shared_fixture("dumps/attention.npz"));
    const std::string dump = shared_fixture("dumps/attention.npz");
    const std::string plots = test::fresh_dir("dump_plots");
    const auto outcome = run_headlight("analyze --model " + quoted(dump) +
                                       " --layer 2 --head 1 --output-dir " + quoted(plots));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(has(outcome.out, "attends most to:"));
    CHECK(std::filesystem::exists(plots + "/layer_2_head_1.png"));
    const auto json = analyze("--model " + quoted(dump));
    CHECK(json["heads"].size() == 12);
    CHECK(json["tokens"].size() == 26);
    const Tensor wanted = read_tensor(shared_fixture("models/gpt2/reference.safetensors"), "t1.attn.2");
    const auto& top = json["heads"][9]["top_keys"][25][0];  // layer 2, head 1
    const std::size_t at = (1 * 26 + 25) * 26 + top["key"].get<std::size_t>();
    CHECK(top["weight"].get<double>() == doctest::Approx(wanted.values[at]).epsilon(1e-5));
    CHECK(run_headlight("analyze --no-plots --text a --model " + quoted(dump)).code == 2);
}
