#include "views/panels/metric_rows.h"

#include <doctest/doctest.h>

#include "views/sample_text.h"

using namespace headlight;
using namespace headlight::test;

TEST_CASE("metrics: the scope chooses head, layer or model") {
    const Snapshot snapshot = sample_snapshot({2, 3, 8, 0});
    const TextAnalysis& analysis = snapshot.text->analysis;
    CHECK(metric_scope("layer") == MetricScope::Layer);
    CHECK(metric_scope("anything") == MetricScope::Head);
    const auto first = [&](MetricScope scope, const std::vector<HeadId>& heads) {
        return pattern_values(analysis, scope, heads).front().value;
    };
    CHECK(first(MetricScope::Model, {{1, 2}}) == analysis.model.front().value);
    CHECK(first(MetricScope::Layer, {{1, 2}}) == analysis.layers[1].front().value);
    CHECK(first(MetricScope::Head, {{1, 2}}) == analysis.heads[5].metrics.front().value);
    const double mean =
        (*analysis.heads[5].metrics.front().value + *analysis.heads[0].metrics.front().value) / 2;
    CHECK(*first(MetricScope::Head, {{1, 2}, {0, 0}}) == doctest::Approx(mean));
}

TEST_CASE("metrics: weights of a layer are means over its heads") {
    const MetricDescriptor* metric = find_metric("qk_top5");
    REQUIRE(metric != nullptr);
    const WeightAnalysis weights = {
        {{metric, 0.2, 0.1}}, {{metric, 0.4, 0.1}}, {{metric, {}, 0.1}}, {{metric, 0.9, 0.1}}};
    CHECK(*weight_values(&weights, 2, MetricScope::Layer, {{0, 1}})[0].value == doctest::Approx(0.3));
    CHECK(*weight_values(&weights, 2, MetricScope::Layer, {{1, 0}})[0].value == doctest::Approx(0.9));
    CHECK(*weight_values(&weights, 2, MetricScope::Model, {{1, 0}})[0].value == doctest::Approx(0.5));
    CHECK_FALSE(weight_values(&weights, 2, MetricScope::Head, {{1, 0}})[0].value.has_value());
    CHECK(*weight_values(&weights, 2, MetricScope::Head, {{0, 0}, {1, 1}})[0].value == doctest::Approx(0.55));
    CHECK(weight_values(nullptr, 2, MetricScope::Head, {{0, 0}}).empty());
    CHECK(weight_values(&weights, 2, MetricScope::Head, {{7, 0}}).empty());
}

TEST_CASE("metrics: bars of unbounded metrics end at the largest value of any head") {
    const MetricDescriptor* entropy = find_metric("entropy");
    const MetricDescriptor* bounded = find_metric("max_weight");
    REQUIRE(entropy != nullptr);
    REQUIRE(bounded != nullptr);
    MetricRanges ranges;
    ranges.add({{entropy, 1.0, 4.0}, {bounded, 0.25, 0.1}});
    CHECK(ranges.fraction(*entropy, 1.0) == doctest::Approx(0.25));
    CHECK(ranges.fraction(*entropy, 9.0) == 1);
    CHECK(ranges.fraction(*bounded, 0.25) == doctest::Approx(0.25));
    CHECK(ranges.fraction(*entropy, std::nullopt) < 0);
}
