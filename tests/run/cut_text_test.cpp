// Texts that are longer than a model takes: which tokens fall away, and what is left of the text.
#include "run/cut_text.h"

#include <doctest/doctest.h>

using namespace headlight;

namespace {

/// [CLS] a b c d [SEP] over "a b c d".
TokenizedText framed() {
    TokenizedText text;
    text.text = "a b c d";
    text.tokens.push_back({1, "[CLS]", "[CLS]", 0, 0, true});
    for (std::size_t i = 0; i < 4; ++i)
        text.tokens.push_back({static_cast<std::int32_t>(10 + i), "x", "x", 2 * i, 2 * i + 1, false});
    text.tokens.push_back({2, "[SEP]", "[SEP]", 0, 0, true});
    return text;
}

}  // namespace

TEST_CASE("cut text: tokens around it stay, one end falls away, spans follow") {
    const TokenizedText end = cut_text(framed(), 4, CutEnd::End);
    CHECK(end.ids() == std::vector<std::int32_t>{1, 10, 11, 2});
    CHECK(end.text == "a b");
    CHECK(end.tokens[2].byte_begin == 2);
    CHECK(end.tokens[3].byte_begin == end.tokens[3].byte_end);
    const TokenizedText start = cut_text(framed(), 4, CutEnd::Start);
    CHECK(start.ids() == std::vector<std::int32_t>{1, 12, 13, 2});
    CHECK(start.text == "c d");
    CHECK(start.tokens[1].byte_begin == 0);
    CHECK(start.tokens[2].byte_end == 3);
}

TEST_CASE("cut text: what fits, and what nobody asked to cut, stays as it is") {
    CHECK(cut_text(framed(), 6, CutEnd::End).tokens.size() == 6);
    CHECK(cut_text(framed(), 0, CutEnd::End).tokens.size() == 6);
    CHECK(cut_text(framed(), 2, CutEnd::None).tokens.size() == 6);
    const TokenizedText bare = cut_text(framed(), 1, CutEnd::Start);
    CHECK(bare.ids() == std::vector<std::int32_t>{1, 2});
    CHECK(bare.text.empty());
}
