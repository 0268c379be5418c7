#include "train/data/batch_sampler.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <numeric>

using namespace headlight;

namespace {

constexpr std::int32_t kBos = 1;
constexpr std::int32_t kFirstText = 1000;  // ids of the text count up, those of random blocks are below

// Text that counts upward, so that a window of it is known at sight.
TokenizedCorpus counting_corpus() {
    TokenizedCorpus corpus;
    corpus.train.resize(5000);
    std::iota(corpus.train.begin(), corpus.train.end(), kFirstText);
    corpus.by_frequency.resize(200);
    std::iota(corpus.by_frequency.begin(), corpus.by_frequency.end(), 10);
    return corpus;
}

StepPlan plan_of(int length, int rows, double random_share, double text_repeat_share) {
    StepPlan plan;
    plan.length = length;
    plan.num_rows = rows;
    plan.alphabet = 48;
    plan.longest_block = 24;
    plan.random_share = random_share;
    plan.text_repeat_share = text_repeat_share;
    return plan;
}

}  // namespace

TEST_CASE("sampler: text rows are BOS and a window of the text, every target the next token") {
    const TokenizedCorpus corpus = counting_corpus();
    BatchSampler sampler(corpus, kBos, Random(1));
    const Batch batch = sampler.draw(plan_of(64, 8, 0, 0));
    REQUIRE(batch.inputs.size() == 8 * 64);
    REQUIRE(batch.targets.size() == 8 * 64);
    for (std::size_t row = 0; row < 8; ++row) {
        CHECK(batch.inputs[row * 64] == kBos);
        for (std::size_t i = 1; i < 64; ++i) {
            CHECK(batch.targets[row * 64 + i] == batch.inputs[row * 64 + i] + 1);
            CHECK(batch.inputs[row * 64 + i] == batch.targets[row * 64 + i - 1]);
        }
    }
}

TEST_CASE("sampler: in random repeats a target is kept only where an earlier copy tells it") {
    const TokenizedCorpus corpus = counting_corpus();
    BatchSampler sampler(corpus, kBos, Random(2));
    const int length = 256;
    int num_kept = 0, num_random = 0, num_told = 0;
    for (int draw = 0; draw < 20; ++draw) {
        const Batch batch = sampler.draw(plan_of(length, 8, 1.0, 0));
        for (int row = 0; row < 8; ++row) {
            std::map<std::int64_t, std::vector<std::int64_t>>
                seen;  // token -> tokens that followed it so far
            for (int i = 0; i < length; ++i) {
                const auto at = static_cast<std::size_t>(row * length + i);
                const std::int64_t input = batch.inputs[at], target = batch.targets[at];
                if (i + 1 < length && target != kMaskedTarget) CHECK(batch.inputs[at + 1] == target);
                if (target != kMaskedTarget && target < kFirstText) {
                    ++num_kept;
                    const auto& followers = seen[input];
                    num_told += std::find(followers.begin(), followers.end(), target) != followers.end();
                }
                if (input < kFirstText && input != kBos) {
                    ++num_random;
                    CHECK(input < 10 + 48);  // the alphabet
                }
                if (i + 1 < length) seen[input].push_back(batch.inputs[at + 1]);
            }
        }
    }
    CHECK(num_told == num_kept);
    CHECK(num_kept > num_random / 2);
}

TEST_CASE("sampler: text repeats mask nothing and repeat") {
    const TokenizedCorpus corpus = counting_corpus();
    BatchSampler sampler(corpus, kBos, Random(3));
    const Batch batch = sampler.draw(plan_of(64, 16, 0, 1.0));
    int num_repeated = 0;
    for (std::size_t row = 0; row < 16; ++row) {
        std::map<std::int64_t, int> counts;
        for (std::size_t i = 0; i < 64; ++i) {
            CHECK(batch.targets[row * 64 + i] != kMaskedTarget);
            num_repeated += ++counts[batch.inputs[row * 64 + i]] > 1;
        }
    }
    CHECK(num_repeated > 16 * 64 / 3);
}

TEST_CASE("sampler: the same state draws the same rows") {
    const TokenizedCorpus corpus = counting_corpus();
    const StepPlan plan = plan_of(64, 8, 0.5, 0.1);
    BatchSampler first(corpus, kBos, Random(4));
    for (int i = 0; i < 5; ++i)
        first.draw(plan);
    BatchSampler second(corpus, kBos, first.random());
    const Batch a = first.draw(plan), b = second.draw(plan);
    CHECK(a.inputs == b.inputs);
    CHECK(a.targets == b.targets);
    CHECK(second.draw(plan).inputs != b.inputs);
}

TEST_CASE("sampler: blocks longer than the alphabet are drawn, and no batch is all masked") {
    TokenizedCorpus corpus = counting_corpus();
    corpus.by_frequency.resize(5);
    BatchSampler sampler(corpus, kBos, Random(5));
    StepPlan plan = plan_of(8, 1, 1.0, 0);
    plan.alphabet = 5;
    for (int i = 0; i < 200; ++i) {
        const Batch batch = sampler.draw(plan);
        CHECK(std::any_of(batch.targets.begin(), batch.targets.end(),
                          [](auto t) { return t != kMaskedTarget; }));
    }
}
