#include <fstream>

#include "tokenize/cases.h"

using namespace headlight;

namespace {

Result<TokenizerPtr> open_text(const std::string& text) {
    const std::string path = test::fresh_dir("tokenize_chars") + "/characters.json";
    std::ofstream(path) << text;
    return open_tokenizer(path);
}

}  // namespace

TEST_CASE("characters: ids by place in the list, unknown ones as unk") {
    const auto opened = open_text(R"({"type":"characters","vocab":["?","a","é","\n"],"unk":"?"})");
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    const TokenizedText tokens = (*opened)->encode("aéx\n\xff");
    CHECK(tokens.ids() == std::vector<std::int32_t>{1, 2, 0, 3, 0});
    CHECK(tokens.tokens[1].byte_begin == 1);
    CHECK(tokens.tokens[1].byte_end == 3);
    CHECK(tokens.tokens[3].display == "⏎");
    CHECK(tokens.tokens[4].byte_end == 6);
    CHECK((*opened)->bos_id() == -1);
    CHECK((*opened)->encode("").tokens.empty());
}

TEST_CASE("characters: broken vocabularies are refused") {
    for (const char* text :
         {"[]", R"({"vocab":["a"]})", R"({"type":"characters","vocab":["a","a"],"unk":"a"})",
          R"({"type":"characters","vocab":["a","bc"],"unk":"a"})",
          R"({"type":"characters","vocab":["a",""],"unk":"a"})",
          R"({"type":"characters","vocab":["a"],"unk":"b"})",
          R"({"type":"characters","vocab":["a",7],"unk":"a"})", R"({"type":"characters","vocab":["a"]})"}) {
        const auto opened = open_text(text);
        CHECK_MESSAGE(!opened, text);
        if (!opened) CHECK(opened.error().file.ends_with("characters.json"));
    }
}

TEST_CASE("characters: meta.pkl of nanoGPT, which has no token for what is unknown") {
    using namespace std::literals;
    const std::string folder = test::fresh_dir("tokenize_meta");
    const auto write = [&](std::string_view bytes) {
        std::ofstream(folder + "/meta.pkl", std::ios::binary) << bytes;
    };
    write(
        "\x80\x02}(X\x04\0\0\0itos}(K\0X\x01\0\0\0\nK\x02X\x02\0\0\0\xc3\xa9K\x01X\x01\0\0\0bu"
        "X\x0a\0\0\0vocab_sizeK\x03u."sv);
    const auto opened = open_tokenizer(folder);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    CHECK((*opened)->vocab_size() == 3);
    CHECK((*opened)->encode("\nbé").ids() == std::vector<std::int32_t>{0, 1, 2});
    const auto unknown = (*opened)->try_encode("bx");
    REQUIRE(!unknown);
    CHECK(unknown.error().message.find("'x'") != std::string::npos);
    CHECK((*opened)->encode("bx").tokens.empty());
    // A place without a character, and what is no such dict.
    write("\x80\x02}X\x04\0\0\0itos}(K\0X\x01\0\0\0aK\x02X\x01\0\0\0cus."sv);
    CHECK(open_tokenizer(folder).error().kind == ErrorKind::Corrupt);
    write("\x80\x02K\x01."sv);
    CHECK(open_tokenizer(folder).error().kind == ErrorKind::Unsupported);
}
