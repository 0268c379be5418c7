#include "tokenize/added_tokens.h"

#include <doctest/doctest.h>

using namespace headlight;

namespace {

// "a|<x>|b": the parts into which a text is cut.
std::string cut(const AddedTokens& tokens, const std::string& text) {
    const AlignedText whole(text, 0);
    std::vector<TextSection> parts;
    tokens.split({&whole, 0, text.size(), -1}, false, parts);
    std::string out;
    for (const TextSection& part : parts) {
        out += out.empty() ? "" : "|";
        out += part.added_id >= 0 ? "[" + std::string(part.view()) + "]" : std::string(part.view());
    }
    return out;
}

AddedTokens with(AddedToken token) {
    AddedTokens tokens;
    token.id = 5;
    const std::string content = token.content;
    tokens.add(std::move(token), content);
    return tokens;
}

}  // namespace

TEST_CASE("added tokens: leftmost, then longest") {
    AddedTokens tokens;
    for (const char* content : {"<a>", "<a><b>", "b>c"}) {
        tokens.add({static_cast<std::int32_t>(tokens.all().size()), content}, content);
    }
    CHECK(cut(tokens, "x<a>y") == "x|[<a>]|y");
    CHECK(cut(tokens, "<a><b>c") == "[<a><b>]|c");
    CHECK(cut(tokens, "<a><bb>c") == "[<a>]|<b|[b>c]");
    CHECK(cut(tokens, "<a") == "<a");
    CHECK(cut(tokens, "") == "");
    CHECK(tokens.find(std::string_view("<a>"))->id == 0);
    CHECK(tokens.find(std::int32_t{9}) == nullptr);
}

TEST_CASE("added tokens: white space on either side") {
    CHECK(cut(with({5, "<m>", false, true, false}), "a \n<m> b") == "a|[ \n<m>]| b");
    CHECK(cut(with({5, "<m>", false, false, true}), "a <m> \u00a0b") == "a |[<m> \u00a0]|b");
    CHECK(cut(with({5, "<m>", false, true, true}), "<m> <m>") == "[<m> ]|[<m>]");
}

TEST_CASE("added tokens: whole words only") {
    const AddedTokens tokens = with({5, "cat", true});
    CHECK(cut(tokens, "cat") == "[cat]");
    CHECK(cut(tokens, "a cat.") == "a |[cat]|.");
    CHECK(cut(tokens, "cats scat cat_ écat") == "cats scat cat_ écat");
}
