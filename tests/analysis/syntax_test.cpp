// CoNLL-U, words from pieces, and accuracy against the best fixed offset.
#include <doctest/doctest.h>

#include "analysis/detector_examples.h"
#include "analysis/words/conllu.h"
#include "analysis/words/syntax.h"

using namespace headlight;
using doctest::Approx;

namespace {

constexpr const char* kText =
    "# sent_id = 1\n"
    "1\tThe\tthe\tDET\t_\t_\t2\tdet\t_\t_\n"
    "2\tdog\tdog\tNOUN\t_\t_\t3\tnsubj\t_\t_\n"
    "3\tbarks\tbark\tVERB\t_\t_\t0\troot\t_\tSpaceAfter=No\n"
    "4\t.\t.\tPUNCT\t_\t_\t3\tpunct\t_\t_\n"
    "\n"
    "1-2\tdu\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "1\tde\tde\tADP\t_\t_\t3\tcase\t_\t_\n"
    "2\tle\tle\tDET\t_\t_\t3\tdet\t_\t_\n"
    "2.1\tx\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "3\tchat\tchat\tNOUN\t_\t_\t0\troot\t_\t_\r\n";

std::string problem_of(const std::string& text) {
    const auto result = parse_conllu(text);
    return result ? "" : result.error().message;
}

/// Hits and pairs of a relation on one head; {0, 0} where no pair of it can be measured.
std::pair<int, int> hits_of(const TracePtr& trace, const RelationText& text, bool is_causal,
                            std::string_view name) {
    const std::vector<EligiblePairs> relations = eligible_pairs(text, is_causal);
    const std::vector<int> hits = count_hits(trace->matrix(0, 0), text, relations);
    for (std::size_t r = 0; r < relations.size(); ++r) {
        if (relations[r].name == name) return {hits[r], static_cast<int>(relations[r].pairs.size())};
    }
    return {0, 0};
}

}  // namespace

TEST_CASE("CoNLL-U: words, heads, spans, words that share a form, no final empty line") {
    const auto sentences = parse_conllu(kText).value();
    REQUIRE(sentences.size() == 2);
    CHECK(sentences[0].text == "The dog barks.");
    CHECK(sentences[0].words[1].head == 2);
    CHECK(sentences[0].words[2].head == -1);
    CHECK(sentences[0].words[1].relation == "nsubj");
    CHECK(sentences[0].words[0].part_of_speech == "DET");
    CHECK(sentences[0].words[3].begin == 13);
    CHECK(sentences[1].text == "du chat");
    CHECK(sentences[1].words[1].begin == 0);
    CHECK(sentences[1].words[1].end == 2);
    CHECK(sentences[1].words[2].begin == 3);
    CHECK(parse_conllu("").value().empty());
    CHECK(parse_conllu("\n\n# only a comment\n\n").value().empty());
}

TEST_CASE("CoNLL-U: what is wrong is named with its line") {
    CHECK(problem_of("1\tThe\n").find("line 1 does not have ten columns") != std::string::npos);
    CHECK(problem_of("2\ta\t_\t_\t_\t_\t0\troot\t_\t_\n").find("out of order") != std::string::npos);
    CHECK(problem_of("1\ta\t_\t_\t_\t_\t9\tdep\t_\t_\n\n").find("head 9 in a sentence of 1") !=
          std::string::npos);
    CHECK(problem_of("1\ta\t_\t_\t_\t_\t-3\tdep\t_\t_\n").find("head that is no number") !=
          std::string::npos);
    CHECK(problem_of("1\ta\t_\t_\t_\t_\t99999999999\tdep\t_\t_\n").find("no number") != std::string::npos);
    CHECK(problem_of("1\t\xFF\t_\t_\t_\t_\t0\tdep\t_\t_\n").find("no UTF-8") != std::string::npos);
    CHECK(problem_of("1\t" + std::string(5000, 'a') + "\t_\t_\t_\t_\t0\tdep\t_\t_\n").find("5000 bytes") !=
          std::string::npos);
    CHECK(problem_of("3-2\ta\t_\t_\t_\t_\t_\t_\t_\t_\n").find("range") != std::string::npos);
    std::string endless;
    for (int i = 1; i <= 1001; ++i)
        endless += std::to_string(i) + "\ta\t_\t_\t_\t_\t0\tdep\t_\t_\n";
    CHECK(problem_of(endless).find("line 1001 is past the 1000 words") != std::string::npos);
    CHECK(problem_of(std::string(100, '\t')).find("ten columns") != std::string::npos);
}

TEST_CASE("words from pieces: sum over the attended pieces, mean over the attending ones") {
    // Tokens: special, word 0, word 1 in two pieces.
    const std::vector<int> words = {-1, 0, 1, 1};
    const std::vector<float> matrix = {1, 0, 0, 0, .5f, .5f, 0, 0, .2f, .5f, .3f, 0, .1f, .1f, .2f, .6f};
    const std::vector<float> reduced = reduce_to_words(matrix, words, 2);
    CHECK(reduced[0] == Approx(.5));
    CHECK(reduced[1] == 0.0f);
    CHECK(reduced[2] == Approx((.5 + .1) / 2));
    CHECK(reduced[3] == Approx((.3 + .8) / 2));
}

TEST_CASE("gold relations: accuracy of a head that follows them, and of one that looks one back") {
    const std::string text =
        "1\tThe\t_\tDET\t_\t_\t4\tdet\t_\t_\n2\told\t_\tADJ\t_\t_\t4\tamod\t_\t_\n3\tred\t_\tADJ\t_\t_"
        "\t4\tamod\t_\t_\n"
        "4\tbarn\t_\tNOUN\t_\t_\t5\tnsubj\t_\t_\n5\tburns\t_\tVERB\t_\t_\t0\troot\t_\t_\n";
    const ConlluSentence sentence = parse_conllu(text).value()[0];
    std::vector<Token> tokens = test::text_tokens({"<s>", "The", " old", " red", " bar", "n", " burns"});
    const RelationText relations = gold_relations(sentence, tokens);
    CHECK(relations.word_of_token == std::vector<int>{-1, 0, 1, 2, 3, 3, 4});
    // The noun looks at its determiner (both pieces), the verb at its subject; the rest rests.
    const TracePtr follows = test::causal_trace(7, test::points_to({0, 0, 0, 0, 1, 1, 4}));
    using Counts = std::pair<int, int>;
    CHECK(hits_of(follows, relations, true, "det from head") == Counts{1, 1});
    CHECK(hits_of(follows, relations, true, "nsubj from head") == Counts{1, 1});
    CHECK(hits_of(follows, relations, true, "amod from head") == Counts{0, 2});
    // The mask hides heads that come later.
    for (const EligiblePairs& relation : eligible_pairs(relations, true))
        CHECK(relation.name.find("to head") == std::string::npos);
    CHECK(hits_of(follows, relations, false, "det to head") == Counts{0, 1});
    CHECK(hits_of(follows, relations, false, "amod to head") == Counts{0, 2});
}

TEST_CASE("relations: what one distance can hit, and what chance") {
    RelationText text;
    text.num_words = 5;
    text.word_of_token = {0, 1, 2, -1, 4};  // the fourth word has no token
    text.relations = {{"r", {{4, 2}, {2, 0}, {1, 0}, {3, 0}, {0, 4}}}, {"later", {{0, 1}}}};
    const std::vector<EligiblePairs> causal = eligible_pairs(text, true);
    REQUIRE(causal.size() == 1);
    CHECK(causal[0].pairs == std::vector<std::pair<int, int>>{{4, 2}, {2, 0}, {1, 0}});
    CHECK(causal[0].chance == Approx(1.0 / 3 + 1.0 / 2 + 1));
    CHECK(pair_offsets(causal[0]) == PairOffsets{{1, 1}, {2, 2}});
    CHECK(best_offset(pair_offsets(causal[0])) == std::pair<int, int>{2, 2});
    const std::vector<EligiblePairs> both_ways = eligible_pairs(text, false);
    CHECK(both_ways.size() == 2);
    CHECK(both_ways[0].chance == Approx(4.0 / 3));
    CHECK(best_offset({}) == std::pair<int, int>{0, 0});
}

TEST_CASE("relations without a parser: determiners, prepositions, subjects") {
    const std::vector<Token> tokens =
        test::text_tokens({"<s>", "The", " old", " d", "og", " was", " in", " the", " house", ",", " and",
                           " she", " saw", " Emma"});
    const RelationText text = find_relations(tokens);
    // Words: The 0 old 1 dog 2 was 3 in 4 the 5 house 6 and 7 she 8 saw 9 Emma 10.
    using Pairs = std::vector<std::pair<int, int>>;
    REQUIRE(text.relations.size() == 3);
    CHECK(text.num_words == 11);
    CHECK(text.relations[0].name == "noun to determiner");
    CHECK(text.relations[0].pairs == Pairs{{2, 0}, {6, 5}});
    CHECK(text.relations[1].pairs == Pairs{{9, 8}});
    CHECK(text.relations[2].pairs == Pairs{{6, 4}});
    CHECK(find_relations({}).num_words == 0);
}
