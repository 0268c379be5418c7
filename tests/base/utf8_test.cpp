#include "base/utf8.h"

#include <doctest/doctest.h>

using namespace headlight;

TEST_CASE("utf8: round trip of every length") {
    for (const char32_t c : {U'a', U'é', U'€', U'😀', U'\u07ff', U'\U0010ffff'}) {
        std::string text;
        utf8::append(text, c);
        const auto decoded = utf8::decode(text, 0);
        CHECK(decoded.code_point == c);
        CHECK(decoded.size_bytes == text.size());
        CHECK(decoded.is_valid);
    }
}

TEST_CASE("utf8: invalid bytes become U+FFFD as Python's errors='replace' does") {
    // Expected values: bytes.decode("utf-8", "replace") of Python 3.11.
    CHECK(utf8::replace_invalid("\xff") == "\ufffd");
    CHECK(utf8::replace_invalid("a\xc3") == "a\ufffd");
    CHECK(utf8::replace_invalid("\xe2\x82x") == "\ufffdx");
    CHECK(utf8::replace_invalid("\xed\xa0\x80") == "\ufffd\ufffd\ufffd");
    CHECK(utf8::replace_invalid("\xc0\xaf") == "\ufffd\ufffd");
    CHECK(utf8::replace_invalid("\xf0\x9f\x98") == "\ufffd");
    CHECK_FALSE(utf8::is_valid("\xf4\x90\x80\x80"));
    CHECK(utf8::is_valid("שלום"));
}

TEST_CASE("utf8: code point index") {
    const auto index = utf8::code_point_index("aé😀b");
    CHECK(index.front() == 0);
    CHECK(index[1] == 1);
    CHECK(index[3] == 2);
    CHECK(index[7] == 3);
    CHECK(index.back() == 4);
    CHECK(utf8::count_code_points("aé😀b") == 4);
}
