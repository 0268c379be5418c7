// Copying, retrieval, coarse shapes, and scores as TransformerLens has them.
#include <doctest/doctest.h>

#include "analysis/detector_examples.h"
#include "analysis/patterns/head_shape.h"
#include "analysis/probes/behaviour_scores.h"
#include "analysis/probes/reference_scores.h"

using namespace headlight;
using doctest::Approx;

TEST_CASE("retrieval score: hits over the needle's length, each place once") {
    const std::vector<std::int32_t> context = {0, 9, 9, 5, 6, 7, 8, 9};  // needle 5 6 7 8 at 3..6
    const std::vector<DecodingStep> steps = {{3, 5}, {4, 6}, {4, 6}, {5, 8}, {7, 9}, {-1, 7}};
    CHECK(retrieval_score(steps, context, 3, 7).value() == Approx(.5));
    CHECK(retrieval_score({}, context, 3, 7).value() == 0.0);
    const std::vector<DecodingStep> all = {{3, 5}, {4, 6}, {5, 7}, {6, 8}};
    CHECK(retrieval_score(all, context, 3, 7).value() == 1.0);
    CHECK(!retrieval_score(all, context, 3, 3));
    CHECK(!retrieval_score(all, context, -1, 3));
    CHECK(!retrieval_score(all, context, 3, 9));
}

TEST_CASE("copy score: share of ranks in the top five, and its null") {
    CHECK(copy_score(std::vector<int>{0, 4, 5, 100}).value() == Approx(.5));
    CHECK(copy_score(std::vector<int>{0, -1, -1}).value() == 1.0);
    CHECK(copy_score(std::vector<int>{0, 1, 2}, 1).value() == Approx(1.0 / 3));
    CHECK(!copy_score(std::vector<int>{-1}));
    CHECK(copy_null(50257) == Approx(5.0 / 50257));
    CHECK(copy_null(3) == 1.0);
    CHECK(copy_null(0) == 0.0);
}

TEST_CASE("TransformerLens scores: the worked example (closed form C7)") {
    const std::vector<float> weights = {1, 0, 0, 0, .5f, .5f, 0, 0, .2f, .3f, .5f, 0, .1f, .15f, .5f, .25f};
    const std::vector<float> previous = {0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    const auto score = [&](ReferenceMeasure measure, bool excludes) {
        return reference_score(weights, previous, 4, {measure, excludes, excludes}).value();
    };
    CHECK(score(ReferenceMeasure::Mul, false) == Approx(.325).epsilon(1e-6));
    CHECK(score(ReferenceMeasure::Mul, true) == Approx(.8421052632).epsilon(1e-6));
    CHECK(score(ReferenceMeasure::Abs, false) == Approx(-.1).epsilon(1e-6));
    CHECK(score(ReferenceMeasure::Abs, true) == Approx(.6625).epsilon(1e-6));
    CHECK(!reference_score(weights, previous, 5));
    CHECK(!reference_score(std::vector<float>{1}, std::vector<float>{1}, 1,
                           {ReferenceMeasure::Mul, true, false}));
}

TEST_CASE("TransformerLens scores: previous token of a uniform and of a perfect head (C1, C3, C6)") {
    std::vector<float> pattern(64);
    for (std::size_t query = 1; query < 8; ++query)
        pattern[query * 8 + query - 1] = 1;
    const std::vector<float> even = test::causal_trace(8, test::uniform)->matrix(0, 0);
    CHECK(reference_score(even, pattern, 8).value() == Approx(.2147321429).epsilon(1e-6));
    CHECK(reference_score(even, pattern, 8, {ReferenceMeasure::Mul, true, true}).value() ==
          Approx(.3416833667).epsilon(1e-6));
    const std::vector<float> perfect = test::causal_trace(8, test::previous)->matrix(0, 0);
    CHECK(reference_score(perfect, pattern, 8).value() == Approx(.875));
    for (const int block : {4, 50}) {
        const auto size = static_cast<std::size_t>(2 * block + 1);
        std::vector<float> targets(size * size), head(size * size);
        for (std::size_t query = 0; query < size; ++query) {
            const std::size_t key =
                query > static_cast<std::size_t>(block) ? query - static_cast<std::size_t>(block) + 1 : 0;
            head[query * size + key] = 1;
            if (key > 0) targets[query * size + key] = 1;
        }
        CHECK(reference_score(head, targets, static_cast<int>(size)).value() ==
              Approx(static_cast<double>(block) / (2 * block + 1)).epsilon(1e-6));
    }
}

TEST_CASE("head shape: five classes") {
    const auto label = [](const test::WeightOf& weight, const std::vector<Token>& tokens) {
        const TracePtr trace = test::causal_trace(static_cast<int>(tokens.size()), weight);
        return head_shape(shape_evidence(detect(*trace, tokens, {}, {}))).label;
    };
    const auto examples = test::detector_examples();
    const std::vector<Token> tokens = test::repeated_block(20);
    CHECK(label(test::first, tokens) == "vertical");
    CHECK(label(examples.at("global_column").perfect, tokens) == "vertical");
    CHECK(label(test::previous, tokens) == "diagonal");
    CHECK(label(test::identity, tokens) == "diagonal");
    CHECK(label([](int query,
                   int key) { return 0.5 * test::first(query, key) + 0.5 * test::identity(query, key); },
                tokens) == "vertical and diagonal");
    CHECK(label(test::uniform, tokens) == "heterogeneous");
    std::vector<std::string> sentences;
    for (int s = 0; s < 4; ++s) {
        for (int w = 0; w < 11; ++w)
            sentences.push_back(" w");
        sentences.push_back(".");
    }
    const auto block = [](int query, int key) {
        return key / 12 == query / 12 ? 1.0 / (query % 12 + 1) : 0.0;
    };
    CHECK(label(block, test::text_tokens(sentences)) == "block");
    CHECK(head_shape({}).label.empty());
    CHECK(head_shape({}).reason.find("not measured") != std::string::npos);
}
