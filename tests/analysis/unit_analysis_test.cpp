// What is said of words: numbers from gathered rows, against a head that spreads evenly over tokens.
#include <doctest/doctest.h>

#include <cmath>
#include <thread>

#include "analysis/detector_examples.h"
#include "analysis/patterns/detector_text.h"
#include "analysis/search/own_detectors.h"
#include "analysis/text_analysis.h"
#include "analysis/words/text_units.h"
#include "core/units/grouped_trace.h"

using namespace headlight;
using doctest::Approx;

namespace {

struct UnitText {
    std::vector<Token> tokens, units;
    std::shared_ptr<const TextGroups> groups;
    std::shared_ptr<const GroupedTrace> trace;
    TextAnalysis analysis;

    UnitText(const std::vector<std::string>& texts, const test::WeightOf& weight,
             TextUnit unit = TextUnit::Word)
        : tokens(test::text_tokens(texts)) {
        groups = text_groups(tokens, tokens, unit, FromGroup::Mean);
        units = unit_tokens(tokens, groups->queries);
        trace = std::make_shared<GroupedTrace>(test::causal_trace(static_cast<int>(tokens.size()), weight),
                                               groups);
        analysis = analyze_text(*trace, units, {}, {}).value();
    }
    const MetricValue& metric(std::string_view id) const {
        for (const MetricValue& value : analysis.heads[0].metrics)
            if (id == value.metric->id) return value;
        throw std::out_of_range(std::string(id));
    }
    const DetectorScore& tag(std::string_view id) const {
        for (const Tag& tag : analysis.heads[0].tags)
            if (id == tag.detector->id) return tag.score;
        throw std::out_of_range(std::string(id));
    }
};

const std::vector<std::string> kText = {"The",  " cat", " sat", " on",  " inter", "nation", "al",
                                        " mat", ",",    " the", " cat", " sat",   " up",    "."};

/// Word of each token of kText.
constexpr int kWordOf[] = {0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9, 10, 11};

}  // namespace

TEST_CASE("units: the closed form of three words") {
    const UnitText text({"a", " b", "c", " d"}, test::uniform);
    REQUIRE(text.units.size() == 3);
    CHECK(text.metric("entropy").value == Approx((0 + .679193 + 1.039721) / 3));
    CHECK(text.metric("entropy_normalized").value == Approx(1));
    CHECK(text.metric("self_mass").value == Approx((7. / 12 + .25) / 2));
    CHECK(text.metric("self_mass").reference == Approx((7. / 12 + .25) / 2));
    CHECK(text.metric("first_token_mass").value == Approx((5. / 12 + .25) / 2));
    CHECK(text.metric("mean_distance").value == Approx((0 + 5. / 12 + 1) / 3));
    CHECK_FALSE(text.metric("kl_from_uniform").value);
    CHECK_FALSE(text.metric("softmax_gate").value);
}

TEST_CASE("units: an even head reads its own null everywhere, and has no tag but uniform") {
    const UnitText text(kText, test::uniform);
    REQUIRE(text.units.size() == 12);
    for (const MetricValue& value : text.analysis.heads[0].metrics) {
        CAPTURE(std::string(value.metric->id));
        REQUIRE(value.value.has_value() == value.reference.has_value());
        if (value.value) CHECK(*value.value == Approx(*value.reference).epsilon(1e-5));
    }
    for (const Tag& tag : text.analysis.heads[0].tags) {
        CAPTURE(std::string(tag.detector->id));
        CHECK(tag.score.is_tagged == (std::string_view(tag.detector->id) == "uniform"));
        if (tag.score.score && tag.score.lift) CHECK(*tag.score.lift == Approx(1).epsilon(1e-4));
        if (TextUnit::Word > tag.detector->coarsest) CHECK(tag.score.reason.starts_with("not asked"));
    }
    CHECK(text.analysis.flow[0].self == Approx(text.analysis.uniform_flow.self));
    CHECK(text.analysis.flow[0].previous == Approx(text.analysis.uniform_flow.previous));
}

TEST_CASE("units: a head of the word before, whatever its pieces are") {
    const UnitText text(kText, [](int query, int key) {
        const int word = kWordOf[query], wanted = std::max(0, word - 1);
        int count = 0;
        for (const int other : kWordOf)
            count += other == wanted ? 1 : 0;
        return kWordOf[key] == wanted ? 1.0 / count : 0.0;
    });
    CHECK(text.metric("previous_mass").value == Approx(1));
    CHECK(text.tag("previous_token").is_tagged);
    CHECK(text.tag("previous_token").score == Approx(1));
    CHECK_FALSE(text.tag("self").is_tagged);
    CHECK_FALSE(text.tag("within_word").score);
}

TEST_CASE("units: copies of words, and what followed them") {
    const auto last_copy = [](int offset) {
        return [offset](int query, int key) {
            // "the cat sat" comes twice: words 0..2 and 7..9.
            const int word = kWordOf[query];
            const int wanted = word >= 7 && word <= 9 ? word - 7 + offset : 0;
            return kWordOf[key] == wanted ? 1.0 : 0.0;
        };
    };
    const UnitText copies(kText, last_copy(0));
    CHECK(copies.tag("duplicate_token").score == Approx(1));
    CHECK(copies.tag("induction").score == Approx(0));
    const UnitText following(kText, last_copy(1));
    CHECK(following.tag("induction").score == Approx(1));
}

TEST_CASE("units: self is judged against its null alone") {
    // Each token looks at itself and at the pieces of its word before it: long words have much of themselves.
    const UnitText even({"aaa", "bbb", "ccc", "ddd", " eee", "fff", "ggg", "hhh"}, test::uniform);
    REQUIRE(even.units.size() == 2);
    CHECK(even.tag("self").score.value() > 0.3);
    CHECK(even.tag("self").kappa == Approx(0));
    CHECK_FALSE(even.tag("self").is_tagged);
    const UnitText self(kText, [](int query, int key) { return query == key ? 1.0 : 0.0; });
    CHECK(self.tag("self").kappa == Approx(1));
    CHECK(self.tag("self").is_tagged);
}

TEST_CASE("units: sentences and lines ask fewer patterns") {
    const UnitText text({"One", " two", ".", "\n", "Three", ".", "\n", "Four", "."}, test::uniform,
                        TextUnit::Line);
    REQUIRE(text.units.size() == 3);
    for (const char* id : {"within_word", "whitespace", "vowel_consonant", "semantic", "punctuation",
                           "rare_token", "block", "bracket", "quote", "indent", "copying", "retrieval"})
        CHECK_MESSAGE(text.tag(id).reason.starts_with("not asked between lines"), std::string(id));
    for (const char* id : {"previous_token", "first_token", "self", "uniform"})
        CHECK_MESSAGE(text.tag(id).score.has_value(), std::string(id));
}

TEST_CASE("units: a text is analysed with the saved rules that there were when it began") {
    const std::size_t built_in = detectors().size();
    const std::vector<OwnRule> rules = {{"step", TokenRule::parse("offset 1").value(), 0.5, "a test"},
                                        {"copies", TokenRule::parse("same token").value(), 0.5, "a test"}};
    const std::vector<Token> tokens = test::text_tokens(kText);
    const TracePtr plain = test::causal_trace(static_cast<int>(tokens.size()), test::uniform);
    const auto groups = text_groups(tokens, tokens, TextUnit::Word, FromGroup::Mean);
    const std::vector<Token> words = unit_tokens(tokens, groups->queries);
    const GroupedTrace grouped(plain, groups);
    struct One {
        const AttentionTrace& trace;
        const std::vector<Token>& tokens;
    };
    for (const One& one : {One{*plain, tokens}, One{grouped, words}}) {
        std::vector<RowStats> rows(one.tokens.size());
        one.trace.row_stats(0, 0, rows);
        const DetectorText before(one.tokens, one.trace.info(), {});
        set_own_detectors(rules);
        const DetectorText with_rules(one.tokens, one.trace.info(), {});
        CHECK(detect(one.trace, rows, {0, 0}, before).size() == built_in);
        CHECK(read_head_rows(one.trace, {0, 0}, before).mass.size() == built_in);
        set_own_detectors({});
        const std::vector<Tag> tags = detect(one.trace, rows, {0, 0}, with_rules);
        REQUIRE(tags.size() == built_in + 2);
        CHECK(std::string(tags.back().detector->id) == "own_copies");
        CHECK(tags[built_in].score.score.has_value() == !one.trace.has_units());  // rules are of tokens
    }
}

TEST_CASE("units: rules come and go on one thread while texts are analysed on another") {
    const std::size_t built_in = detectors().size();
    const std::vector<OwnRule> rules = {{"step", TokenRule::parse("offset 1").value(), 0.5, "a test"}};
    std::jthread changer([&](const std::stop_token& stop) {
        for (bool is_on = true; !stop.stop_requested(); is_on = !is_on)
            set_own_detectors(is_on ? rules : std::vector<OwnRule>{});
    });
    for (int i = 0; i < 100; ++i) {
        const UnitText text(kText, test::uniform);
        const std::size_t count = text.analysis.heads[0].tags.size();
        CHECK((count == built_in || count == built_in + 1));
        CHECK(text.tag("uniform").is_tagged);
    }
    changer.request_stop();
    changer.join();
    set_own_detectors({});
}
