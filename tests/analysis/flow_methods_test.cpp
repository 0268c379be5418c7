// Values that are not closed forms: NumPy (matrix powers), NetworkX 3.6 (maximum_flow_value on the same
// graph) and all 1000 ways through three layers of ten tokens, listed in Python.
#include <doctest/doctest.h>

#include <cmath>

#include "analysis/flow/flow.h"
#include "analysis/patterns.h"

using namespace headlight;
using doctest::Approx;

namespace {

constexpr int kTokens = 10;
constexpr int kLayers = 3;

TracePtr two_noisy_heads() {
    return test::causal_trace(kTokens, {test::noise(1), test::noise(2)}, kLayers);
}

Matrix uneven_norms() {
    Matrix norms(kLayers * 2, kTokens);
    for (std::int64_t row = 0; row < norms.rows; ++row) {
        for (std::int64_t key = 0; key < norms.cols; ++key)
            norms.at(row, key) = 0.25f + static_cast<float>((7 * (row % 2) + 3 * key) % 5);
    }
    return norms;
}

Result<Rollout> try_flow(const AttentionTrace& trace, int query, FlowMethod method,
                         const Matrix* norms = nullptr, const JobContext& job = {}) {
    FlowRequest request;
    request.method = method;
    request.query = query;
    request.mass = 1.0;
    request.max_links = 10000;
    request.value_norms = norms;
    return trace_flow(trace, request, job);
}

Rollout flow_of(const AttentionTrace& trace, int query, FlowMethod method, const Matrix* norms = nullptr) {
    const auto flow = try_flow(trace, query, method, norms);
    REQUIRE_MESSAGE(flow, (flow ? "" : flow.error().message));
    return *flow;
}

void check_row(const std::vector<double>& row, const std::vector<double>& expected, double tolerance = 1e-6) {
    REQUIRE(row.size() == expected.size());
    for (std::size_t i = 0; i < row.size(); ++i)
        CHECK(std::abs(row[i] - expected[i]) < tolerance);
}

/// Every layer passes on the whole share, and links agree with the nodes at both ends.
void check_conservation(const Rollout& flow) {
    REQUIRE(flow.node.size() == kLayers + 1);
    for (int layer = 0; layer < kLayers; ++layer) {
        std::vector<double> below(kTokens, 0.0), above(kTokens, 0.0);
        for (const FlowLink& link : flow.links) {
            if (link.layer != layer) continue;
            above[link.from] += link.weight;
            below[link.to] += link.weight;
        }
        check_row(below, flow.node[layer]);
        check_row(above, flow.node[layer + 1]);
    }
}

}  // namespace

TEST_CASE("max-flow: uniform attention, T = 3 (closed form C15)") {
    const TracePtr two = test::causal_trace(3, test::uniform, 2);
    const Rollout last = flow_of(*two, 2, FlowMethod::MaxFlow);
    check_row(last.raw_share, {.5, 1.0 / 3, 2.0 / 3}, 1e-8);
    check_row(last.input_share, {1.0 / 3, 2.0 / 9, 4.0 / 9}, 1e-8);
    check_row(last.uniform_share, {1.0 / 3, 2.0 / 9, 4.0 / 9}, 1e-8);
    const Rollout middle = flow_of(*two, 1, FlowMethod::MaxFlow);
    check_row(middle.raw_share, {.5, .75, 0}, 1e-8);
    check_row(middle.input_share, {.4, .6, 0}, 1e-8);
    // One layer gives B itself.
    check_row(flow_of(*test::causal_trace(3, test::uniform), 2, FlowMethod::MaxFlow).raw_share,
              {1.0 / 6, 1.0 / 6, 2.0 / 3}, 1e-7);
}

TEST_CASE("max-flow: previous-token heads (closed form C3), identity stays put (C5)") {
    check_row(flow_of(*test::causal_trace(4, test::previous, 3), 3, FlowMethod::MaxFlow).raw_share,
              {.5, 1, 1, .5}, 1e-8);
    check_row(flow_of(*test::causal_trace(4, test::identity, 3), 2, FlowMethod::MaxFlow).raw_share,
              {0, 0, 1, 0}, 1e-8);
}

TEST_CASE("max-flow: uneven weights as an independent solver finds them") {
    const Rollout flow = flow_of(*two_noisy_heads(), 9, FlowMethod::MaxFlow);
    check_row(flow.raw_share,
              {0.783413700685, 0.912128118511, 0.5941131831, 0.470600120683, 0.241527311573, 0.363325240831,
               0.337131746053, 0.104346915169, 0.090810638901, 0.502297582799});
    check_row(flow.input_share,
              {0.178060929072, 0.207316236712, 0.135035097375, 0.106961998031, 0.05489638164, 0.082579650932,
               0.076626170655, 0.023716854383, 0.020640214382, 0.114166466818});
    check_row(flow.uniform_share, {0.172727272727, 0.154545454545, 0.136363636364, 0.118181818182, 0.1,
                                   0.081818181818, 0.063636363636, 0.045454545455, 0.027272727273, 0.1});
    check_conservation(flow);
}

TEST_CASE("max-flow: how many tokens it takes, and that it can be stopped") {
    const TracePtr trace = test::causal_trace(70, test::previous, 2);
    CHECK(flow_of(*trace, 63, FlowMethod::MaxFlow).raw_share.size() == 70);
    const auto late = try_flow(*trace, 64, FlowMethod::MaxFlow);
    REQUIRE_FALSE(late);
    CHECK(late.error().kind == ErrorKind::InvalidInput);
    CHECK(late.error().message.find("65 tokens") != std::string::npos);

    std::stop_source source;
    source.request_stop();
    const JobContext stopped(source.get_token());
    for (const FlowMethod method : {FlowMethod::Rollout, FlowMethod::MaxFlow})
        CHECK(try_flow(*trace, 5, method, nullptr, stopped).error().kind == ErrorKind::Cancelled);
    CHECK(heaviest_paths(*trace, {}, -1, 1, stopped).error().kind == ErrorKind::Cancelled);
}

TEST_CASE("value-weighted rollout: rows of each head scaled by the norms of its values") {
    const Matrix norms = uneven_norms();
    const Rollout flow = flow_of(*two_noisy_heads(), 9, FlowMethod::ValueWeighted, &norms);
    check_row(flow.input_share,
              {0.060730038354, 0.330900186718, 0.17716039276, 0.088574839627, 0.048630330078, 0.09663137704,
               0.011254636557, 0.013965716102, 0.043891588215, 0.128260894549});
    check_row(flow.uniform_share,
              {0.13755936181, 0.122129284832, 0.123198208186, 0.117956777329, 0.114302563888, 0.036052072,
               0.046720862341, 0.054958527134, 0.05975488706, 0.187367455418});
    check_conservation(flow);

    Matrix same(kLayers * 2, kTokens);
    std::fill(same.values.begin(), same.values.end(), 3.0f);
    const Rollout plain = flow_of(*two_noisy_heads(), 9, FlowMethod::Rollout);
    const Rollout even = flow_of(*two_noisy_heads(), 9, FlowMethod::ValueWeighted, &same);
    check_row(even.input_share, plain.input_share);
    check_row(even.uniform_share, plain.uniform_share);
}

TEST_CASE("value-weighted rollout: keys without values get nothing; norms must be there and fit") {
    Matrix norms(2, 4);
    std::fill(norms.values.begin(), norms.values.end(), 1.0f);
    norms.at(0, 0) = norms.at(1, 0) = 0.0f;
    // Each row of a first-token head is empty once weighted, so everything passes straight down.
    const TracePtr first = test::causal_trace(4, test::first, 2);
    check_row(flow_of(*first, 3, FlowMethod::ValueWeighted, &norms).input_share, {0, 0, 0, 1});
    check_row(flow_of(*first, 0, FlowMethod::ValueWeighted, &norms).uniform_share, {1, 0, 0, 0});

    const auto absent = try_flow(*first, 3, FlowMethod::ValueWeighted);
    REQUIRE_FALSE(absent);
    CHECK(absent.error().message.find("needs the norms") != std::string::npos);
    const Matrix small(1, 4);
    CHECK(try_flow(*first, 3, FlowMethod::ValueWeighted, &small).error().kind == ErrorKind::InvalidInput);
}

TEST_CASE("paths: the heaviest of all ways, exactly") {
    FlowRequest request;
    request.query = 9;
    const TracePtr trace = two_noisy_heads();
    const auto paths = heaviest_paths(*trace, request, -1, 6, {});
    REQUIRE(paths);
    const std::vector<FlowPath> expected = {{{9, 9, 9, 9}, 0.12673111755}, {{1, 1, 1, 9}, 0.12563123757},
                                            {{0, 0, 0, 9}, 0.08787188148}, {{1, 1, 9, 9}, 0.06320095695},
                                            {{0, 0, 9, 9}, 0.04413783366}, {{1, 9, 9, 9}, 0.03179432947}};
    REQUIRE(paths->size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK((*paths)[i].tokens == expected[i].tokens);
        CHECK((*paths)[i].weight == Approx(expected[i].weight).epsilon(1e-6));
    }
    const auto to_three = heaviest_paths(*trace, request, 3, 4, {});
    REQUIRE(to_three->size() == 4);
    CHECK((*to_three)[0].tokens == std::vector<int>{3, 3, 3, 9});
    CHECK((*to_three)[3].tokens == std::vector<int>{3, 3, 5, 9});
    CHECK((*to_three)[3].weight == Approx(0.00396353725).epsilon(1e-6));

    // 220 ways in all; the 256 that may be asked for hold them, and together they carry everything.
    const auto all = heaviest_paths(*trace, request, -1, 256, {});
    CHECK(all->size() == 220);
    double sum = 0;
    for (const FlowPath& path : *all)
        sum += path.weight;
    CHECK(sum == Approx(1.0));
}

TEST_CASE("paths: of one input sum to its share; what cannot be asked is said") {
    FlowRequest request;
    request.method = FlowMethod::ValueWeighted;
    request.query = 9;
    const Matrix norms = uneven_norms();
    request.value_norms = &norms;
    const TracePtr trace = two_noisy_heads();
    const auto to_two = heaviest_paths(*trace, request, 2, 256, {});
    double sum = 0;
    for (const FlowPath& path : *to_two)
        sum += path.weight;
    CHECK(sum == Approx(0.17716039276).epsilon(1e-6));  // the share of token 2 in the value-weighted rollout
    CHECK_FALSE(heaviest_paths(*trace, request, 10, 3, {}));
    CHECK_FALSE(heaviest_paths(*trace, request, -1, 0, {}));
    CHECK_FALSE(heaviest_paths(*trace, request, -1, 257, {}));
    request.query = 0;
    CHECK(heaviest_paths(*trace, request, -1, 5, {})->size() == 1);
}

TEST_CASE("flow: names of the methods") {
    CHECK(std::string(to_string(FlowMethod::Rollout)) == "rollout");
    CHECK(std::string(to_string(FlowMethod::ValueWeighted)) == "value_weighted");
    CHECK(std::string(to_string(FlowMethod::MaxFlow)) == "max_flow");
}
