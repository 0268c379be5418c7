// Tokenizers inside GGUF files: the same ids as the tokenizer that the file was made from.
#include "io/json_file.h"
#include "tokenize/cases.h"

using namespace headlight;
using test::own_fixture;
using test::shared_fixture;

TEST_CASE("gguf: a SentencePiece vocabulary, its merges found by score") {
    const auto tokenizer = open_tokenizer(own_fixture("gguf/tokenizer.gguf"));
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
    CHECK((*tokenizer)->family() == "gguf");
    CHECK((*tokenizer)->bos_id() == 1);
    const std::string cases = test::source_dir() + "/tests/tokenize/data/fallback/cases.json";
    CHECK(test::check_cases(**tokenizer, cases, "ids tokens offsets") == 19);
}

TEST_CASE("gguf: a file without a tokenizer says so") {
    const auto tokenizer = open_tokenizer(own_fixture("gguf/types.gguf"));
    REQUIRE(!tokenizer);
    CHECK(tokenizer.error().kind == ErrorKind::Corrupt);
    CHECK(tokenizer.error().message.find("tokenizer.ggml.tokens") != std::string::npos);
}

TEST_CASE("shared: a byte-level vocabulary") {
    HEADLIGHT_NEEDS(shared_fixture("formats/gguf/tiny_gpt2.F32.gguf"));
    const auto tokenizer = open_tokenizer(shared_fixture("formats/gguf/tiny_gpt2.F32.gguf"));
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
    CHECK(test::check_cases(**tokenizer, shared_fixture("models/gpt2/cases.json"), "ids tokens offsets") > 0);
}

TEST_CASE("shared: the Llama files tokenize as their safetensors model does") {
    HEADLIGHT_NEEDS(shared_fixture("formats/gguf_llama_base/tokenizer.json"));
    const auto base = open_tokenizer(shared_fixture("formats/gguf_llama_base")).value();
    const auto gguf = open_tokenizer(shared_fixture("formats/gguf/tiny_llama.Q4_0.gguf")).value();
    const auto cases = read_json_file(shared_fixture("models/llama/cases.json")).value();
    for (const auto& text : cases["texts"]) {
        CHECK(gguf->encode(text.get<std::string>()).ids() == base->encode(text.get<std::string>()).ids());
    }
}
