// Ranked bytes: real vocabularies that were made that way give the ids of their tokenizer.json.
#include "tokenize/cases.h"
#include "tokenize/made_files.h"

using namespace headlight;
using test::shared_fixture;

namespace {

Error error_of(const std::string& name, const std::string& content) {
    const std::string file = test::fresh_dir("tokenize_tiktoken_bad") + "/" + name;
    std::ofstream(file, std::ios::binary) << content;
    const auto opened = open_tokenizer(file);
    REQUIRE(!opened);
    return opened.error();
}

}  // namespace

TEST_CASE("tiktoken: base64 there and back") {
    for (const char* text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"})
        CHECK(*from_base64(to_base64(text)) == text);
    CHECK(to_base64("fooba") == "Zm9vYmE=");  // RFC 4648, section 10
    CHECK(to_base64("foobar") == "Zm9vYmFy");
    CHECK(!from_base64("Zm9v*mFy"));
}

TEST_CASE("tiktoken: the lowest rank merges first, a whole word is one token") {
    const auto tokenizer = open_tokenizer(test::tiktoken_folder());
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
    CHECK((*tokenizer)->family() == "tiktoken");
    CHECK((*tokenizer)->encode("the cat").ids() == std::vector<std::int32_t>{258, 261});
    CHECK((*tokenizer)->encode("thx at").ids() == std::vector<std::int32_t>{256, 'x', ' ', 260});
    CHECK((*tokenizer)->encode("\xC3\xA9<|endoftext|>").ids() == std::vector<std::int32_t>{262, 50256});
    CHECK((*tokenizer)->eos_id() == 50256);
}

TEST_CASE("tiktoken: what is wrong with a file is said with its line") {
    const Error line = error_of("gpt2.tiktoken", "YQ== 0\nYg== x\n");
    CHECK(line.kind == ErrorKind::Corrupt);
    CHECK(line.message.find("line 2") != std::string::npos);
    CHECK(line.offset == 7);
    CHECK(error_of("gpt2.tiktoken", "YQ== 0\nYQ== 1\n").kind == ErrorKind::Corrupt);
    CHECK(error_of("gpt2.tiktoken", "YQ== 99999999999\n").kind == ErrorKind::Corrupt);
    const Error unknown = error_of("mine.tiktoken", "YQ== 0\nYg== 1\n");
    CHECK(unknown.kind == ErrorKind::Unsupported);
    CHECK(unknown.message.find("2 ranked tokens") != std::string::npos);
    CHECK(unknown.message.find("cl100k") != std::string::npos);
}

TEST_CASE("shared: Llama 3, Qwen and GPT-2 from ranked bytes") {
    HEADLIGHT_NEEDS(shared_fixture("tokenizers/llama3_1/tokenizer.json"));
    struct Case {
        const char *folder, *name, *fields;
        int end;
    };
    for (const Case& one : {Case{"llama3_1", "tokenizer.model", "ids tokens offsets", 128000},
                            Case{"qwen2_5", "qwen.tiktoken", "ids offsets", 151643},
                            Case{"gpt2", "r50k_base.tiktoken", "ids tokens", 50256}}) {
        CAPTURE(one.folder);
        const std::string from = shared_fixture(std::string("tokenizers/") + one.folder);
        const auto content = read_json_file(from + "/tokenizer.json");
        REQUIRE(content);
        const std::string folder = test::fresh_dir(std::string("tokenize_ranked_") + one.folder);
        test::write_as_tiktoken((*content)["model"]["vocab"], one.end, folder + "/" + one.name);
        const auto tokenizer = open_tokenizer(folder);
        REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
        CHECK((*tokenizer)->family() == "tiktoken");
        test::check_cases(**tokenizer, from + "/cases.json", one.fields);
    }
}
