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
