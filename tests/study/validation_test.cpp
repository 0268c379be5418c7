// The nine parts on attention that is written down: uniform heads read their nulls, one-hot heads their
// maxima.
#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "study/validation/check.h"
#include "study/validation/row_distance.h"
#include "study/validation/states.h"
#include "study/validation_fake.h"

using namespace headlight;
using test::FakeRunner;

namespace {

ValidationRequest request_of(int num_sequences, int length, int num_ids = 40) {
    ValidationRequest request;
    request.num_threads = 2;
    for (int s = 0; s < num_sequences; ++s) {
        TokenizedText text;
        for (int i = 0; i < length; ++i) {
            Token token;
            token.id = (i * i + 7 * i + s) % num_ids;
            token.display = token.piece = i % 9 == 8 ? "." : "word";
            token.is_special = i == 0;
            text.tokens.push_back(token);
        }
        request.sequences.push_back(text);
    }
    return request;
}

ValidationReport validate(FakeRunner& runner, const ValidationRequest& request) {
    const auto report = validate_attention(runner, request, {});
    REQUIRE_MESSAGE(report, (report ? "" : report.error().message));
    REQUIRE(report->checks.size() == 9);
    return *report;
}

double number(const ValidationReport& report, int part, const std::string& id) {
    for (const CheckNumber& one : report.checks[static_cast<std::size_t>(part - 1)].numbers) {
        if (one.id == id) return one.value.value_or(-999);
    }
    FAIL("no number ", id);
    return 0;
}

CheckMark mark(const ValidationReport& report, int part, const std::string& name) {
    for (const CheckLine& line : report.checks[static_cast<std::size_t>(part - 1)].lines) {
        if (line.name == name) return line.mark;
    }
    return CheckMark::Plain;
}

}  // namespace

TEST_CASE("validation: nine parts with the document's titles") {
    const std::vector<std::string> titles = {"Sanity Checks (Correctness)",
                                             "Positional Patterns",
                                             "Token-Level Patterns",
                                             "Statistical Tests",
                                             "Per-Head Analysis",
                                             "Query-Side Variation (Do different tokens attend differently?)",
                                             "Diversity Correlation",
                                             "Gradient Flow Check",
                                             "Ablation Study (Does Attention Help?)"};
    REQUIRE(validation_checks().size() == titles.size());
    std::set<std::string> ids;
    for (std::size_t i = 0; i < titles.size(); ++i) {
        const auto& check = *validation_checks()[i];
        CHECK(check.title == titles[i]);
        CHECK(ids.insert(check.id).second);
        for (const char* text : {check.formula, check.document, check.source})
            CHECK(std::string(text).size() > 10);
        CHECK((check.make != nullptr));
    }
}

TEST_CASE("validation: uniform causal attention reads every null") {
    FakeRunner runner(2, 2);
    runner.laws.weight = test::uniform_causal;
    const ValidationReport report = validate(runner, request_of(12, 128));
    CHECK(mark(report, 1, "Normalization") == CheckMark::Pass);
    CHECK(mark(report, 1, "Causality") == CheckMark::Pass);
    CHECK(mark(report, 1, "KL Properties") == CheckMark::Pass);
    // Lifts are 1; the document's ratio is 3.75 although nothing favours nearby keys.
    CHECK(number(report, 2, "ratio") == doctest::Approx(1).epsilon(1e-5));
    CHECK(mark(report, 2, "Local Bias") == CheckMark::Warn);
    CHECK(number(report, 2, "document_ratio") == doctest::Approx(3.75).epsilon(2e-3));
    CHECK(number(report, 2, "document_ratio_of_uniform") ==
          doctest::Approx(number(report, 2, "document_ratio")).epsilon(1e-5));
    CHECK(number(report, 3, "mean_lift") == doctest::Approx(1).epsilon(1e-5));
    CHECK(number(report, 3, "special_lift") == doctest::Approx(1).epsilon(1e-5));
    CHECK(mark(report, 3, "Repeated Tokens") == CheckMark::Warn);
    CHECK(number(report, 4, "mean_spread") == doctest::Approx(0).epsilon(1e-3));
    CHECK(number(report, 4, "mean_entropy_normalized") == doctest::Approx(1).epsilon(1e-5));
    CHECK(number(report, 4, "document_entropy") == doctest::Approx(0.799).epsilon(1e-3));
    CHECK(mark(report, 4, "vs Uniform") == CheckMark::Fail);
    CHECK(mark(report, 4, "Entropy") == CheckMark::Fail);
    CHECK(number(report, 5, "uniform") == 4);
    CHECK(*report.findings.row_std == doctest::Approx(0.0102).epsilon(0.01));
    CHECK(number(report, 6, "document_variation") == doctest::Approx(0.165).epsilon(5e-3));
    CHECK(number(report, 6, "document_adjacent") == doctest::Approx(0.038).epsilon(0.02));
    CHECK(number(report, 6, "document_distant") == doctest::Approx(0.092).epsilon(0.01));
    CHECK(number(report, 6, "corrected") < 1e-4);
    CHECK(number(report, 6, "aligned") < 1e-4);
    CHECK(mark(report, 6, "Query Variation") == CheckMark::Fail);
    CHECK(number(report, 7, "mantel_correlation") ==
          -999);  // nothing varies: no correlation, and none is claimed
    CHECK(mark(report, 7, "Diversity Correlation") == CheckMark::Fail);
    CHECK(number(report, 8, "softmax_gate") == doctest::Approx(1).epsilon(1e-5));
    CHECK(report.scenario == "scenario_2");  // PPL e^2, and nothing varies
    CHECK(report.critical.size() >= 4);
}

TEST_CASE("validation: previous-token heads are sharp, local, and alike once aligned") {
    FakeRunner runner(1, 2);
    runner.laws.weight = test::previous_token;
    runner.laws.delta = [](std::span<const Intervention> set, std::span<const std::int32_t> ids, int t) {
        const float noise = 0.1f * static_cast<float>((ids[static_cast<std::size_t>(t)] + t) % 3);
        if (set.front().mode == InterventionMode::Scale)
            return static_cast<float>(0.5 * (1 - set.front().factor));
        return set.front().mode == InterventionMode::LocalWindow ? -noise - 0.1f : 0.5f + noise;
    };
    const ValidationReport report = validate(runner, request_of(12, 40));
    CHECK(number(report, 4, "mean_spread") == doctest::Approx(1));
    CHECK(mark(report, 4, "vs Uniform") == CheckMark::Pass);
    CHECK(number(report, 4, "p_value") == doctest::Approx(std::pow(2.0, -12)));
    CHECK(mark(report, 2, "Local Bias") == CheckMark::Pass);
    CHECK(number(report, 2, "far_lift") == 0);
    CHECK(number(report, 5, "sharp") == 2);
    CHECK(number(report, 6, "aligned") < 1e-6);
    CHECK(number(report, 6, "document_variation") > 1.3);  // sqrt 2 but for the first rows
    CHECK(number(report, 8, "softmax_gate") < 1e-6);
    CHECK(mark(report, 8, "Softmax Gate") == CheckMark::Warn);
    // dL / dgate = -0.5 for every head, on all sequences that the budget allows.
    CHECK(number(report, 8, "mean_importance") == doctest::Approx(0.5).epsilon(1e-4));
    CHECK(number(report, 8, "moving_heads") == 2);
    CHECK(mark(report, 8, "Parameters") ==
          CheckMark::NotApplicable);  // the fake lists none, and the reason is said
    CHECK(mark(report, 9, "Ablation") == CheckMark::Pass);
    CHECK(mark(report, 9, "Ablation (local)") == CheckMark::Warn);
    CHECK(number(report, 9, "perplexity") == doctest::Approx(std::exp(2.0)));
    CHECK(report.scenario == "healthy");
    CHECK(report.num_passed <= report.num_counted);
}

TEST_CASE("validation: a leak in any head is found, the document's look at one head misses it") {
    FakeRunner runner(2, 2);
    runner.laws.weight = [](HeadId head, int query, int key, int n) {
        if (head == HeadId{1, 1} && query == 3) return key == 4 ? 0.01f : key == 0 ? 0.99f : 0.0f;
        return test::uniform_causal(head, query, key, n);
    };
    const ValidationReport report = validate(runner, request_of(2, 16));
    CHECK(mark(report, 1, "Causality") == CheckMark::Fail);
    CHECK(number(report, 1, "max_future") == doctest::Approx(0.01));
    CHECK(number(report, 1, "document_max_future") == 0);
    CHECK(report.conclusion.front().find("not correct") != std::string::npos);
}

TEST_CASE("validation: rows that do not sum to one, and two sequences instead of twelve") {
    FakeRunner runner(1, 1);
    runner.laws.weight = [](HeadId head, int query, int key, int n) {
        return 0.9f * test::previous_token(head, query, key, n);
    };
    const ValidationReport report = validate(runner, request_of(2, 16));
    CHECK(mark(report, 1, "Normalization") == CheckMark::Fail);
    CHECK(number(report, 1, "max_row_error") == doctest::Approx(0.1));
    CHECK(number(report, 4, "p_value") == -999);
    bool says_why = false;
    for (const CheckLine& line : report.checks[3].lines)
        says_why = says_why || line.text.find("12 are needed") != std::string::npos;
    CHECK(says_why);
}

TEST_CASE("validation: a bidirectional model says what was measured in place of the loss") {
    FakeRunner runner(1, 2);
    runner.fake_spec.is_causal = false;
    runner.laws.weight = [](HeadId head, int query, int key, int n) {
        return head.head == 0 ? 1.0f / static_cast<float>(n) : (key == (query + 1) % n ? 1.0f : 0.0f);
    };
    const ValidationReport report = validate(runner, request_of(12, 32));
    CHECK(mark(report, 1, "Causality") == CheckMark::Info);
    CHECK(mark(report, 9, "Ablation") == CheckMark::NotApplicable);
    CHECK(mark(report, 8, "Sensitivity") == CheckMark::NotApplicable);
    CHECK_FALSE(report.findings.loss.has_value());
    const CheckTable& table = report.checks[8].tables.front();
    CHECK_FALSE(table.rows[0][0].has_value());  // loss
    CHECK(table.rows[0][6].has_value());        // KL
}

TEST_CASE("validation: scenarios of the document") {
    const auto nearly_uniform = [](HeadId, int query, int key, int) {
        if (key > query) return 0.0f;
        const float wave = query == 0 ? 0.0f : 0.6f * static_cast<float>(std::cos(1.7 * query + 2.1 * key));
        return std::max(0.0f, (1.0f + wave) / static_cast<float>(query + 1));
    };
    const auto normalised = [=](HeadId head, int query, int key, int n) {
        float sum = 0;
        for (int j = 0; j <= query; ++j)
            sum += nearly_uniform(head, query, j, n);
        return nearly_uniform(head, query, key, n) / sum;
    };
    FakeRunner runner(1, 1);
    runner.laws.weight = normalised;
    CHECK(validate(runner, request_of(12, 48)).scenario == "scenario_1");  // rho small, queries differ, PPL 7
    runner.laws.base_loss = [](auto, int) {
        return 6.3f;
    };  // PPL 545 of 1000: does not work, better than chance
    const ValidationReport weak = validate(runner, request_of(12, 48));
    CHECK(weak.scenario == "scenario_3");
    CHECK(*weak.findings.state_diversity > 0.4);
    runner.laws.base_loss = [](auto, int) { return 6.9f; };  // ln 1000 = 6.908
    CHECK(validate(runner, request_of(12, 48)).scenario == "untrained");
    runner.laws.weight = test::previous_token;
    runner.laws.base_loss = [](auto, int) { return 6.6f; };
    CHECK(validate(runner, request_of(12, 48)).scenario == "unclear");
}

TEST_CASE("validation: distances of states and of rows in closed form") {
    Matrix states(2, 2);
    states.at(0, 0) = 3;
    states.at(1, 1) = 4;
    CHECK(*mean_cosine_distance(states) == doctest::Approx(1));  // orthogonal
    CHECK(mean_euclidean_distance(states) == doctest::Approx(2 * 5.0 / 4));
    CHECK(cosine_distances(states, 2)[1] == doctest::Approx(1));
    states.at(1, 0) = 4;
    states.at(1, 1) = 0;
    CHECK(*mean_cosine_distance(states) == doctest::Approx(0));
    const std::vector<float> a = {1, 0, 0}, b = {0, 0.5f, 0.5f};
    CHECK(row_divergence(a, b) == doctest::Approx(std::log(2.0)));
    CHECK(row_divergence(a, a) == doctest::Approx(0));
    // All pairs at once, with causal keys: the same as row by row.
    const std::vector<float> matrix = {1, 0, 0, 0.25f, 0.75f, 0, 0.2f, 0.3f, 0.5f};
    const std::vector<KeyRange> keys = {{0, 1}, {0, 2}, {0, 3}};
    const auto all = row_divergence(matrix, keys, 3, 3);
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t k = 0; k < 3; ++k) {
            const std::span<const float> whole(matrix);
            CHECK(all[i * 3 + k] ==
                  doctest::Approx(row_divergence(whole.subspan(i * 3, 3), whole.subspan(k * 3, 3))));
        }
    }
    // Rows 1 and 2 share keys 0 and 1: (.25, .75) and (.4, .6).
    const QueryVariation variation = measure_query_variation(matrix, keys);
    CHECK(*variation.corrected == doctest::Approx(0.15 * std::sqrt(2.0)));
    CHECK(*variation.raw_max == doctest::Approx(0.75 * std::sqrt(2.0)));  // rows 0 and 1
    // Offsets 0 and 1: (.75, .25) and (.5, .3) / .8.
    CHECK(*variation.aligned == doctest::Approx(0.125 * std::sqrt(2.0)));
    const std::vector<double> p = {0.05, 0.05};
    CHECK(fisher_combined(p) == doctest::Approx(0.0025 * (1 - std::log(0.0025))));
}

TEST_CASE("validation: windows keep the special tokens and cover the text once") {
    const auto windows = random_windows(50, 8, 3, 4);
    REQUIRE(windows.size() == 3);
    CHECK(windows[0].tokens.size() == 8);
    for (const Token& token : windows[2].tokens)
        CHECK((token.id >= 0 && token.id < 50));
    CHECK(windows[0].ids() != windows[1].ids());
    CHECK(validation_text().size() > 6800);
}
