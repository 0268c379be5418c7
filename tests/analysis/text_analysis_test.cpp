#include <doctest/doctest.h>

#include <stop_token>
#include <string>

#include "analysis/patterns.h"
#include "analysis/text_analysis.h"
#include "core/dense_trace.h"

using namespace headlight;
using doctest::Approx;

namespace {

TracePtr two_by_two() {
    TraceInfo info;
    info.num_layers = info.num_heads = 2;
    info.num_queries = info.num_keys = 8;
    std::vector<float> weights;
    for (const test::WeightOf& head : {test::WeightOf(test::uniform), test::WeightOf(test::previous),
                                       test::WeightOf(test::first), test::WeightOf(test::uniform)}) {
        for (int i = 0; i < 8; ++i) {
            for (int j = 0; j < 8; ++j)
                weights.push_back(j <= i ? static_cast<float>(head(i, j)) : 0.0f);
        }
    }
    return make_dense_trace(info, weights);
}

double mean_of(const std::vector<MetricValue>& values, std::string_view id, bool is_reference = false) {
    for (const MetricValue& value : values) {
        if (id == value.metric->id) return (is_reference ? value.reference : value.value).value();
    }
    return -1;
}

}  // namespace

TEST_CASE("text analysis: heads, layers and model in one pass, whatever the threads") {
    const TracePtr trace = two_by_two();
    const std::vector<Token> tokens = test::tokens_of({0, 1, 2, 3, 1, 2, 3, 4}, 0);
    const auto sets = detector_key_sets(tokens);
    const TextAnalysis text = analyze_text(*trace, tokens, sets, {}, 1).value();
    const TextAnalysis threaded = analyze_text(*trace, tokens, sets, {}, 2).value();
    REQUIRE(text.heads.size() == 4);
    CHECK(text.head({1, 0}).id == HeadId{1, 0});
    CHECK(mean_of(text.head({0, 0}).metrics, "entropy") == Approx(1.3255753628).epsilon(1e-6));
    CHECK(mean_of(text.layers[0], "entropy") == Approx(1.3255753628 / 2).epsilon(1e-6));
    CHECK(mean_of(text.model, "entropy") == Approx(1.3255753628 / 2).epsilon(1e-6));
    CHECK(mean_of(text.model, "entropy", true) == Approx(1.3255753628).epsilon(1e-6));
    CHECK(mean_of(text.model, "previous_mass") == Approx((2 * .2454081633 + 1 + 1.0 / 7) / 4).epsilon(1e-6));
    CHECK(text.flow.size() == 2);
    CHECK(text.uniform_flow.is_valid);
    CHECK(text.num_invalid_rows == 0);
    CHECK(text.max_row_sum_error < 1e-6);
    for (std::size_t head = 0; head < 4; ++head) {
        REQUIRE(text.heads[head].tags.size() == detectors().size());
        for (std::size_t m = 0; m < text.heads[head].metrics.size(); ++m) {
            CHECK(text.heads[head].metrics[m].value == threaded.heads[head].metrics[m].value);
        }
    }
    CHECK(text.head({0, 1}).tags[0].score.is_tagged);  // previous token
    CHECK(!text.head({0, 0}).tags[0].score.is_tagged);
}

TEST_CASE("text analysis: a metric that some heads lack is the mean of the others") {
    const TextAnalysis text = analyze_text(*two_by_two(), {}, {}, {}).value();
    // Layer 1 has the first-token head, whose rows all rest, and a uniform one.
    CHECK(mean_of(text.layers[1], "entropy_without_sink") == Approx(1.0).epsilon(1e-6));
}

TEST_CASE("text analysis: broken rows are counted and left out") {
    const TracePtr trace = test::causal_trace(4, [](int query, int key) {
        if (query == 2) return std::nan("");
        return query == 3 ? 0.9 * test::first(query, key) : test::first(query, key);
    });
    const TextAnalysis text = analyze_text(*trace, {}, {}, {}).value();
    CHECK(text.num_invalid_rows == 1);
    CHECK(text.max_row_sum_error == Approx(0.1).epsilon(1e-5));
    CHECK(mean_of(text.model, "entropy") == Approx(0.9 * -std::log(0.9) / 3).epsilon(1e-5));
}

TEST_CASE("text analysis: every detector speaks, and masses of the capture pass are not needed") {
    const std::vector<Token> tokens = test::tokens_of({0, 11, 12, 13, 11, 12, 13, 14}, 0);
    const TextAnalysis text = analyze_text(*two_by_two(), tokens, {}, {}).value();
    for (const HeadAnalysis& head : text.heads) {
        for (const Tag& tag : head.tags) {
            CAPTURE(tag.detector->id);
            CHECK(!tag.score.reason.empty());
            if (tag.detector->needs_profile) CHECK(!tag.score.is_tagged);
        }
    }
}

TEST_CASE("text analysis: stops when told") {
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = analyze_text(*two_by_two(), {}, {}, JobContext(stop.get_token()));
    REQUIRE(!stopped);
    CHECK(stopped.error().kind == ErrorKind::Cancelled);
}

TEST_CASE("document metrics: the names of the requirement") {
    const TextAnalysis text = analyze_text(*two_by_two(), {}, {}, {}).value();
    const auto plain = document_metrics(text, {}, 2, 2);
    CHECK(plain.size() == 6);
    CHECK(plain.at("attn_entropy").value() == Approx(1.3255753628 / 2).epsilon(1e-6));
    CHECK(plain.at("attn_entropy/1").value() == Approx(1.3255753628 / 2).epsilon(1e-6));
    // One-hot rows have variance (n - 1) / n^2; half of the heads are uniform and have none.
    double variance = 0;
    for (int n = 1; n <= 8; ++n)
        variance += (n - 1.0) / (n * n) / 8;
    CHECK(plain.at("attn_variance").value() == Approx(variance / 2).epsilon(1e-5));
    CHECK(plain.at("attn_variance/0").has_value());
    WeightAnalysis weights;
    for (int head = 0; head < 4; ++head) {
        const HeadSpectrum spectrum{{1.0 + head, 1.0}, {1.0, 1.0}};
        weights.push_back(compute_weight_metrics(spectrum, 16, 2));
    }
    const auto all = document_metrics(text, weights, 2, 2);
    CHECK(all.size() == 9);
    CHECK(all.at("sv_concentration").value() == Approx((1 / 2.0 + 2 / 3.0 + 3 / 4.0 + 4 / 5.0) / 4));
    CHECK(all.at("top5_explained_var").value() == Approx(1.0));
    CHECK(all.at("effective_rank").value() < 2.0);
}
