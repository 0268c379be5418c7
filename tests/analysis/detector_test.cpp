#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

#include "analysis/detector.h"
#include "analysis/patterns.h"

using namespace headlight;
using doctest::Approx;

namespace {

constexpr int kBlock = 12;  // BOS X X with blocks of 12: 25 tokens

/// In the second copy to the key `offset` before, else to the first token.
test::WeightOf repeat_head(int block_length, int offset) {
    return [=](int query, int key) { return key == (query > block_length ? query - offset : 0) ? 1.0 : 0.0; };
}

double local_six(int query, int key) {
    return query - key <= 5 ? 1.0 / std::min(6, query + 1) : 0.0;
}

/// The pattern of each detector that it must find with score 1.
const std::map<std::string, test::WeightOf>& planted() {
    static const std::map<std::string, test::WeightOf> patterns = {
        {"previous_token", test::previous},
        {"first_token", test::first},
        {"self", test::identity},
        {"local_window", local_six},
        {"duplicate_token", repeat_head(kBlock, kBlock)},
        {"induction", repeat_head(kBlock, kBlock - 1)},
        {"uniform", test::uniform}};
    return patterns;
}

/// Keys of row `query` in the set of that detector.
std::vector<std::uint32_t> keys_in_row(std::string_view id, const std::vector<Token>& tokens,
                                       std::size_t query) {
    const KeySet set = find_detector(id)->key_set(tokens);
    return {set.keys.begin() + set.row_begin[query], set.keys.begin() + set.row_begin[query + 1]};
}

/// A dense trace that claims to have captured a mass of 0.75 in every row.
class CapturedTrace final : public AttentionTrace {
  public:
    explicit CapturedTrace(TracePtr inner) : inner_(std::move(inner)) {}
    const TraceInfo& info() const override { return inner_->info(); }
    void rows(int layer, int head, int begin, int end, std::span<float> out) const override {
        inner_->rows(layer, head, begin, end, out);
    }
    void row_stats(int layer, int head, std::span<RowStats> out) const override {
        inner_->row_stats(layer, head, out);
    }
    bool key_set_mass(const std::string&, int, int, std::span<float> out) const override {
        std::fill(out.begin(), out.end(), 0.75f);
        return true;
    }
    Overview overview(int layer, int head) const override { return inner_->overview(layer, head); }
    std::size_t size_bytes() const override { return inner_->size_bytes(); }

  private:
    TracePtr inner_;
};

}  // namespace

TEST_CASE("detectors: conformance of every entry") {
    const std::vector<Token> tokens = test::repeated_block(kBlock);
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
        CHECK((detector->key_set != nullptr) == (detector->kind == DetectorKind::Content));
        REQUIRE_MESSAGE(planted().count(id) == 1, "no planted pattern for this detector");

        const DetectorScore found = test::tag_of(*test::causal_trace(25, planted().at(id)), tokens, id);
        CHECK(found.score.value() == Approx(1.0).epsilon(1e-6));
        CHECK(found.is_tagged);
        CHECK(found.reason.find("not a test") != std::string::npos);
        if (found.kappa) CHECK(*found.kappa == Approx(1.0).epsilon(1e-6));

        const DetectorScore even = test::tag_of(*test::causal_trace(25, test::uniform), tokens, id);
        CHECK(even.is_tagged == (id == "uniform"));
        CHECK(even.lift.value() == Approx(1.0).epsilon(1e-5));
        if (even.kappa) CHECK(std::abs(*even.kappa) < 1e-6);

        const DetectorScore noise = test::tag_of(*test::causal_trace(25, test::noise(7)), tokens, id);
        CHECK(noise.score.value() >= 0.0);
        CHECK(noise.score.value() <= 1.0);
    }
    CHECK(find_detector("no_such_detector") == nullptr);
}

TEST_CASE("detectors: nulls of the positional ones in closed form (2.1, T = 128)") {
    const TracePtr trace = test::causal_trace(128, test::noise(1));
    const auto null = [&](const char* id) { return test::tag_of(*trace, {}, id).null.value(); };
    for (const char* id : {"previous_token", "first_token", "self"}) {
        CHECK(null(id) == Approx((5.433147 - 1) / 127).epsilon(1e-6));
    }
    CHECK(null("local_window") == Approx(6 * (5.433147 - 2.45) / 122).epsilon(1e-6));
}

TEST_CASE("detectors: nulls of induction on random repeats (closed form C6)") {
    const auto null = [](const std::vector<Token>& tokens) {
        const TracePtr trace = test::causal_trace(static_cast<int>(tokens.size()), test::uniform);
        return test::tag_of(*trace, tokens, "induction").null.value();
    };
    CHECK(null(test::repeated_block(4)) == Approx(.1364087).epsilon(1e-6));
    CHECK(null(test::repeated_block(50)) == Approx(.0135693).epsilon(1e-5));
    CHECK(null(test::repeated_block(60)) == Approx(.0113478).epsilon(1e-5));
    CHECK(null(test::repeated_block(64)) == Approx(.0106504).epsilon(1e-5));
    std::vector<Token> without_bos = test::repeated_block(50);
    without_bos.erase(without_bos.begin());
    CHECK(null(without_bos) == Approx(.0137634).epsilon(1e-5));
}

TEST_CASE("detectors: induction and duplicate are told apart by one offset (closed form C6)") {
    const std::vector<Token> tokens = test::repeated_block(kBlock);
    const TracePtr induction = test::causal_trace(25, repeat_head(kBlock, kBlock - 1));
    const TracePtr duplicate = test::causal_trace(25, repeat_head(kBlock, kBlock));
    CHECK(test::tag_of(*induction, tokens, "duplicate_token").score.value() == 0.0);
    CHECK(test::tag_of(*duplicate, tokens, "induction").score.value() == 0.0);
    CHECK(test::tag_of(*induction, tokens, "induction").argmax_rate.value() == 1.0);
}

TEST_CASE("detectors: with four copies all targets of a query count together (closed form C6)") {
    std::vector<std::int32_t> ids = {0};
    for (int i = 0; i < 100; ++i)
        ids.push_back(1 + i % 25);
    const std::vector<Token> tokens = test::tokens_of(ids, 0);
    const TracePtr trace = test::causal_trace(101, repeat_head(25, 24));
    const DetectorScore score = test::tag_of(*trace, tokens, "induction");
    CHECK(score.num_rows == 75);
    CHECK(find_detector("induction")->key_set(tokens).keys.size() == 150);
    CHECK(score.null.value() == Approx(.0307212).epsilon(1e-5));
    CHECK(score.score.value() == Approx(1.0));
}

TEST_CASE("detectors: pairs of small texts (closed form C8 and 3.4)") {
    using Keys = std::vector<std::uint32_t>;
    const std::vector<Token> abaab = test::tokens_of({7, 8, 7, 7, 8});
    CHECK(keys_in_row("duplicate_token", abaab, 2) == Keys{0});
    CHECK(keys_in_row("duplicate_token", abaab, 3) == Keys{0, 2});
    CHECK(keys_in_row("duplicate_token", abaab, 4) == Keys{1});
    CHECK(keys_in_row("induction", abaab, 2) == Keys{1});
    CHECK(keys_in_row("induction", abaab, 3) == Keys{1});
    CHECK(keys_in_row("induction", abaab, 4) == Keys{2});
    const std::vector<Token> repeat = test::repeated_block(3);
    for (std::size_t query = 4; query <= 6; ++query) {
        CHECK(keys_in_row("duplicate_token", repeat, query) == Keys{static_cast<std::uint32_t>(query - 3)});
        CHECK(keys_in_row("induction", repeat, query) == Keys{static_cast<std::uint32_t>(query - 2)});
    }
    // A BOS whose id comes again in the text is no duplicate.
    CHECK(keys_in_row("duplicate_token", test::tokens_of({0, 5, 0}, 0), 2).empty());
}

TEST_CASE("detectors: a content tag looks at the part that does not rest") {
    const std::vector<Token> tokens = test::repeated_block(kBlock);
    const auto resting = [](double sink) {
        return [sink](int query, int key) {
            const double target = key == (query > kBlock ? query - kBlock + 1 : 0) ? 1.0 : 0.0;
            return sink * (key == 0 ? 1.0 : 0.0) + (1 - sink) * target;
        };
    };
    const DetectorScore half = test::tag_of(*test::causal_trace(25, resting(0.7)), tokens, "induction");
    CHECK(half.score.value() == Approx(0.3).epsilon(1e-5));
    CHECK(half.is_tagged);
    CHECK(half.reason.find("first token holds 0.70") != std::string::npos);
    const DetectorScore asleep = test::tag_of(*test::causal_trace(25, resting(0.9)), tokens, "induction");
    CHECK(asleep.score.value() == Approx(0.1).epsilon(1e-5));
    CHECK(!asleep.is_tagged);
}

TEST_CASE("detectors: a captured mass is used; without tokens there is no content score") {
    const std::vector<Token> tokens = test::repeated_block(kBlock);
    const CapturedTrace trace(test::causal_trace(25, test::uniform));
    CHECK(test::tag_of(trace, tokens, "induction").score.value() == Approx(0.75));
    const DetectorScore unknown = test::tag_of(*test::causal_trace(25, test::uniform), {}, "induction");
    CHECK(!unknown.score);
    CHECK(!unknown.reason.empty());
}

TEST_CASE("detectors: key sets of another text or with wild keys are not used") {
    const std::vector<Token> tokens = test::repeated_block(kBlock);
    const TracePtr trace = test::causal_trace(25, test::uniform);
    std::vector<KeySet> sets = detector_key_sets(test::repeated_block(3));
    KeySet wild = find_detector("induction")->key_set(tokens);
    wild.keys.back() = 4000000000u;
    sets.push_back(wild);
    for (const Tag& tag : detect(*trace, tokens, {}, sets)) {
        if (std::string(tag.detector->id) == "induction")
            CHECK(tag.score.lift.value() == Approx(1.0).epsilon(1e-5));
    }
}

TEST_CASE("detectors: in a sliding window only visible pairs count") {
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = info.num_keys = 25;
    info.window = {6};
    std::vector<float> weights(625, 0.0f);
    for (int i = 0; i < 25; ++i) {
        for (int j = std::max(0, i - 5); j <= i; ++j)
            weights[i * 25 + j] = 1.0f / std::min(6, i + 1);
    }
    const TracePtr trace = make_dense_trace(info, weights);
    const std::vector<Token> tokens = test::repeated_block(kBlock);
    CHECK(!test::tag_of(*trace, tokens, "induction").score);  // the earlier copy is 11 keys back
    CHECK(!test::tag_of(*trace, tokens, "local_window").score);
    CHECK(test::tag_of(*trace, tokens, "first_token").num_rows == 5);
    CHECK(test::tag_of(*trace, tokens, "previous_token").lift.value() == Approx(1.0).epsilon(1e-5));
}

TEST_CASE("detectors: one, two and masked tokens do not crash (closed form C23)") {
    for (const Tag& tag : detect(*test::causal_trace(1, test::uniform), test::tokens_of({3}), {}, {})) {
        CHECK(!tag.score.score);
        CHECK(!tag.score.is_tagged);
    }
    CHECK(test::tag_of(*test::causal_trace(2, test::uniform), test::tokens_of({3, 4}), "previous_token")
              .num_rows == 1);
    const TracePtr broken = test::causal_trace(
        5, [](int query, int key) { return query == 3 ? std::nan("") : test::previous(query, key); });
    CHECK(test::tag_of(*broken, test::tokens_of({1, 2, 3, 4, 5}), "previous_token").num_rows == 3);
}

TEST_CASE("detectors: a peaked head with high entropy is not called uniform") {
    // Half of the attention on one key, the rest even, 200 tokens: entropy over uniform is still moderate to
    // high.
    const TracePtr trace = test::causal_trace(
        200, [](int query, int key) { return 0.15 * (key == 0 ? 1.0 : 0.0) + 0.85 / (query + 1); });
    const DetectorScore score = test::tag_of(*trace, {}, "uniform");
    CHECK(score.score.value() > 0.9);
    CHECK(!score.is_tagged);
}
