// What holds for every detector of the registry.
#include <doctest/doctest.h>

#include <set>

#include "analysis/detector_examples.h"
#include "support/fixtures.h"

using namespace headlight;
using doctest::Approx;

TEST_CASE("detectors: conformance of every entry") {
    std::set<std::string> ids;
    for (const DetectorDescriptor* detector : detectors()) {
        const std::string id = detector->id;
        CAPTURE(id);
        CHECK(ids.insert(id).second);
        CHECK(find_detector(id) == detector);
        for (const char* text : {detector->label, detector->help, detector->definition, detector->source}) {
            CHECK(std::string(text).size() > 3);
        }
        CHECK(std::string(detector->glyph).size() <= 2);
        CHECK(detector->threshold > 0);
        CHECK(detector->threshold < 1);
        if (detector->is_key != nullptr) CHECK(detector->permutation == LabelPermutation::Shift);
        if (detector->permutation != LabelPermutation::None) CHECK((detector->key_set != nullptr));
        if (detector->kind == DetectorKind::Behaviour) CHECK((detector->key_set == nullptr));
    }
    CHECK(find_detector("no_such_detector") == nullptr);
    const std::set<std::string> fixed = {
        "previous_token", "next_token",      "offset_2",        "offset_3",    "offset_4",  "offset_5",
        "offset_6",       "offset_7",        "offset_8",        "first_token", "self",      "local_window",
        "global_column",  "duplicate_token", "induction",       "copying",     "retrieval", "punctuation",
        "whitespace",     "within_word",     "vowel_consonant", "rare_token",  "delimiter", "uniform",
        "block",          "bracket",         "quote",           "indent",      "semantic"};
    CHECK(ids == fixed);
}

TEST_CASE("detectors: each finds its pattern, and not another one") {
    const auto examples = test::detector_examples();
    for (const DetectorDescriptor* detector : detectors()) {
        const std::string id = detector->id;
        CAPTURE(id);
        if (detector->kind == DetectorKind::Behaviour) continue;
        REQUIRE_MESSAGE(examples.count(id) == 1, "no example for this detector");
        const test::DetectorExample& example = examples.at(id);

        const DetectorScore found = example.score(id, example.perfect);
        CAPTURE(found.reason);
        REQUIRE(found.score.has_value());
        CHECK(*found.score == Approx(1.0).epsilon(1e-5));
        CHECK(found.is_tagged == example.can_tag);
        CHECK(found.reason.find("not a test") != std::string::npos);
        if (detector->needs_profile) CHECK(found.reason.find("a scan decides") != std::string::npos);
        if (found.kappa) CHECK(*found.kappa == Approx(1.0).epsilon(1e-5));

        const DetectorScore other = example.score(id, example.wrong);
        CAPTURE(other.reason);
        CHECK(!other.is_tagged);
        if (other.score && id != "uniform") CHECK(*other.score < 0.4);
        CHECK(!other.reason.empty());
    }
}

TEST_CASE("detectors: a uniform head reads lift 1 and kappa 0 everywhere (closed form C1)") {
    const auto examples = test::detector_examples();
    for (const auto& [id, example] : examples) {
        CAPTURE(id);
        const DetectorScore even = example.score(id, example.even());
        CHECK(even.is_tagged == (id == "uniform"));
        if (id == "semantic") {
            CHECK(!even.score);  // all weights of a row are equal: there is no order to compare
            continue;
        }
        REQUIRE(even.lift.has_value());
        CHECK(*even.lift == Approx(1.0).epsilon(1e-5));
        if (even.kappa) CHECK(std::abs(*even.kappa) < 1e-6);
    }
}

TEST_CASE("detectors: noise stays in range") {
    for (const auto& [id, example] : test::detector_examples()) {
        CAPTURE(id);
        const DetectorScore noise = example.score(id, test::noise(7));
        if (!noise.score || !example.is_causal) continue;
        CHECK(*noise.score >= (id == "semantic" ? -1.0 : 0.0));
        CHECK(*noise.score <= 1.0);
    }
}

TEST_CASE("detectors: what a scan measures says so") {
    const TracePtr trace = test::causal_trace(8, test::uniform);
    const std::vector<Token> tokens = test::tokens_of({10, 11, 12, 13, 14, 15, 16, 17}, 10);
    CHECK(test::tag_of(*trace, tokens, "copying").reason == "measured by a scan: --probe copy");
    CHECK(test::tag_of(*trace, tokens, "retrieval").reason == "measured by a scan: --probe needle");
    CHECK(test::tag_of(*trace, tokens, "semantic").reason.find("embeddings") != std::string::npos);
    CHECK(test::tag_of(*trace, tokens, "next_token").reason.find("sees the one after") != std::string::npos);
    CHECK(test::tag_of(*trace, tokens, "vowel_consonant").reason.find("not characters") != std::string::npos);
    CHECK(test::tag_of(*trace, {}, "punctuation").reason.find("not known") != std::string::npos);
    CHECK(test::tag_of(*trace, {}, "offset_2").lift.value() == Approx(1.0).epsilon(1e-5));
}

TEST_CASE("detectors: only those that cost little are measured on long texts, and only they are captured") {
    constexpr int kLong = kMostRowDetectorTokens + 1;
    std::vector<std::int32_t> ids;
    for (int i = 0; i < kLong; ++i)
        ids.push_back(i % 50);
    const std::vector<Token> tokens = test::tokens_of(ids);
    const TracePtr trace = test::causal_trace(kLong, test::uniform);
    for (const Tag& tag : detect(*trace, tokens, {}, {})) {
        CAPTURE(tag.detector->id);
        CHECK(tag.score.score.has_value() == tag.detector->is_live);
        if (tag.detector->kind == DetectorKind::Behaviour || tag.detector->is_live) continue;
        if (std::string(tag.detector->id) != "semantic")
            CHECK(tag.score.reason.find("not measured on 257 tokens") != std::string::npos);
    }
    for (const KeySet& set : detector_key_sets(tokens))
        CHECK(find_detector(set.id)->is_live);
}

TEST_CASE("detectors: key sets of the capture pass depend on earlier tokens only") {
    const std::vector<Token> tokens = test::tokens_of({0, 4, 5, 4, 5, 6, 4, 5, 6, 4}, 0);
    const std::vector<KeySet> whole = detector_key_sets(tokens);
    for (std::size_t length = 1; length < tokens.size(); ++length) {
        const std::vector<KeySet> part = detector_key_sets(std::span(tokens).first(length));
        for (std::size_t s = 0; s < whole.size(); ++s) {
            REQUIRE(part[s].is_sound(length));
            for (std::size_t query = 0; query < length; ++query) {
                const auto mine = part[s].row(query), theirs = whole[s].row(query);
                CHECK(std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end()));
            }
        }
    }
}
