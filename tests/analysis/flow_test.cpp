#include <doctest/doctest.h>

#include <cmath>

#include "analysis/flow/flow.h"
#include "analysis/patterns.h"

using namespace headlight;
using doctest::Approx;

namespace {

void check_row(const std::vector<double>& row, const std::vector<double>& expected) {
    REQUIRE(row.size() == expected.size());
    for (std::size_t i = 0; i < row.size(); ++i)
        CHECK(row[i] == Approx(expected[i]).epsilon(1e-6).scale(1e-3));
}

Rollout flow_of(const AttentionTrace& trace, int query, FlowMethod method = FlowMethod::Rollout,
                const Matrix* norms = nullptr) {
    FlowRequest request;
    request.method = method;
    request.query = query;
    request.value_norms = norms;
    const auto flow = trace_flow(trace, request, {});
    REQUIRE_MESSAGE(flow, (flow ? "" : flow.error().message));
    return *flow;
}

Rollout rollout_with_links(const AttentionTrace& trace, int query, double mass, int max_links) {
    FlowRequest request;
    request.query = query;
    request.mass = mass;
    request.max_links = max_links;
    return *trace_flow(trace, request, {});
}

/// Links carry what passes through the nodes at both of their ends.
void check_links(const Rollout& rollout, int num_layers, int num_tokens) {
    REQUIRE(rollout.node.size() == static_cast<std::size_t>(num_layers) + 1);
    CHECK(rollout.node[0] == rollout.input_share);
    for (int layer = 0; layer < num_layers; ++layer) {
        std::vector<double> below(num_tokens, 0.0), above(num_tokens, 0.0);
        double last = 2;
        for (const FlowLink& link : rollout.links) {
            if (link.layer != layer) continue;
            above[link.from] += link.weight;
            below[link.to] += link.weight;
            CHECK(link.weight <= last);
            last = link.weight;
        }
        check_row(below, rollout.node[layer]);
        check_row(above, rollout.node[layer + 1]);
    }
}

}  // namespace

TEST_CASE("flow: shares of a uniform causal head equal the null (closed form C1 and 1.7)") {
    for (const auto& [num_tokens, share] :
         {std::pair{8, .2029762}, std::pair{64, .05232}, std::pair{128, .03122}}) {
        const TracePtr trace = test::causal_trace(num_tokens, test::uniform, 2);
        const std::vector<FlowShares> layers = flow_shares(*trace);
        REQUIRE(layers.size() == 2);
        for (const FlowShares& shares : {layers[0], layers[1], uniform_flow_shares(*trace)}) {
            CHECK(shares.is_valid);
            CHECK(shares.self == Approx(share).epsilon(1e-3));
            CHECK(shares.previous == Approx(share).epsilon(1e-3));
            CHECK(shares.first == Approx(share).epsilon(1e-3));
            CHECK(shares.self + shares.previous + shares.first + shares.other == Approx(1.0));
        }
    }
    CHECK(flow_shares(*test::causal_trace(8, test::uniform))[0].other == Approx(.3910714).epsilon(1e-5));
}

TEST_CASE("flow: mean over heads; nothing below three tokens") {
    const auto shares = flow_shares(*test::causal_trace(6, {test::previous, test::first}))[0];
    CHECK(shares.previous == Approx(0.5));
    CHECK(shares.first == Approx(0.5));
    CHECK(shares.self == Approx(0.0));
    CHECK(!flow_shares(*test::causal_trace(2, test::uniform))[0].is_valid);
    CHECK(!uniform_flow_shares(*test::causal_trace(2, test::uniform)).is_valid);
}

TEST_CASE("rollout: uniform attention, T = 3 (closed form C15)") {
    const TracePtr one = test::causal_trace(3, test::uniform, 1),
                   two = test::causal_trace(3, test::uniform, 2);
    check_row(flow_of(*one, 0).input_share, {1, 0, 0});
    check_row(flow_of(*one, 1).input_share, {.25, .75, 0});
    check_row(flow_of(*one, 2).input_share, {1.0 / 6, 1.0 / 6, 2.0 / 3});
    check_row(flow_of(*two, 1).input_share, {.4375, .5625, 0});
    check_row(flow_of(*two, 2).input_share, {.3194444444, .2361111111, .4444444444});
    check_row(flow_of(*two, 2).uniform_share, {.3194444444, .2361111111, .4444444444});
}

TEST_CASE("rollout: previous-token heads spread binomially (closed form C3), identity stays put (C5)") {
    check_row(flow_of(*test::causal_trace(4, test::previous, 3), 3).input_share, {.125, .375, .375, .125});
    check_row(flow_of(*test::causal_trace(6, test::previous, 4), 5).input_share,
              {0, 1 / 16.0, 4 / 16.0, 6 / 16.0, 4 / 16.0, 1 / 16.0});
    check_row(flow_of(*test::causal_trace(4, test::identity, 3), 2).input_share, {0, 0, 1, 0});
}

TEST_CASE("rollout: nodes and links carry the whole share between layers") {
    const int num_tokens = 70;
    const TracePtr trace = test::causal_trace(num_tokens, {test::noise(1), test::noise(2)}, 3);
    const Rollout rollout = rollout_with_links(*trace, 69, 1.0, num_tokens * num_tokens);
    CHECK(rollout.node[3][69] == 1.0);
    check_links(rollout, 3, num_tokens);
}

TEST_CASE("rollout: the strongest links are kept until they carry the mass asked for") {
    const TracePtr trace = test::causal_trace(10, test::first, 1);
    const Rollout rollout = rollout_with_links(*trace, 9, 0.4, 60);
    REQUIRE(rollout.links.size() == 1);  // half goes straight down, half to the first token
    CHECK(rollout.links[0].weight == Approx(0.5));
    CHECK(rollout_with_links(*trace, 9, 0.7, 60).links.size() == 2);
    CHECK(rollout_with_links(*test::causal_trace(40, test::uniform, 1), 39, 1.0, 7).links.size() == 7);
}

TEST_CASE("rollout: rows without weights pass straight down; a query outside is an error") {
    const TracePtr trace = test::causal_trace(
        4, [](int query, int key) { return query == 3 ? std::nan("") : test::previous(query, key); });
    check_row(flow_of(*trace, 3).input_share, {0, 0, 0, 1});
    check_row(flow_of(*trace, 3, FlowMethod::MaxFlow).input_share, {0, 0, 0, 1});
    for (const int query : {4, -1}) {
        FlowRequest request;
        request.query = query;
        const auto flow = trace_flow(*trace, request, {});
        REQUIRE_FALSE(flow);
        CHECK(flow.error().kind == ErrorKind::InvalidInput);
        CHECK(flow.error().message.find("tokens 0 to 3") != std::string::npos);
        CHECK_FALSE(heaviest_paths(*trace, request, -1, 1, {}));
    }
}
