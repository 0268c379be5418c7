// What a token was made from: shares against closed forms, parts of prompts.
#include <doctest/doctest.h>

#include "analysis/generation/made_from.h"
#include "core/cause/weighted_trace.h"
#include "core/dense_trace.h"

using namespace headlight;

namespace {

/// Two heads over 4 tokens: the first spreads evenly, the second is (1; .5 .5; .5 .3 .2; .4 .3 .2 .1).
TracePtr two_heads() {
    TraceInfo info;
    info.num_layers = 1;
    info.num_heads = 2;
    info.num_queries = info.num_keys = 4;
    std::vector<float> weights;
    for (int query = 0; query < 4; ++query)
        for (int key = 0; key < 4; ++key)
            weights.push_back(key <= query ? 1.0f / static_cast<float>(query + 1) : 0.0f);
    for (const float weight :
         {1.f, 0.f, 0.f, 0.f, .5f, .5f, 0.f, 0.f, .5f, .3f, .2f, 0.f, .4f, .3f, .2f, .1f})
        weights.push_back(weight);
    return make_dense_trace(info, std::move(weights));
}

TokenizedText text_of(const std::vector<std::pair<std::string, bool>>& tokens) {
    TokenizedText out;
    for (const auto& [piece, is_special] : tokens) {
        Token token;
        token.piece = token.display = piece;
        token.is_special = is_special;
        token.byte_begin = out.text.size();
        if (!is_special) out.text += piece;
        token.byte_end = out.text.size();
        out.tokens.push_back(token);
    }
    return out;
}

std::vector<std::string> names_of(const std::vector<TextPart>& parts) {
    std::vector<std::string> out;
    for (const TextPart& part : parts)
        out.push_back(part.name);
    return out;
}

}  // namespace

TEST_CASE("made from: shares are the mean of the heads' masses, the null is the part's share of the keys") {
    MadeFromRequest request;
    request.parts = {{"first", 0, 1}};
    request.num_prompt = 3;  // tokens 0 to 2; row 2 wrote token 3
    request.first_query = 2;
    request.last_query = 4;
    const auto made = made_from(*two_heads(), request, {});
    REQUIRE(made);
    CHECK(made->names == std::vector<std::string>{"first", "unmarked", "written so far"});
    CHECK(made->share(0, 0) == doctest::Approx((1.0 / 3 + .5) / 2));
    CHECK(made->share(0, 1) == doctest::Approx((2.0 / 3 + .5) / 2));
    CHECK(made->share(0, 2) == 0);
    CHECK(made->share(1, 0) == doctest::Approx((.25 + .4) / 2));
    CHECK(made->share(1, 2) == doctest::Approx((.25 + .1) / 2));
    CHECK(made->uniform_share(0, 0) == doctest::Approx(1.0 / 3));
    CHECK(made->uniform_share(1, 1) == doctest::Approx(2.0 / 4));
    for (int row = 0; row < made->num_rows; ++row) {
        double sum = 0, even = 0;
        for (int part = 0; part < 3; ++part) {
            sum += made->share(row, part);
            even += made->uniform_share(row, part);
        }
        CHECK(sum == doctest::Approx(1));
        CHECK(even == doctest::Approx(1));
    }
    request.layer = 0;
    request.head = 1;
    CHECK(made_from(*two_heads(), request, {})->share(1, 0) == doctest::Approx(.4));
}

TEST_CASE("made from: without the sink the null counts the keys that are left") {
    const auto weighted = WeightedTrace::without_sink(two_heads(), {true, false, false, false});
    MadeFromRequest request;
    request.parts = {{"first", 0, 1}, {"rest", 1, 4}};
    request.num_prompt = 4;
    request.first_query = 3;
    request.last_query = 4;
    const auto made = made_from(*weighted, request, {});
    REQUIRE(made);
    CHECK(made->share(0, 0) == 0);
    CHECK(made->share(0, 1) == doctest::Approx(1));
    CHECK(made->uniform_share(0, 0) == 0);
    CHECK(made->uniform_share(0, 1) == doctest::Approx(1));
}

TEST_CASE("made from: rows, heads and parts that there are not are refused") {
    MadeFromRequest request;
    request.last_query = 5;
    CHECK_FALSE(made_from(*two_heads(), request, {}));
    request.last_query = 4;
    request.parts = {{"far", 2, 9}};
    CHECK_FALSE(made_from(*two_heads(), request, {}));
    request.parts.clear();
    request.layer = 3;
    CHECK_FALSE(made_from(*two_heads(), request, {}));
}

TEST_CASE("parts: by the special tokens of a chat template") {
    const TokenizedText chatml = text_of({{"<|im_start|>", true},
                                          {"system", false},
                                          {"\n", false},
                                          {"Be kind.", false},
                                          {"<|im_end|>", true},
                                          {"\n", false},
                                          {"<|im_start|>", true},
                                          {"user", false},
                                          {"\n", false},
                                          {"Hi", false},
                                          {"<|im_end|>", true},
                                          {"\n", false},
                                          {"<|im_start|>", true},
                                          {"assistant", false},
                                          {"\n", false}});
    const auto parts = parts_of_prompt(chatml, 15);
    CHECK(names_of(parts) == std::vector<std::string>{"system", "user", "assistant"});
    CHECK(parts[0] == TextPart{"system", 0, 6});
    CHECK(parts[1] == TextPart{"user", 6, 12});
    CHECK(parts[2] == TextPart{"assistant", 12, 15});
    const TokenizedText headers = text_of({{"<|begin|>", true},
                                           {"<|header|>", true},
                                           {"system", false},
                                           {"<|/header|>", true},
                                           {"\n\nBe kind.", false},
                                           {"<|eot|>", true},
                                           {"<|header|>", true},
                                           {"user", false},
                                           {"<|/header|>", true},
                                           {"\n\nHi", false}});
    const auto of_headers = parts_of_prompt(headers, 10);
    CHECK(names_of(of_headers) == std::vector<std::string>{"system", "user"});
    CHECK(of_headers[0].begin == 0);
    CHECK(of_headers[1].end == 10);
}

TEST_CASE("parts: by blank lines, and one where there is nothing to tell them by") {
    const TokenizedText letters = text_of({{"<s>", true},
                                           {"Rules", false},
                                           {".\n\n", false},
                                           {"Text", false},
                                           {"\n", false},
                                           {"more", false},
                                           {"\n", false},
                                           {" \n", false},
                                           {"Ask", false}});
    const auto parts = parts_of_prompt(letters, 9);
    CHECK(names_of(parts) == std::vector<std::string>{"part 1", "part 2", "part 3"});
    CHECK(parts[0] == TextPart{"part 1", 0, 3});
    CHECK(parts[1] == TextPart{"part 2", 3, 8});
    CHECK(parts[2] == TextPart{"part 3", 8, 9});
    CHECK(parts_of_prompt(letters, 2) == std::vector<TextPart>{{"prompt", 0, 2}});
    CHECK(parts_of_prompt({}, 0).empty());
}

TEST_CASE("parts: marked by hand they are taken out of the others") {
    std::vector<TextPart> parts = mark_part({{"prompt", 0, 9}}, {"fact", 3, 5});
    CHECK(parts == std::vector<TextPart>{{"prompt", 0, 3}, {"fact", 3, 5}, {"prompt after", 5, 9}});
    parts = mark_part(parts, {"fact", 0, 1});  // a name is one stretch
    CHECK(parts == std::vector<TextPart>{{"fact", 0, 1}, {"prompt", 1, 3}, {"prompt after", 5, 9}});
}
