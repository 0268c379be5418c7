#include <doctest/doctest.h>

#include <numeric>
#include <set>
#include <string>

#include "analysis/metric.h"
#include "analysis/patterns.h"
#include "core/dense_trace.h"

using namespace headlight;
using doctest::Approx;

namespace {

HeadPattern pattern_of(const std::vector<RowStats>& rows) {
    return {rows, true};
}

double metric(const char* id, const AttentionTrace& trace) {
    const std::vector<RowStats> rows = test::rows_of(trace);
    return find_metric(id)->from_pattern(pattern_of(rows)).value();
}
double reference(const char* id, const AttentionTrace& trace) {
    const std::vector<RowStats> rows = test::rows_of(trace);
    return find_metric(id)->reference_from_pattern(pattern_of(rows)).value();
}

std::vector<RowStats> one_row(const std::vector<float>& weights) {
    const int last = static_cast<int>(weights.size()) - 1;
    return {compute_row_stats(weights, last, {0, last + 1})};
}

/// Range on every head, and the reference equal to what a uniform head reads.
void check_matrix_entry(const MetricDescriptor& entry, const std::vector<TracePtr>& heads) {
    for (const TracePtr& head : heads) {
        const auto value = entry.from_matrix(head->matrix(0, 0), 17, 17);
        REQUIRE(value.has_value());
        CHECK(*value >= entry.min - 1e-12);
        CHECK(*value <= entry.max);
    }
    const std::vector<float> even = test::causal_trace(17, test::uniform)->matrix(0, 0);
    CHECK(entry.from_matrix(even, 17, 17).value() == Approx(entry.reference_from_size(17, true).value()));
    const std::vector<float> flat(17 * 17, 1.0f / 17);
    CHECK(entry.from_matrix(flat, 17, 17).value() == Approx(entry.reference_from_size(17, false).value()));
    CHECK(!entry.from_matrix({}, 0, 0));
}

}  // namespace

TEST_CASE("metrics: uniform causal head, T = 8 (closed form C1)") {
    const TracePtr trace = test::causal_trace(8, test::uniform);
    CHECK(metric("entropy", *trace) == Approx(1.3255753628).epsilon(1e-6));
    CHECK(metric("entropy_normalized", *trace) == Approx(1.0).epsilon(1e-6));
    CHECK(metric("entropy_without_sink", *trace) == Approx(1.0).epsilon(1e-6));
    CHECK(metric("effective_keys", *trace) == Approx(4.5).epsilon(1e-6));
    CHECK(metric("row_spread", *trace) < 5e-4);
    CHECK(metric("row_variance", *trace) < 1e-8);
    CHECK(metric("kl_from_uniform", *trace) < 1e-6);
    CHECK(metric("max_weight", *trace) == Approx(2.717857143 / 8).epsilon(1e-6));
    for (const char* id : {"first_token_mass", "previous_mass", "self_mass"}) {
        CHECK(metric(id, *trace) == Approx(0.2454081633).epsilon(1e-6));
    }
    CHECK(metric("sink_alpha", *trace) == Approx(0.3397321).epsilon(1e-6));
    CHECK(metric("resting_share", *trace) == 0.0);
    CHECK(metric("mean_distance", *trace) == Approx(1.75).epsilon(1e-6));
    CHECK(metric("row_std_document", *trace) == Approx(0.0841903).epsilon(1e-5));
}

TEST_CASE("metrics: mean entropy of a uniform causal head is ln(T!) / T (closed form C2)") {
    const std::pair<int, double> known[] = {
        {4, .7945135}, {16, 1.9169913}, {64, 3.2057531}, {128, 3.8781678}};
    for (const auto& [num_tokens, entropy] : known) {
        CHECK(metric("entropy", *test::causal_trace(num_tokens, test::uniform)) ==
              Approx(entropy).epsilon(1e-6));
    }
}

TEST_CASE("metrics: perfect previous-token head (closed form C3)") {
    const TracePtr trace = test::causal_trace(8, test::previous);
    CHECK(metric("entropy", *trace) == 0.0);
    CHECK(metric("row_spread", *trace) == Approx(1.0));
    CHECK(metric("previous_mass", *trace) == 1.0);
    CHECK(metric("row_std_document", *trace) == Approx(0.3061862).epsilon(1e-6));
    CHECK(metric("effective_keys", *trace) == 1.0);
}

TEST_CASE("metrics: first-token head (closed form C4)") {
    const TracePtr trace = test::causal_trace(8, test::first);
    CHECK(metric("entropy", *trace) == 0.0);
    CHECK(metric("first_token_mass", *trace) == 1.0);
    CHECK(metric("sink_alpha", *trace) == 1.0);
    CHECK(metric("previous_mass", *trace) == Approx(1.0 / 7));
    CHECK(metric("resting_share", *trace) == 1.0);
    const std::vector<RowStats> rows = test::rows_of(*trace);
    CHECK(!find_metric("entropy_without_sink")->from_pattern(pattern_of(rows)));
}

TEST_CASE("metrics: a head that looks at itself (closed form C5)") {
    const TracePtr trace = test::causal_trace(8, test::identity);
    CHECK(metric("self_mass", *trace) == 1.0);
    CHECK(metric("row_std_document", *trace) == Approx(0.0));
    CHECK(metric("row_spread", *trace) == Approx(1.0));
}

TEST_CASE("metrics: blocks of two (closed form C9)") {
    const TracePtr trace = test::causal_trace(8, test::block_of_two);
    CHECK(metric("entropy", *trace) == Approx(.3465736).epsilon(1e-6));
    CHECK(metric("entropy_normalized", *trace) == Approx(.3171694).epsilon(1e-6));
}

TEST_CASE("metrics: single rows (closed form C13)") {
    const std::vector<RowStats> halves = one_row({.5f, .5f, 0, 0}), peak = one_row({.9f, .1f, 0, 0});
    const auto value = [](const char* id, const std::vector<RowStats>& rows) {
        return find_metric(id)->from_pattern({rows, false}).value();
    };
    CHECK(value("row_spread", halves) == Approx(.5773503).epsilon(1e-6));
    CHECK(value("entropy_normalized", halves) == Approx(.5).epsilon(1e-6));
    CHECK(std::sqrt(value("row_variance", halves)) == Approx(.25).epsilon(1e-6));
    CHECK(value("row_spread", peak) == Approx(.8717798).epsilon(1e-6));
    CHECK(value("entropy_normalized", peak) == Approx(.2344978).epsilon(1e-6));
    CHECK(std::sqrt(value("row_variance", peak)) == Approx(.3774917).epsilon(1e-6));
}

TEST_CASE("metrics: the sink-free entropy is that of the rest of the row, renormalised") {
    // Row (.6, .1, .3): without the first key (.25, .75).
    const TracePtr trace = test::causal_trace(3, [](int query, int key) {
        constexpr double kLast[] = {.6, .1, .3};
        return query < 2 ? test::first(query, key) : kLast[key];
    });
    const double expected = -(.25 * std::log(.25) + .75 * std::log(.75)) / std::log(2.0);
    CHECK(metric("entropy_without_sink", *trace) == Approx(expected).epsilon(1e-6));
    CHECK(metric("resting_share", *trace) == Approx(.5));
}

TEST_CASE("metrics: one token and no valid row give no number, not a wrong one (closed form C23)") {
    const std::vector<RowStats> single = test::rows_of(*test::causal_trace(1, test::uniform));
    const std::vector<RowStats> masked(4);
    for (const MetricDescriptor* entry : metrics()) {
        if (entry->kind != MetricKind::Pattern) continue;
        CHECK_MESSAGE(!entry->from_pattern(pattern_of(masked)), std::string(entry->id));
        CHECK_MESSAGE(!entry->reference_from_pattern(pattern_of(masked)), std::string(entry->id));
        CHECK_MESSAGE(!entry->from_pattern(pattern_of({})), std::string(entry->id));
    }
    for (const char* id : {"entropy_normalized", "entropy_without_sink", "row_spread", "previous_mass",
                           "self_mass", "first_token_mass", "resting_share"}) {
        CHECK_MESSAGE(!find_metric(id)->from_pattern(pattern_of(single)), std::string(id));
    }
    CHECK(find_metric("entropy")->from_pattern(pattern_of(single)).value() == 0.0);
}

TEST_CASE("metrics: an invalid row changes nothing") {
    std::vector<RowStats> rows = test::rows_of(*test::causal_trace(8, test::noise(3)));
    rows[4] = RowStats{};
    double sum = 0;
    for (const RowStats& row : rows)
        sum += row.num_keys > 0 ? row.entropy : 0;
    CHECK(find_metric("entropy")->from_pattern(pattern_of(rows)).value() == Approx(sum / 7));
}

TEST_CASE("metrics: references in a sliding window count only what the mask allows") {
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = info.num_keys = 6;
    info.window = {2};
    std::vector<float> weights(36, 0.0f);
    for (int i = 0; i < 6; ++i) {
        for (int j = std::max(0, i - 1); j <= i; ++j)
            weights[i * 6 + j] = i == 0 ? 1.0f : 0.5f;
    }
    const TracePtr trace = make_dense_trace(info, weights);
    CHECK(metric("first_token_mass", *trace) == Approx(0.5));  // row 1 only
    CHECK(metric("previous_mass", *trace) == Approx(0.5));
    CHECK(metric("sink_alpha", *trace) == Approx(1.5 / 6));
    for (const MetricDescriptor* entry : metrics()) {
        if (entry->kind != MetricKind::Pattern) continue;
        const auto rows = test::rows_of(*trace);
        const auto value = entry->from_pattern(pattern_of(rows)),
                   null = entry->reference_from_pattern(pattern_of(rows));
        REQUIRE_MESSAGE(value.has_value() == null.has_value(), std::string(entry->id));
        if (value) CHECK_MESSAGE(*value == Approx(*null).epsilon(1e-4), std::string(entry->id));
    }
}

TEST_CASE("metrics: conformance of every entry") {
    std::set<std::string> ids;
    std::vector<TracePtr> heads;
    for (std::uint32_t seed = 1; seed <= 8; ++seed)
        heads.push_back(test::causal_trace(17, test::noise(seed)));
    for (const auto& head :
         {test::previous, test::first, test::identity, test::block_of_two, test::uniform}) {
        heads.push_back(test::causal_trace(17, head));
    }
    for (const MetricDescriptor* entry : metrics()) {
        CAPTURE(std::string(entry->id));
        CHECK(ids.insert(entry->id).second);
        CHECK(find_metric(entry->id) == entry);
        for (const char* text :
             {entry->label, entry->formula, entry->source, entry->help, entry->reference_label}) {
            CHECK(std::string(text).size() > 3);
        }
        CHECK(entry->min < entry->max);
        const bool is_pattern = entry->kind == MetricKind::Pattern;
        const bool is_weights = entry->kind == MetricKind::Weights;
        const bool is_matrix = entry->kind == MetricKind::Matrix;
        CHECK((entry->from_pattern != nullptr) == is_pattern);
        CHECK((entry->reference_from_pattern != nullptr) == is_pattern);
        CHECK((entry->from_spectrum != nullptr) == is_weights);
        CHECK((entry->reference_from_shape != nullptr) == is_weights);
        CHECK((entry->from_matrix != nullptr) == is_matrix);
        CHECK((entry->reference_from_size != nullptr) == is_matrix);
        if (is_weights) {
            const auto null = entry->reference_from_shape(64, 16);
            REQUIRE(null.has_value());
            CHECK(*null >= entry->min);
            CHECK(*null <= entry->max);
            CHECK(!entry->from_spectrum({}));  // nothing measured, no number
        }
        if (is_matrix) check_matrix_entry(*entry, heads);
        if (!is_pattern || entry->needs_pair) continue;  // sentence_pair_test.cpp
        for (const TracePtr& head : heads) {
            const auto rows = test::rows_of(*head);
            const auto value = entry->from_pattern(pattern_of(rows));
            if (!value) continue;
            CHECK(*value >= entry->min);
            CHECK(*value <= entry->max);
        }
        // The reference is what a uniform head reads on the same rows.
        const TracePtr even = test::causal_trace(17, test::uniform);
        CHECK(metric(entry->id, *even) ==
              Approx(reference(entry->id, *heads.front())).epsilon(1e-3).scale(1.0));
    }
    CHECK(find_metric("no_such_metric") == nullptr);
}
