#include <doctest/doctest.h>

#include "tokenize/text/clean_text.h"
#include "tokenize/text/display_form.h"
#include "tokenize/tokenizer.h"

using namespace headlight;

TEST_CASE("display: what has no mark of its own gets one") {
    CHECK(display_form(" cat") == "·cat");
    CHECK(display_form("\n") == "⏎");
    CHECK(display_form("\t") == "⇥");
    CHECK(display_form("\r") == "⟨0D⟩");
    CHECK(display_form(std::string_view("\0", 1)) == "⟨00⟩");
    CHECK(display_form("\u200b") == "⟨200B⟩");
    CHECK(display_form("\xe2\x82") == "⟨E2⟩⟨82⟩");
    CHECK(display_form("é中😀") == "é中😀");
    CHECK(display_form("") == "∅");
}

TEST_CASE("clean text: U+FFFD as Python puts it, offsets of the given bytes") {
    // Python: b"a\xe2\x82b\xff\xfe".decode(errors="replace") == "a\ufffdb\ufffd\ufffd"
    const CleanText clean(
        "a\xe2\x82"
        "b\xff\xfe");
    CHECK(clean.text() == "a\ufffdb\ufffd\ufffd");
    CHECK(clean.given_offset(1) == 1);
    CHECK(clean.given_offset(4) == 3);
    CHECK(clean.given_offset(5) == 4);
    CHECK(clean.given_offset(8) == 5);
    CHECK(clean.given_offset(11) == 6);
    // b"\xf0\x9f\x98x", b"\xed\xa0\x80": one and three replacements
    CHECK(CleanText("\xf0\x9f\x98x").text() == "\ufffdx");
    CHECK(CleanText("\xed\xa0\x80").text() == "\ufffd\ufffd\ufffd");
    CHECK(CleanText("ok").given_offset(2) == 2);
}
