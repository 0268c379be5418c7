// The table of fields: words in, words out, and what is refused.
#include "publish/figure_fields.h"

#include <doctest/doctest.h>

#include <set>

#include "publish/figure_kind.h"

using namespace headlight;

namespace {

/// A value that differs from the default.
std::string other_words(const FigureField& field) {
    const std::string now = field.words(FigureRequest{});
    if (field.is_switch()) return now == "on" ? "off" : "on";
    if (*field.choices != 0) {
        const std::string choices = std::string(field.choices) + " ";
        std::string chosen;
        for (std::size_t begin = 0; begin < choices.size();) {
            const std::size_t end = choices.find(' ', begin);
            const std::string word = choices.substr(begin, end - begin);
            if (word != now) chosen = word;
            begin = end + 1;
        }
        return chosen;
    }
    FigureRequest request;
    for (const char* words : {"two words", "3", "2", "0.5", "1.5"}) {
        if (field.set(field, request, words) && field.words(request) == words && words != now) return words;
    }
    return "";
}

}  // namespace

TEST_CASE(
    "fields: every field takes its words, hands them out again, and is told only where it is not the "
    "default") {
    std::set<std::string> names;
    CHECK(words_of(FigureRequest{}).empty());
    for (const FigureField& field : figure_fields()) {
        CAPTURE(field.name);
        CHECK(names.insert(field.name).second);
        CHECK(std::string(field.help).size() > 3);
        CHECK(std::string(heading(field.group)).size() > 2);
        const std::string words = other_words(field);
        REQUIRE_FALSE(words.empty());
        FigureRequest request;
        REQUIRE(set_words(request, {{field.name, words}}));
        CHECK(field.words(request) == words);
        const FieldWords told = words_of(request);
        REQUIRE(told.size() == 1);
        CHECK(told.front() == std::pair<std::string, std::string>(field.name, words));
        // Through a line of a shell and back.
        const auto split = split_words(option_line(told));
        REQUIRE(split);
        const auto again = parse_options(*split);
        REQUIRE(again);
        CHECK(*again == told);
    }
}

TEST_CASE("fields: wrong names and values are refused by name") {
    FigureRequest request;
    const auto unknown = set_words(request, {{"layr", "3"}});
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().message.find("--layer") != std::string::npos);
    const FieldWords wrong = {{"layer", "x"},      {"layer", "-1"},         {"gamma", "9"},
                              {"by", "paragraph"}, {"no-title", "2"},       {"ids", "1,,2"},
                              {"ids", "-3"},       {"scale", "nan"},        {"font-size", "1e9"},
                              {"range", "all"},    {"layer", "99999999999"}};
    for (const auto& word : wrong) {
        CAPTURE(word.first);
        CAPTURE(word.second);
        const auto status = set_words(request, {word});
        REQUIRE_FALSE(status);
        CHECK(status.error().kind == ErrorKind::InvalidInput);
        CHECK(status.error().message.find("--" + word.first) != std::string::npos);
    }
}

TEST_CASE("fields: a text given in another way takes the first away") {
    FigureRequest request;
    REQUIRE(set_words(request, {{"text", "The cat"}, {"ids", "1,2"}}));
    CHECK(request.text.ids == std::vector<std::int32_t>{1, 2});
    CHECK_FALSE(request.text.has_text);
    REQUIRE(set_words(request, {{"text", "The cat"}}));
    CHECK(request.text.ids.empty());
}

TEST_CASE("fields: words of a line are split as a shell does") {
    const auto words = split_words("lines  --text 'it''s' --answer \" \\\"Mary\" a\\ b");
    REQUIRE(words);
    CHECK(*words == std::vector<std::string>{"lines", "--text", "its", "--answer", " \"Mary", "a b"});
    CHECK_FALSE(split_words("a 'b"));
    for (const std::string word : {"plain", "two words", "it's", "a\"b", "", "-3", "new\nline", "$HOME"}) {
        const auto again = split_words(shell_word(word));
        REQUIRE(again);
        CHECK(*again == std::vector<std::string>{word});
    }
}

TEST_CASE("fields: an option that says nothing to a kind is refused with its name") {
    CHECK(make_page("heatmap", {{"layer", "1"}, {"column", "1"}}, {}));
    const auto deaf = make_page("flow", {{"answer", "x"}}, {});
    REQUIRE_FALSE(deaf);
    CHECK(deaf.error().message.find("--answer") != std::string::npos);
    CHECK(make_page("flow+attribution", {{"answer", "x"}}, {}));
    CHECK_FALSE(make_page("heatmp", {}, {}));
    CHECK_FALSE(make_page("", {}, {}));
    CHECK_FALSE(make_page("heatmap", {}, {"lines --model other"}));
    CHECK_FALSE(make_page("heatmap", {}, {"lines --dark"}));
    const auto page = make_page("heatmap+lines", {{"head", "1"}}, {"lines --head 3 --text 'a b'"});
    REQUIRE(page);
    REQUIRE(page->panels.size() == 3);
    CHECK(page->request_of(1)->head == 1);
    CHECK(page->request_of(2)->head == 3);
    CHECK(page->request_of(2)->text.text == "a b");
}

TEST_CASE("fields: presets give sizes, and numbers override them") {
    for (const PrintPreset& preset : print_presets()) {
        FigureRequest request;
        request.column = preset.name;
        const auto style = print_style(request);
        REQUIRE(style);
        CHECK(style->width_mm == preset.width_mm);
        CHECK(style->font_pt == preset.font_pt);
        request.width_mm = 60;
        request.font_pt = 9;
        CHECK(print_style(request)->width_mm == 60);
        CHECK(print_style(request)->font_pt == 9);
    }
    FigureRequest request;
    request.column = "3";
    CHECK_FALSE(print_style(request));
}

TEST_CASE("kinds: every kind has a name, a help and groups that exist") {
    std::set<std::string> ids;
    for (const FigureKindDescriptor* const kind : figure_kinds()) {
        CAPTURE(kind->id);
        CHECK(ids.insert(kind->id).second);
        CHECK(find_figure_kind(kind->id) == kind);
        CHECK(std::string(kind->title).size() > 2);
        CHECK(std::string(kind->help).ends_with("."));
    }
}
