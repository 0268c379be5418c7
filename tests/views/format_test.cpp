#include "views/format.h"

#include <doctest/doctest.h>

#include <limits>

using namespace headlight;

TEST_CASE("format: percentages keep what tells small weights apart") {
    CHECK(format_percent(0.62) == "62 %");
    CHECK(format_percent(1) == "100 %");
    CHECK(format_percent(0.0314) == "3.1 %");
    CHECK(format_percent(0.0994) == "9.9 %");
    CHECK(format_percent(0.0996) == "10 %");
    CHECK(format_percent(0.0004) == "0.04 %");
    CHECK(format_percent(0.00001) == "< 0.01 %");
    CHECK(format_percent(0) == "0 %");
    CHECK(format_percent_column(0.6034) == "60.3 %");
    CHECK(format_percent_column(0.0001) == "< 0.1 %");
}

TEST_CASE("format: numbers have about three digits and a real minus") {
    CHECK(format_number(0.6412) == "0.64");
    CHECK(format_number(38.24) == "38.2");
    CHECK(format_number(0.0551) == "0.055");
    CHECK(format_number(12345) == "12 345");
    CHECK(format_number(-0.123) == "−0.12");
    CHECK(format_number(0.00024) == "2.4e-4");
    CHECK(format_number(std::numeric_limits<double>::infinity()) == "–");
    CHECK(format_value(std::nullopt, "nats") == "–");
    CHECK(format_value(0.64, "nats") == "0.64 nats");
    CHECK(format_score(-0.004) == "0.00");
    CHECK(format_score(-0.117) == "−0.12");
    CHECK(format_lift(6.95) == "7.0×");
    CHECK(format_lift(123.4) == "123×");
    CHECK(format_lift(std::nullopt) == "–");
    CHECK(format_error_bound(2.4e-7) == "2e-7");
    CHECK(format_error_bound(0) == "0");
    CHECK(format_duration(148.2) == "148 ms");
    CHECK(format_duration(1820) == "1.8 s");
    CHECK(format_parameters(134515008) == "134.5 M");
    CHECK(format_count(1, "token", "tokens") == "1 token");
    CHECK(format_count(2048, "token", "tokens") == "2 048 tokens");
}

TEST_CASE("format: sentences name both tokens with their index") {
    TokenizedText text;
    for (const char* word : {"·The", "·cat", "·it"}) {
        Token token;
        token.display = word;
        text.tokens.push_back(token);
    }
    CHECK(attention_sentence({text, 2, text, 1}, 0.62) == "“·it” (2) gives 62 % to “·cat” (1)");
    CHECK(attention_sentence({text, 2, text, 2}, 0.5) == "“·it” (2) gives 50 % to itself");
    CHECK(masked_sentence({text, 0, text, 2}, MaskReason::Later) ==
          "“·The” (0) cannot see “·it” (2): it comes later");
    CHECK(masked_sentence({text, 2, text, 0}, MaskReason::Window) ==
          "“·it” (2) cannot see “·The” (0): it lies outside the layer's window");
    CHECK(token_label(text, 9) == "?");
}

TEST_CASE("format: shortening counts characters, not bytes") {
    CHECK(shorten("你好世界", 4) == "你好世界");
    CHECK(shorten("你好世界", 3) == "你好…");
    CHECK(heads_list({{1, 3}, {2, 0}}) == "L1H3, L2H0");
    CHECK(heads_list({{1, 3}, {2, 0}, {2, 1}}, 2) == "L1H3, L2H0 and 1 more");
    CHECK(heads_title({{16, 0}}) == "Layer 16 · Head 0");
    CHECK(heads_title({{16, 0}, {1, 1}}) == "Mean of 2 heads");
}
