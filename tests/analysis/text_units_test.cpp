// Words, sentences and lines, and attention between them.
#include <doctest/doctest.h>

#include "analysis/detector_examples.h"
#include "analysis/words/text_units.h"

using namespace headlight;
using doctest::Approx;

namespace {

std::vector<TokenRange> units_of(const std::vector<std::string>& texts, TextUnit unit) {
    return text_units(test::text_tokens(texts), unit);
}

void check_values(const std::vector<float>& found, const std::vector<double>& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        CHECK(found[i] == Approx(expected[i]).epsilon(1e-6));
}

}  // namespace

TEST_CASE("units: words, sentences, lines") {
    using R = std::vector<TokenRange>;
    CHECK(units_of({"<s>", "The", " do", "g", " sat", ".", " It"}, TextUnit::Word) ==
          R{{0, 1}, {1, 2}, {2, 4}, {4, 5}, {5, 6}, {6, 7}});
    CHECK(units_of({"don", "'t", " ", "go"}, TextUnit::Word) == R{{0, 2}, {2, 3}, {3, 4}});
    CHECK(units_of({"<s>", "A", " b", ".", "\n", " C", "?", "!", " d", "</s>"}, TextUnit::Sentence) ==
          R{{0, 1}, {1, 5}, {5, 8}, {8, 9}, {9, 10}});
    CHECK(units_of({"a", ".", " b", "\n", "c", "\n", "\n"}, TextUnit::Line) == R{{0, 4}, {4, 6}, {6, 7}});
    CHECK(text_units({}, TextUnit::Word).empty());
    const auto tokens = test::text_tokens({"The", " do", "g"});
    CHECK(unit_text(tokens, {1, 3}) == "·dog");
    CHECK(text_unit("sentence") == TextUnit::Sentence);
    CHECK(!text_unit("page"));
}

TEST_CASE("units: the uniform head in closed form") {
    const auto trace = test::causal_trace(4, test::uniform);
    const std::vector<TokenRange> words = {{0, 1}, {1, 3}, {3, 4}};
    const auto weights = unit_weights(trace->matrix(0, 0), *trace, 0, words, words);
    const std::vector<double> expected = {1, 0, 0, 5. / 12, 7. / 12, 0, .25, .5, .25};
    check_values(weights, expected);
    check_values(uniform_unit_weights(*trace, 0, words, words), expected);
    check_values(unit_entropies(weights, 3), {0, .679193, 1.039721});

    TraceInfo info{.num_layers = 1, .num_heads = 1, .num_queries = 4, .num_keys = 4, .is_causal = false};
    const auto wide = make_dense_trace(info, std::vector<float>(16, .25f));
    check_values(uniform_unit_weights(*wide, 0, words, words), {.25, .5, .25, .25, .5, .25, .25, .5, .25});

    info.is_causal = true;
    info.window = {2};  // each row sees itself and the one before
    const auto narrow = make_dense_trace(info, {1, 0, 0, 0, .5f, .5f, 0, 0, 0, .5f, .5f, 0, 0, 0, .5f, .5f});
    check_values(uniform_unit_weights(*narrow, 0, words, words), {1, 0, 0, .25, .75, 0, 0, .5, .5});
}
