// Nulls N1 and N2, and the numbers that a scan gets of each sequence.
#include <doctest/doctest.h>

#include <limits>

#include "analysis/detector_examples.h"
#include "analysis/patterns/sequence_scores.h"
#include "analysis/statistics/label_permutation.h"
#include "core/dense_trace.h"

using namespace headlight;
using doctest::Approx;

namespace {

SequenceScore score_of(const std::vector<SequenceScore>& scores, std::string_view id) {
    for (std::size_t d = 0; d < detectors().size(); ++d) {
        if (id == detectors()[d]->id) return scores[d];
    }
    FAIL("no such detector");
    return {};
}

std::size_t index_of(std::string_view id) {
    for (std::size_t d = 0; d < detectors().size(); ++d) {
        if (id == detectors()[d]->id) return d;
    }
    return 0;
}

/// Words with a comma after some of them: no fixed distance between commas.
std::vector<Token> text_with_commas() {
    std::vector<std::string> texts = {"<s>"};
    const int lengths[] = {2, 5, 3, 7, 2, 4, 6, 3, 5, 2};
    int word = 0;
    for (const int length : lengths) {
        for (int i = 0; i < length; ++i)
            texts.push_back(" w" + std::to_string(word++));
        texts.push_back(",");
    }
    return test::text_tokens(texts);
}

test::WeightOf comma_head(const std::vector<Token>& tokens) {
    return test::points_to_last(tokens, [](const Token&, const Token& key) { return key.piece == ","; });
}

}  // namespace

TEST_CASE("positional profile: means by offset and the first token's own mean") {
    PositionalProfile profile;
    const TracePtr previous = test::causal_trace(6, test::previous);
    profile.add(*previous, {});
    // Row 1 looks at key 0, the others at i - 1: one in five rows on the first token.
    std::vector<float> row(5);
    profile.fill_row(4, {0, 5}, row);
    CHECK(row[0] == Approx(0.2 / 1.2));
    CHECK(row[3] == Approx(1.0 / 1.2));
    CHECK(row[4] == 0.0f);
    CHECK(profile.expected_mass(4, {0, 5}, std::vector<std::uint32_t>{0, 3}) == Approx(1.0));
    profile.fill_row(4, {2, 5}, row);  // a window that hides the first token
    CHECK(row[0] == 0.0f);
    CHECK(row[3] == Approx(1.0));
}

TEST_CASE("positional profile: sums of shards are the sum of all; values give it back") {
    PositionalProfile both, one, other;
    const TracePtr a = test::causal_trace(9, test::noise(1)), b = test::causal_trace(14, test::noise(2));
    both.add(*a, {});
    both.add(*b, {});
    one.add(*a, {});
    other.add(*b, {});
    one.merge(other);
    CHECK(one.values() == both.values());
    PositionalProfile backwards = other;
    PositionalProfile alone;
    alone.add(*a, {});
    backwards.merge(alone);
    REQUIRE(backwards.values().size() == both.values().size());
    for (std::size_t i = 0; i < both.values().size(); ++i)
        CHECK(backwards.values()[i] == Approx(both.values()[i]).epsilon(1e-12));
    CHECK(PositionalProfile::from_values(both.values())->values() == both.values());
    CHECK(PositionalProfile().is_empty());
    CHECK(PositionalProfile::from_values(PositionalProfile().values())->is_empty());
    std::vector<double> broken = both.values();
    broken.pop_back();
    CHECK(!PositionalProfile::from_values(broken));
    broken = both.values();
    broken[3] = 1e9;
    CHECK(!PositionalProfile::from_values(broken));
    broken[3] = std::numeric_limits<double>::quiet_NaN();
    CHECK(!PositionalProfile::from_values(broken));
    CHECK(!PositionalProfile::from_values(std::vector<double>(4 + 2 * 2000, 0.0)));
}

TEST_CASE("positional profile: the far offsets share a mean, and later keys have their own") {
    PositionalProfile profile;
    profile.add(*test::causal_trace(300, test::uniform), {});
    CHECK(profile.values().size() == 4 + 2 * (PositionalProfile::kMostOffset + 1));
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = info.num_keys = 3;
    info.is_causal = false;
    const TracePtr next = make_dense_trace(info, {0, 1, 0, 0, 0, 1, 1, 0, 0});
    PositionalProfile full;
    full.add(*next, {});
    std::vector<float> row(3);
    full.fill_row(1, {0, 3}, row);
    CHECK(row[0] == Approx(.25));  // the first token in one row of three; one ahead in both rows that have it
    CHECK(row[2] == Approx(.75));
}

TEST_CASE("sequence scores: content beats position for a comma head, not for an offset head") {
    const std::vector<Token> tokens = text_with_commas();
    const int size = static_cast<int>(tokens.size());
    const SequenceText text(tokens, true);
    CHECK(text.num_tokens() == size);
    CHECK(text.live_key_sets().size() == 2);
    const auto back = [](int offset) {
        return [offset](int query, int key) { return key == std::max(0, query - offset) ? 1.0 : 0.0; };
    };
    const TracePtr trace = test::causal_trace(size, {comma_head(tokens), back(3), test::uniform});
    PositionalProfile profiles[3];
    for (int head = 0; head < 3; ++head)
        profiles[head].add(*trace, {0, head});
    const SequenceScore comma = score_of(score_sequence(*trace, text, {0, 0}, &profiles[0]), "punctuation");
    CHECK(comma.score.value() == Approx(1.0));
    CHECK(comma.profile_null.value() < 0.5);
    CHECK(comma.permutation_p.value() == Approx(1.0 / (size - 1)));  // every shift of the labels is worse
    CHECK(comma.is_tagged);
    const auto offset_scores = score_sequence(*trace, text, {0, 1}, &profiles[1]);
    const SequenceScore offset = score_of(offset_scores, "punctuation");
    CHECK(offset.profile_null.value() == Approx(offset.score.value()).epsilon(0.1));
    CHECK(offset.permutation_p.value() > 0.05);
    CHECK(score_of(offset_scores, "offset_3").score.value() == Approx(1.0));
    CHECK(!score_of(offset_scores, "offset_3").profile_null);
    CHECK(!score_of(offset_scores, "offset_3").permutation_p);
    const auto even = score_sequence(*trace, text, {0, 2}, &profiles[2]);
    CHECK(score_of(even, "punctuation").permutation_p.value() == 1.0);
    CHECK(score_of(even, "whitespace").permutation_p.value() == 1.0);
    CHECK(score_of(even, "copying").num_rows == 0);
    CHECK(!score_of(even, "copying").score);
}

TEST_CASE("sequence scores: permuted ids for induction and duplicates") {
    const std::vector<Token> tokens = test::repeated_block(20);
    const SequenceText text(tokens, true, {.num_permutations = 999, .seed = 5});
    const auto repeat = [](int offset) {
        return [offset](int query, int key) { return key == (query > 20 ? query - offset : 0) ? 1.0 : 0.0; };
    };
    const TracePtr trace = test::causal_trace(41, {repeat(19), repeat(20)});
    const auto induction = score_sequence(*trace, text, {0, 0}),
               duplicate = score_sequence(*trace, text, {0, 1});
    CHECK(score_of(induction, "induction").permutation_p.value() == Approx(0.001));
    CHECK(score_of(duplicate, "duplicate_token").permutation_p.value() == Approx(0.001));
    CHECK(score_of(induction, "duplicate_token").permutation_p.value() > 0.2);
    CHECK(!score_of(induction, "induction").profile_null);  // no profile given
    const SequenceText again(tokens, true, {.num_permutations = 999, .seed = 5});
    for (std::size_t d = 0; d < detectors().size(); ++d) {
        CHECK(score_sequence(*trace, again, {0, 0})[d].permutation_p == induction[d].permutation_p);
    }
    const SequenceText without(tokens, true, {.num_permutations = 0});
    CHECK(!score_of(score_sequence(*trace, without, {0, 0}), "induction").permutation_p);
}

TEST_CASE("sequence scores: heads of pure noise keep the level of the permutation test") {
    const std::vector<Token> tokens = text_with_commas();
    const SequenceText text(tokens, true, {.num_permutations = 199});
    int num_tests = 0, num_small = 0, num_tags = 0;
    for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        const TracePtr trace = test::causal_trace(static_cast<int>(tokens.size()), test::noise(seed));
        for (const char* id : {"punctuation", "whitespace"}) {
            const SequenceScore score = score_of(score_sequence(*trace, text, {}), id);
            ++num_tests;
            num_small += score.permutation_p.value() <= 0.05 ? 1 : 0;
            num_tags += score.is_tagged ? 1 : 0;
        }
    }
    CHECK(num_tests == 200);
    CHECK(num_small <= 20);  // 5 % are 10; twice that has a chance below 1 in 500
    CHECK(num_tags <= 10);   // a tag on one text is no test
}

TEST_CASE("sequence scores: a sentence head and a vowel head are tagged when the profile is beaten") {
    const auto examples = test::detector_examples();
    for (const char* id : {"block", "vowel_consonant"}) {
        CAPTURE(id);
        const test::DetectorExample& example = examples.at(id);
        const TracePtr trace = example.trace(example.perfect);
        const SequenceText text(example.tokens, true);
        PositionalProfile even, own;
        even.add(*test::causal_trace(static_cast<int>(example.tokens.size()), test::uniform), {});
        CHECK(score_of(score_sequence(*trace, text, {}, &even), id).is_tagged);
        CHECK(!score_of(score_sequence(*trace, text, {}), id).is_tagged);
        // A head that looks three back scores on vowels only as far as its profile does.
        const TracePtr offset =
            example.trace([](int query, int key) { return key == std::max(0, query - 1) ? 1.0 : 0.0; });
        own.add(*offset, {});
        CHECK(!score_of(score_sequence(*offset, text, {}, &own), id).is_tagged);
    }
}

TEST_CASE("sequence scores: the excess over an even spread is zero for even rows and sums to zero") {
    const TracePtr trace = test::causal_trace(12, {test::uniform, test::noise(4)});
    for (const float value : excess_weights(trace->matrix(0, 0), *trace, 0))
        CHECK(std::abs(value) < 1e-7);
    const std::vector<float> excess = excess_weights(trace->matrix(0, 1), *trace, 0);
    for (std::size_t query = 0; query < 12; ++query) {
        double sum = 0;
        for (std::size_t key = 0; key < 12; ++key)
            sum += excess[query * 12 + key];
        CHECK(std::abs(sum) < 1e-6);
        CHECK(excess[query * 12] == 0.0f);
        CHECK(excess[query * 12 + query] == 0.0f);
    }
}

TEST_CASE("sequence scores: masses of rows, and texts that do not belong to the trace") {
    const std::vector<Token> tokens = text_with_commas();
    const int size = static_cast<int>(tokens.size());
    const SequenceText text(tokens, true, {.num_permutations = 0});
    const TracePtr trace = test::causal_trace(size, comma_head(tokens));
    const std::vector<float> masses = row_masses(*trace, text, {}, index_of("punctuation"));
    REQUIRE(masses.size() == tokens.size());
    CHECK(masses[1] == -1.0f);
    CHECK(masses.back() == 1.0f);
    CHECK(row_masses(*trace, text, {}, index_of("first_token"))[2] == 1.0f);
    CHECK(row_masses(*trace, text, {}, index_of("uniform")).empty());
    CHECK(row_masses(*trace, text, {}, 1000).empty());
    const TracePtr shorter = test::causal_trace(5, test::uniform);
    CHECK(row_masses(*shorter, text, {}, 0).empty());
    for (const SequenceScore& score : score_sequence(*shorter, text, {}))
        CHECK(!score.score);
    for (const int length : {1, 2, 3}) {
        const std::vector<Token> few(tokens.begin(), tokens.begin() + length);
        const SequenceText small(few, true);
        CHECK(score_sequence(*test::causal_trace(length, test::uniform), small, {}).size() ==
              detectors().size());
    }
}

TEST_CASE("sequence scores: the column that stands out is named") {
    const std::vector<Token> tokens = text_with_commas();
    const TracePtr trace = test::causal_trace(static_cast<int>(tokens.size()), [](int query, int key) {
        return key == (query > 9 ? 9 : 0) ? 1.0 : 0.0;
    });
    const SequenceText text(tokens, true, {.num_permutations = 0});
    CHECK(score_of(score_sequence(*trace, text, {}), "global_column").column == 9);
}
