#include <doctest/doctest.h>

#include <string>

#include "analysis/detector.h"
#include "analysis/detector_examples.h"
#include "core/dense_trace.h"

using namespace headlight;
using doctest::Approx;

namespace {

constexpr int kBlock = 12;  // BOS X X with blocks of 12: 25 tokens

/// In the second copy to the key `offset` before, else to the first token.
test::WeightOf repeat_head(int block_length, int offset) {
    return [=](int query, int key) { return key == (query > block_length ? query - offset : 0) ? 1.0 : 0.0; };
}

/// Keys of row `query` in the set of that detector.
std::vector<std::uint32_t> keys_in_row(std::string_view id, const std::vector<Token>& tokens,
                                       std::size_t query) {
    const std::vector<TokenLabel> labels = label_tokens(tokens);
    const KeySet set = find_detector(id)->key_set({labels});
    return {set.row(query).begin(), set.row(query).end()};
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

TEST_CASE("detectors: nulls of the positional ones in closed form (2.1, T = 128)") {
    const TracePtr trace = test::causal_trace(128, test::noise(1));
    const auto null = [&](const char* id) { return test::tag_of(*trace, {}, id).null.value(); };
    for (const char* id : {"previous_token", "first_token", "self"}) {
        CHECK(null(id) == Approx((5.433147 - 1) / 127).epsilon(1e-6));
    }
    CHECK(null("offset_2") == Approx((5.433147 - 1.5) / 126).epsilon(1e-6));
    CHECK(null("offset_8") == Approx((5.433147 - 2.717857) / 120).epsilon(1e-6));
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
    const std::vector<TokenLabel> labels = label_tokens(tokens);
    const KeySet set = find_detector("induction")->key_set({labels});
    std::size_t num_pairs = 0;
    for (std::size_t query = 0; query < ids.size(); ++query)
        num_pairs += set.row(query).size();
    CHECK(num_pairs == 150);
    CHECK(set.keys.size() <= ids.size());  // rows of one id share their keys
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
    const std::vector<TokenLabel> labels = label_tokens(tokens);
    KeySet wild = find_detector("induction")->key_set({labels});
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

TEST_CASE("detectors: blocks of two, uniform inside (closed form C9)") {
    const std::vector<Token> tokens = [] {
        std::vector<std::string> texts;
        for (int i = 0; i < 4; ++i) {
            texts.push_back(" word");
            texts.push_back(".");
        }
        return test::text_tokens(texts);
    }();
    const DetectorScore block = test::tag_of(*test::causal_trace(8, test::block_of_two), tokens, "block");
    CHECK(block.score.value() == Approx(1.0));
    CHECK(block.num_rows == 6);
    CHECK(block.null.value() == Approx(.2932540).epsilon(1e-6));
}

TEST_CASE("detectors: the examples of the requirements are not what they are called (closed form C21)") {
    // "Previous token" on HELLO is the diagonal, and its rows do not sum to 1.
    const double held[] = {.9, .8, .7, .8, .9};
    const TracePtr hello =
        test::causal_trace(5, [&](int query, int key) { return query == key ? held[query] : 0.0; });
    const std::vector<Token> tokens = test::character_tokens("HELLO");
    const std::vector<Token> text(tokens.begin() + 1, tokens.end());
    CHECK(test::tag_of(*hello, text, "previous_token").score.value() == 0.0);
    CHECK(test::tag_of(*hello, text, "self").score.value() == Approx((.8 + .7 + .8 + .9) / 4));
    const std::vector<RowStats> rows = test::rows_of(*hello);
    for (std::size_t query = 0; query < 5; ++query)
        CHECK(rows[query].row_sum == Approx(held[query]).epsilon(1e-6));
    // The "space" rows hold .8 on one key and .1 on nine others.
    const std::vector<float> space = {.1f, .1f, .1f, .1f, .1f, .8f, .1f, .1f, .1f, .1f};
    CHECK(compute_row_stats(space, 0, {0, 10}).row_sum == Approx(1.7).epsilon(1e-6));
    // The five by five example looks ahead in rows 0 to 3.
    const std::vector<std::vector<float>> five = {{.9f, .1f, 0, 0, 0},
                                                  {.3f, .6f, .1f, 0, 0},
                                                  {.2f, .3f, .4f, .1f, 0},
                                                  {.1f, .2f, .3f, .3f, .1f},
                                                  {.1f, .1f, .2f, .3f, .3f}};
    for (std::size_t query = 0; query < 5; ++query) {
        float ahead = 0;
        for (std::size_t key = query + 1; key < 5; ++key)
            ahead += five[query][key];
        CHECK(ahead == Approx(query < 4 ? .1 : .0));
        const RowStats row =
            compute_row_stats(five[query], static_cast<int>(query), {0, static_cast<int>(query) + 1});
        CHECK(row.row_sum == Approx(query < 4 ? .9 : 1.0).epsilon(1e-6));
    }
}
