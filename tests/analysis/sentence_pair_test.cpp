// The shares of a sentence pair against sums that are written out, between tokens and between words.
#include <doctest/doctest.h>

#include "analysis/patterns/sentence_masses.h"
#include "analysis/search/head_table.h"
#include "analysis/text_analysis.h"
#include "core/dense_trace.h"
#include "core/units/grouped_trace.h"

using namespace headlight;
using doctest::Approx;

namespace {

/// "[CLS] a b [SEP] c [SEP]": four tokens of A, two of B.
TokenizedText sample_pair() {
    TokenizedText text;
    text.text = "a b\nc";
    const auto add = [&](const char* piece, std::size_t begin, std::size_t end) {
        text.tokens.push_back(
            {static_cast<std::int32_t>(text.tokens.size()), piece, piece, begin, end, end == 0});
    };
    add("[CLS]", 0, 0), add("a", 0, 1), add("b", 2, 3), add("[SEP]", 0, 0), add("c", 4, 5),
        add("[SEP]", 0, 0);
    text.second_token = 4;
    text.second_byte = 4;
    return text;
}

/// Two heads: one that spreads evenly, one whose A gives a quarter to "c" and whose B gives all to "a".
TracePtr sample_trace() {
    constexpr int kCount = 6;
    TraceInfo info;
    info.num_layers = 1;
    info.num_heads = 2;
    info.num_queries = info.num_keys = kCount;
    info.is_causal = false;
    std::vector<float> weights(kCount * kCount, 1.0f / kCount);
    for (int query = 0; query < kCount; ++query) {
        for (int key = 0; key < kCount; ++key) {
            const float of_a = key == 0 ? 0.75f : key == 4 ? 0.25f : 0.0f;
            weights.push_back(query < 4 ? of_a : key == 1 ? 1.0f : 0.0f);
        }
    }
    return make_dense_trace(info, weights);
}

double value_of(const std::vector<MetricValue>& values, const char* id, bool is_reference = false) {
    for (const MetricValue& value : values) {
        if (std::string(value.metric->id) == id)
            return (is_reference ? value.reference : value.value).value_or(-1);
    }
    return -2;
}

}  // namespace

TEST_CASE("sentence pair: shares of the four quadrants, and of an even head") {
    const TokenizedText text = sample_pair();
    const TracePtr trace = sample_trace();
    const auto analysis = analyze_text(*trace, text.tokens, text_key_sets(text), {});
    REQUIRE(analysis);
    const auto& even = analysis->heads[0].metrics;
    const auto& head = analysis->heads[1].metrics;
    CHECK(value_of(even, "a_to_a") == Approx(4.0 / 6));
    CHECK(value_of(even, "b_to_b") == Approx(2.0 / 6));
    CHECK(value_of(head, "a_to_a") == Approx(0.75));
    CHECK(value_of(head, "a_to_b") == Approx(0.25));
    CHECK(value_of(head, "b_to_a") == Approx(1.0));
    CHECK(value_of(head, "b_to_b") == Approx(0.0));
    for (const auto& [id, uniform] : {std::pair{"a_to_a", 4.0 / 6}, {"a_to_b", 2.0 / 6}, {"b_to_a", 4.0 / 6}})
        CHECK(value_of(head, id, true) == Approx(uniform));
    CHECK(value_of(analysis->layers[0], "a_to_b") == Approx((2.0 / 6 + 0.25) / 2));
    const HeadTable table = make_head_table({&*analysis});
    CHECK(head_table_csv(table, std::vector<HeadId>{{0, 1}}).find("a_to_b") != std::string::npos);
}

TEST_CASE("sentence pair: between words the even head is the one that spreads over tokens") {
    TokenizedText text = sample_pair();
    const auto groups = std::make_shared<TextGroups>();
    groups->queries = groups->keys = {{0, 1}, {1, 3}, {3, 4}, {4, 5}, {5, 6}};  // "a b" is one word
    const TokenizedText units = text_of_units(text, groups->queries);
    CHECK(units.second_token == 3);
    const auto sets = text_key_sets(units);
    const GroupedTrace trace(sample_trace(), groups, false, sets);
    const auto analysis = analyze_text(trace, units.tokens, sets, {});
    REQUIRE(analysis);
    CHECK(value_of(analysis->heads[0].metrics, "a_to_a") == Approx(4.0 / 6));
    CHECK(value_of(analysis->heads[1].metrics, "a_to_b", true) == Approx(2.0 / 6));
    CHECK(value_of(analysis->heads[1].metrics, "b_to_a") == Approx(1.0));
}

TEST_CASE("sentence pair: a unit of both sentences leaves no pair, and one text has no shares") {
    TokenizedText text = sample_pair();
    const std::vector<TokenRange> across = {{0, 2}, {2, 6}};
    CHECK_FALSE(text_of_units(text, across).is_pair());
    text.second_token = -1;
    const auto analysis = analyze_text(*sample_trace(), text.tokens, text_key_sets(text), {});
    REQUIRE(analysis);
    CHECK(value_of(analysis->heads[0].metrics, "a_to_a") == -2);
    CHECK(value_of(analysis->model, "b_to_b") == -2);
}
