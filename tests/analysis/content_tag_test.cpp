// Content tags of one text: a head that follows the tokens keeps its tag, one that only seems to does not.
#include <doctest/doctest.h>

#include <random>

#include "analysis/detector_examples.h"
#include "analysis/statistics/label_permutation.h"
#include "analysis/text_analysis.h"

using namespace headlight;

namespace {

/// `count` tokens of twelve words in a fixed jumble, none of them special.
std::vector<Token> jumbled(int count) {
    const char* words[] = {" one", " two", ",",      " three", " four", " five",
                           ".",    " six", " seven", " eight", " nine", " ten"};
    std::mt19937 random(5);
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i)
        texts.emplace_back(words[random() % 12]);
    return test::text_tokens(texts);
}

/// All on the earlier copies of the token, evenly; even where there is none.
double copies(const std::vector<Token>& tokens, int query, int key) {
    int count = 0;
    for (int j = 0; j < query; ++j)
        count += tokens[static_cast<std::size_t>(j)].id == tokens[static_cast<std::size_t>(query)].id ? 1 : 0;
    if (count == 0) return 1.0 / (query + 1);
    const bool is_copy =
        key < query && tokens[static_cast<std::size_t>(key)].id == tokens[static_cast<std::size_t>(query)].id;
    return is_copy ? 1.0 / count : 0.0;
}

const DetectorScore& score_of(const TextAnalysis& text, HeadId head, std::string_view id) {
    const auto& tags = text.head(head).tags;
    return std::find_if(tags.begin(), tags.end(), [&](const Tag& tag) { return tag.detector->id == id; })
        ->score;
}

}  // namespace

TEST_CASE("tags on one text: the head that follows copies stands, among thirty that do not") {
    const std::vector<Token> tokens = jumbled(80);
    std::vector<test::WeightOf> heads(30, test::uniform);
    heads[7] = [&](int query, int key) { return copies(tokens, query, key); };
    const auto trace = test::causal_trace(80, heads);
    const TextAnalysis text = analyze_text(*trace, tokens, {}, {}).value();
    const DetectorScore& found = score_of(text, {0, 7}, "duplicate_token");
    CHECK(found.is_tagged);
    CHECK(found.p.value() == doctest::Approx(1.0 / 1000));   // none of 999 orders does as well
    CHECK(found.q.value() == doctest::Approx(30.0 / 1000));  // thirty heads were tested
    CHECK(found.reason.find("999 orders") != std::string::npos);
    CHECK(!score_of(text, {0, 8}, "duplicate_token").p);  // below the thresholds nothing is tested
    CHECK(!score_of(text, {0, 8}, "duplicate_token").is_tagged);
}

TEST_CASE("tags on one text: more orders are drawn where few would hide a lone head") {
    const std::vector<Token> tokens = jumbled(80);
    std::vector<test::WeightOf> heads(100, test::uniform);
    heads[3] = [&](int query, int key) { return copies(tokens, query, key); };
    const auto trace = test::causal_trace(80, heads);
    const DetectorScore found =
        score_of(analyze_text(*trace, tokens, {}, {}).value(), {0, 3}, "duplicate_token");
    CHECK(found.is_tagged);
    CHECK(found.p.value() == doctest::Approx(1.0 / 2001));
    CHECK(found.q.value() == doctest::Approx(100.0 / 2001));
}

TEST_CASE("tags on one text: a pattern that any order of the tokens would show is none") {
    // Two tokens in turn: copies lie two back, and so does this head, whatever the tokens are.
    std::vector<std::string> texts;
    for (int i = 0; i < 40; ++i)
        texts.emplace_back(i % 20 < 18 ? " same" : " other");
    const std::vector<Token> tokens = test::text_tokens(texts);
    const auto trace = test::causal_trace(40, [](int query, int key) {
        return query < 2 ? 1.0 / (query + 1) : (key == query - 2 ? 1.0 : 0.0);
    });
    const DetectorScore found =
        score_of(analyze_text(*trace, tokens, {}, {}).value(), {0, 0}, "duplicate_token");
    CHECK(!found.is_tagged);
    if (found.p) CHECK(*found.q > 0.05);
}

TEST_CASE("label permutations: pairs of equal tokens are counted as their key sets count them") {
    const std::vector<Token> tokens = jumbled(30);
    const std::vector<TokenLabel> labels = label_tokens(tokens);
    std::vector<float> excess(900);
    std::mt19937 random(9);
    for (std::size_t i = 0; i < excess.size(); ++i) {
        const std::size_t query = i / 30, key = i % 30;
        excess[i] = key > 0 && key < query ? static_cast<float>(random() % 1000) / 1000 - 0.5f : 0.0f;
    }
    for (const char* id : {"duplicate_token", "induction"}) {
        const DetectorDescriptor& detector = *find_detector(id);
        const PermutedPairs permuted(detector, {labels, true, false}, 99, 4);
        // The same orders, each with the key set of the labels as they then stand.
        SplitMix draws(4);
        std::vector<TokenLabel> moved(labels.begin() + 1, labels.end());
        std::vector<double> statistics;
        for (int draw = 0; draw < 100; ++draw) {
            if (draw > 0) draws.shuffle(moved);
            std::vector<TokenLabel> all = {labels.front()};
            all.insert(all.end(), moved.begin(), moved.end());
            const KeySet set = detector.key_set({all, true, false});
            double sum = 0;
            for (std::size_t query = 0; query < 30; ++query) {
                for (const std::uint32_t key : set.row(query))
                    sum += excess[query * 30 + key];
            }
            statistics.push_back(sum);
        }
        int as_large = 0;
        for (std::size_t i = 1; i < statistics.size(); ++i)
            as_large += statistics[i] >= statistics[0] - 1e-5 ? 1 : 0;
        INFO(id);
        CHECK(permuted.p_value(excess).value() == doctest::Approx((1.0 + as_large) / 100));
    }
}

TEST_CASE("tags on one text: of a long text the beginning is tested") {
    constexpr int kCount = 4200, kPeriod = 500;
    std::vector<std::string> texts;
    for (int i = 0; i < kCount; ++i)
        texts.push_back(" w" + std::to_string(i % kPeriod));
    const std::vector<Token> tokens = test::text_tokens(texts);
    const auto trace = test::causal_trace(kCount, [](int query, int key) {
        return query < kPeriod ? 1.0 / (query + 1) : key == query - kPeriod ? 1.0 : 0.0;
    });
    const DetectorScore found =
        score_of(analyze_text(*trace, tokens, {}, {}).value(), {0, 0}, "duplicate_token");
    CHECK(found.is_tagged);
    CHECK(found.p.value() < 0.01);
    CHECK(found.reason.find("first 4096 tokens") != std::string::npos);
}
