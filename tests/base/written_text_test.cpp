// Cells of a table, text inside markup, sizes and times in words.
#include <doctest/doctest.h>

#include "base/csv.h"
#include "base/markup_text.h"
#include "base/quantities.h"

using namespace headlight;

TEST_CASE("csv: cells are quoted where their text asks for it, absent numbers are empty") {
    CHECK(CsvLine().text("plain").text("a,b").text("say \"x\"").text("two\nlines").line() ==
          "plain,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\"\n");
    CHECK(CsvLine().count(3).number(0.1).number(std::nullopt).number(1e-300).line() == "3,0.1,,1e-300\n");
    CHECK(CsvLine().number(std::nullopt).text("").number(2.0).line() == ",,2\n");
    CHECK(CsvLine().line() == "\n");
}

TEST_CASE("markup text: entities, and nothing else is touched") {
    CHECK(escape_markup("a < b & c > d \"e\" 'f'") == "a &lt; b &amp; c &gt; d &quot;e&quot; 'f'");
    CHECK(escape_markup("\xD7\xA9 \xE2\x80\xAE") == "\xD7\xA9 \xE2\x80\xAE");
}

TEST_CASE("markup text: what cannot be seen is written out") {
    CHECK(visible_text("a\tb\nc") == "a\tb\nc");
    CHECK(visible_text(std::string_view("\0\x1B", 2)) == "[U+0000][U+001B]");
    CHECK(visible_text("\xE2\x80\xAE"
                       "x\xEF\xBB\xBF") == "[U+202E]x[U+FEFF]");
    CHECK(visible_text("\xFF") == "\xEF\xBF\xBD");
    CHECK(visible_text("שלום", 2) == "של…");
    CHECK(visible_text(visible_text("\x07")) == visible_text("\x07"));
}

TEST_CASE("quantities: units and digits") {
    CHECK(size_text(999) == "999 bytes");
    CHECK(size_text(538.1e6) == "538.1 MB");
    CHECK(size_text(1.234e9) == "1.23 GB");
    CHECK(duration_text(12.4) == "12 s");
    CHECK(duration_text(200) == "3 min 20 s");
    CHECK(duration_text(3900) == "1 h 05 min");
}
