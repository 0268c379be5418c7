// Real attention of GPT-2 small against the numbers of published numbers of section 3.2. The rows lie beside
// the clone.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "analysis/detector_examples.h"
#include "analysis/flow/flow.h"
#include "analysis/metric.h"
#include "analysis/probes/reference_scores.h"
#include "core/dense_trace.h"
#include "support/fixtures.h"

using namespace headlight;
using doctest::Approx;

namespace {

constexpr int kNumHeads = 12;

std::string data_path() {
    return test::source_dir() + "/../shared/data/gpt2_reference_attention.json";
}

struct Layer {
    TracePtr trace;
    std::vector<Token> tokens;
};

/// Prompt A of that layer as a trace of one layer.
Layer load_layer(int layer) {
    std::ifstream file(data_path());
    const nlohmann::json data = nlohmann::json::parse(file);
    for (const auto& item : data.at("items")) {
        if (item.at("prompt") != "A" || item.at("layer") != layer) continue;
        const auto pieces = item.at("tokens").get<std::vector<std::string>>();
        TraceInfo info;
        info.num_layers = 1;
        info.num_heads = kNumHeads;
        info.num_queries = info.num_keys = static_cast<int>(pieces.size());
        std::vector<float> weights(kNumHeads * pieces.size() * pieces.size());
        for (std::size_t head = 0; head < kNumHeads; ++head) {
            for (std::size_t query = 0; query < pieces.size(); ++query) {
                const auto row = item.at("attention_rows").at(head).at(query).get<std::vector<float>>();
                std::copy(
                    row.begin(), row.end(),
                    weights.begin() + static_cast<long>((head * pieces.size() + query) * pieces.size()));
            }
        }
        return {make_dense_trace(info, weights), test::text_tokens(pieces)};
    }
    return {};
}

double metric(const char* id, const Layer& layer, int head) {
    const std::vector<RowStats> rows = test::rows_of(*layer.trace, 0, head);
    return find_metric(id)->from_pattern({rows, true}).value();
}

/// [T, T] with ones below the diagonal.
std::vector<float> previous_pattern(int num_tokens) {
    const auto size = static_cast<std::size_t>(num_tokens);
    std::vector<float> pattern(size * size);
    for (std::size_t query = 1; query < size; ++query)
        pattern[query * size + query - 1] = 1;
    return pattern;
}

}  // namespace

TEST_CASE("GPT-2: metrics and detector scores of ten heads") {
    HEADLIGHT_NEEDS(data_path());
    struct Row {
        int layer, head;
        double mul, mul_excluding, previous, first, self, entropy, normalized, spread, row_std;
    };
    const Row table[] = {{4, 11, 0.9594, 1.0000, .99942, .04166, .00053, .003858, .002011, .999324, .191722},
                         {2, 2, 0.5738, 0.7370, .59774, .11094, .13391, 1.001610, .450806, .638907, .123273},
                         {0, 1, 0.0037, 0.0622, .00387, .00110, .93763, .189818, .075180, .944757, .009666},
                         {0, 3, 0.1129, 0.6219, .11764, .02313, .81537, .424010, .201626, .850635, .026163},
                         {0, 5, 0.0108, 0.0092, .01128, .04760, .77258, .602142, .263021, .794142, .023951},
                         {0, 0, 0.1065, 0.1107, .11093, .29385, .05544, 2.040077, .856148, .284585, .068102},
                         {5, 1, 0.0401, 0.0735, .04177, .99632, .00216, .024151, .010040, .995982, .191115},
                         {5, 5, 0.0437, 0.0434, .04550, .88666, .01546, .385164, .147237, .911238, .175342},
                         {5, 6, 0.1833, 0.8786, .19094, .79379, .03442, .581134, .262105, .807976, .158025},
                         {4, 8, 0.0564, 0.1386, .05875, .85699, .01873, .673270, .264519, .846582, .163615}};
    std::map<int, Layer> layers;
    for (const Row& row : table) {
        if (layers.count(row.layer) == 0) layers[row.layer] = load_layer(row.layer);
        const Layer& layer = layers[row.layer];
        REQUIRE(layer.trace != nullptr);
        CAPTURE(row.layer);
        CAPTURE(row.head);
        const auto near = [](double value, double expected, double tolerance) {
            return std::abs(value - expected) <= tolerance;
        };
        const std::vector<float> weights = layer.trace->matrix(0, row.head);
        const std::vector<float> pattern = previous_pattern(layer.trace->num_queries());
        const int size = layer.trace->num_queries();
        CHECK(near(reference_score(weights, pattern, size).value(), row.mul, 6e-5));
        CHECK(near(reference_score(weights, pattern, size, {ReferenceMeasure::Mul, true, true}).value(),
                   row.mul_excluding, 6e-5));
        CHECK(near(metric("previous_mass", layer, row.head), row.previous, 6e-6));
        CHECK(near(metric("first_token_mass", layer, row.head), row.first, 6e-6));
        CHECK(near(metric("self_mass", layer, row.head), row.self, 6e-6));
        CHECK(near(metric("entropy", layer, row.head), row.entropy, 2e-6));
        CHECK(near(metric("entropy_normalized", layer, row.head), row.normalized, 2e-6));
        CHECK(near(metric("row_spread", layer, row.head), row.spread, 2e-6));
        CHECK(near(metric("row_std_document", layer, row.head), row.row_std, 5e-6));
        const auto previous = test::tag_of(*layer.trace, layer.tokens, "previous_token", {0, row.head});
        CHECK(near(previous.score.value(), row.previous, 6e-6));
        CHECK(previous.is_tagged == (row.previous >= 0.5));
        CHECK(test::tag_of(*layer.trace, layer.tokens, "self", {0, row.head}).is_tagged == (row.self >= 0.4));
    }
}

TEST_CASE("GPT-2: classes of tokens, pieces of words, offsets and columns equal a numpy computation") {
    HEADLIGHT_NEEDS(data_path());
    struct Row {
        int layer, head;
        double punctuation, whitespace, within_word, offset_2, column;
        int key;
    };
    const Row table[] = {{0, 0, 0.022807, 0.751190, 0.086534, 0.091820, 0.130941, 8},
                         {0, 5, 0.029485, 0.967732, 0.000068, 0.020065, 0.048525, 5},
                         {0, 8, 0.166058, 0.868599, 0.191934, 0.132308, 0.130827, 18},
                         {2, 0, 0.063599, 0.928470, 0.206364, 0.174241, 0.162086, 13},
                         {2, 5, 0.436147, 0.767259, 0.238289, 0.227094, 0.358103, 18},
                         {4, 0, 0.059177, 0.965730, 0.056138, 0.141415, 0.270800, 13},
                         {4, 8, 0.137522, 0.889218, 0.010183, 0.054203, 0.033562, 18}};
    for (const Row& row : table) {
        const Layer layer = load_layer(row.layer);
        REQUIRE(layer.trace != nullptr);
        CAPTURE(row.layer);
        CAPTURE(row.head);
        const auto score = [&](const char* id) {
            return test::tag_of(*layer.trace, layer.tokens, id, {0, row.head});
        };
        CHECK(std::abs(score("punctuation").score.value() - row.punctuation) < 2e-6);
        CHECK(score("punctuation").null.value() == Approx(0.0490922357).epsilon(1e-6));
        CHECK(score("punctuation").is_tagged == (row.layer == 2 && row.head == 5));
        CHECK(std::abs(score("whitespace").score.value() - row.whitespace) < 2e-6);
        CHECK(score("whitespace").null.value() == Approx(0.8410333963).epsilon(1e-6));
        CHECK(!score("whitespace").is_tagged);  // most keys start a word: lift cannot reach 2
        CHECK(std::abs(score("within_word").score.value() - row.within_word) < 2e-6);
        CHECK(score("within_word").null.value() == Approx(0.1736111111).epsilon(1e-6));
        CHECK(std::abs(score("offset_2").score.value() - row.offset_2) < 2e-6);
        CHECK(std::abs(score("global_column").score.value() - row.column) < 2e-6);
        CHECK(score("global_column").column == row.key);
    }
}

TEST_CASE("GPT-2: the repeated word, sinks, and the flow of four layers") {
    HEADLIGHT_NEEDS(data_path());
    struct Known {
        int layer, num_sinks;
        FlowShares shares;
    };
    const Known known[] = {{0, 4, {.3292, .0821, .1817, .4069, true}},
                           {2, 4, {.1088, .2210, .2439, .4262, true}},
                           {4, 10, {.0878, .1791, .5178, .2154, true}},
                           {5, 12, {.0401, .0628, .7224, .1747, true}}};
    for (const Known& expected : known) {
        CAPTURE(expected.layer);
        const Layer layer = load_layer(expected.layer);
        const FlowShares shares = flow_shares(*layer.trace)[0];
        CHECK(std::abs(shares.self - expected.shares.self) < 6e-5);
        CHECK(std::abs(shares.previous - expected.shares.previous) < 6e-5);
        CHECK(std::abs(shares.first - expected.shares.first) < 6e-5);
        CHECK(std::abs(shares.other - expected.shares.other) < 6e-5);
        int num_sinks = 0;
        for (int head = 0; head < kNumHeads; ++head)
            num_sinks += metric("sink_alpha", layer, head) >= 0.3 ? 1 : 0;
        CHECK(num_sinks == expected.num_sinks);
    }
    const Layer zero = load_layer(0), five = load_layer(5);
    const auto score = [](const Layer& layer, const char* id, int head) {
        return test::tag_of(*layer.trace, layer.tokens, id, {0, head}).score.value();
    };
    CHECK(std::abs(score(zero, "duplicate_token", 5) - .5491) < 6e-5);
    CHECK(std::abs(score(zero, "duplicate_token", 1) - .4700) < 6e-5);
    CHECK(std::abs(score(zero, "duplicate_token", 10) - .1991) < 6e-5);
    CHECK(std::abs(score(five, "induction", 5) - .0797) < 6e-5);
}
