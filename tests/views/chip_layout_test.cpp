#include "views/tokens/chip_layout.h"

#include <doctest/doctest.h>

using namespace headlight;

namespace {

int num_measured = 0;

float measure(const std::string& label) {
    ++num_measured;
    return 10.0f * static_cast<float>(label.size());
}

std::vector<Token> tokens_of(std::initializer_list<const char*> words) {
    std::vector<Token> out;
    for (const char* word : words) {
        Token token;
        token.display = word;
        out.push_back(token);
    }
    return out;
}

}  // namespace

TEST_CASE("chips: lines fill from the left and wrap") {
    ChipLayout layout;
    CHECK(layout.update(tokens_of({"aaa", "bb", "cccc", "d"}), 100, 5, measure));
    REQUIRE(layout.places().size() == 4);
    CHECK(layout.places()[1].x == 35);
    CHECK(layout.places()[2].line == 0);
    CHECK(layout.places()[2].x == 60);
    CHECK(layout.places()[3].line == 1);
    CHECK(layout.places()[3].x == 0);
    CHECK(layout.num_lines() == 2);
    CHECK(layout.first_of_line(1) == 3);
    CHECK(layout.first_of_line(9) == 4);
}

TEST_CASE("chips: an edit at the end measures only what is new; a label is measured once") {
    ChipLayout layout;
    num_measured = 0;
    layout.update(tokens_of({"a", "b", "a"}), 100, 5, measure);
    CHECK(num_measured == 2);
    layout.update(tokens_of({"a", "b", "ab"}), 100, 5, measure);
    CHECK(num_measured == 3);
    CHECK(layout.places()[2].width == 20);
    layout.update(tokens_of({"a"}), 100, 5, measure);
    CHECK(layout.places().size() == 1);
}

TEST_CASE("chips: a long text takes several frames; nothing is wider than the line") {
    ChipLayout layout;
    std::vector<Token> tokens;
    for (int i = 0; i < 25; ++i) {
        Token token;
        token.display = std::string(static_cast<std::size_t>(i + 1), 'x');
        tokens.push_back(token);
    }
    CHECK_FALSE(layout.update(tokens, 120, 4, measure, 10));
    CHECK(layout.places().size() == 10);
    CHECK_FALSE(layout.update(tokens, 120, 4, measure, 10));
    CHECK(layout.update(tokens, 120, 4, measure, 10));
    for (const ChipPlace& place : layout.places())
        CHECK(place.x + place.width <= 120);
}
