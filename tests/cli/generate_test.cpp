// generate: what is streamed is the text, whole characters only; decoders write too; end tokens end it.
#include <doctest/doctest.h>

#include "base/utf8.h"
#include "cli/run_headlight.h"

using namespace headlight;
using test::run_headlight;
using Json = nlohmann::json;

namespace {

Json written_json(const std::string& rest) {
    const auto outcome = run_headlight("generate " + rest + " --json -");
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    return test::parse(outcome.out);
}

std::string fixture_options(const char* name) {
    return "--model " + test::quoted(test::shared_fixture(std::string("models/") + name));
}

}  // namespace

TEST_CASE("generate: the stream is the text of the JSON, and a draw repeats with its seed") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string options =
        "--model " + test::quoted(test::demo_path()) + " --text 'She was very' --max-new-tokens 12";
    const Json json = written_json(options);
    CHECK(json["written"].size() == 12);
    CHECK(json["ids"].size() == json["prompt"].size() + 12);
    const auto streamed = run_headlight("generate " + options);
    CHECK(streamed.out == json["text"].get<std::string>() + "\n");
    CHECK(streamed.out.starts_with("She was very"));
    const std::string drawn = options + " --temperature 1.5 --top-p 0.95";
    CHECK(written_json(drawn + " --seed 5")["ids"] == written_json(drawn + " --seed 5")["ids"]);
    CHECK(written_json(drawn + " --seed 5")["ids"] != written_json(drawn + " --seed 6")["ids"]);
}

TEST_CASE("generate: random weights write bytes, and what comes out is whole characters") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::shared_fixture("models/gpt2"));
    for (int seed = 0; seed < 3; ++seed) {
        const auto streamed = run_headlight("generate " + fixture_options("gpt2") +
                                            " --text 'naïve 你' --max-new-tokens 40 --temperature 2 --seed " +
                                            std::to_string(seed));
        REQUIRE_MESSAGE(streamed.code == 0, streamed.err);
        CHECK(utf8::is_valid(streamed.out));
    }
}

TEST_CASE("generate: the decoder of an encoder-decoder writes behind its start, and its end tokens end it") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::shared_fixture("models/t5"));
    for (const char* name : {"t5", "bart"}) {
        CAPTURE(name);
        const std::string options =
            fixture_options(name) + " --text 'The cat sat on the mat.' --max-new-tokens 6";
        const Json json = written_json(options);
        CHECK(json["prompt"].size() == 1);
        CHECK(json["encoder"].size() > 5);
        CHECK(json["written"].size() == 6);
        CHECK(json["ended"] == false);
        const Json longer = written_json(options + " --decoder-text 'The'");
        CHECK(longer["prompt"].size() > 1);
    }
}

TEST_CASE("generate: who cannot write says so") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::shared_fixture("models/bert"));
    const auto masked = run_headlight("generate " + fixture_options("bert") + " --text hi");
    CHECK(masked.code == 1);
    CHECK(test::has(masked.err, "predicts no next token"));
    const auto decoder =
        run_headlight("generate " + fixture_options("gpt2") + " --text hi --decoder-text ho");
    CHECK(decoder.code == 2);
    CHECK(test::has(decoder.err, "no encoder-decoder"));
    const auto far =
        run_headlight("generate " + fixture_options("gpt2") + " --text hi --max-new-tokens 100000");
    CHECK(far.code == 2);
    CHECK(far.out.empty());
}
