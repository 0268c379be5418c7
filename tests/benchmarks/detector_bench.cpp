// Detectors on all heads of a model the size of SmolLM2-135M: 30 layers of 9 heads. Typing runs the whole
// text analysis; a scan runs score_sequence on every head of every sequence.
#include <benchmark/benchmark.h>

#include "analysis/patterns/detector_text.h"
#include "analysis/patterns/sequence_scores.h"
#include "analysis/text_analysis.h"
#include "core/dense_trace.h"

namespace {

using namespace headlight;

constexpr int kLayers = 30, kHeads = 9;

std::vector<Token> make_tokens(int count) {
    const char* texts[] = {"·the", "·old", "·ba", "rn",    ",", "·and", "·(",
                           "we",   "·saw", ")",   "·rain", ".", "⏎",    "So"};
    std::vector<Token> tokens(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        tokens[i].id = static_cast<std::int32_t>(i * 7919 % 211);
        tokens[i].display = texts[i * 5 % 14];
        tokens[i].is_special = i == 0;
    }
    return tokens;
}

TracePtr make_trace(int size) {
    TraceInfo info;
    info.num_layers = kLayers;
    info.num_heads = kHeads;
    info.num_queries = info.num_keys = size;
    std::vector<float> weights(static_cast<std::size_t>(kLayers * kHeads) *
                               static_cast<std::size_t>(size * size));
    std::uint32_t state = 1;
    for (std::size_t row = 0; row < weights.size() / static_cast<std::size_t>(size); ++row) {
        const std::size_t query = row % static_cast<std::size_t>(size);
        float* out = weights.data() + row * static_cast<std::size_t>(size);
        float sum = 0;
        for (std::size_t key = 0; key <= query; ++key) {
            state = state * 1664525u + 1013904223u;
            sum += out[key] = static_cast<float>(state >> 8);
        }
        for (std::size_t key = 0; key <= query; ++key)
            out[key] /= sum;
    }
    return make_dense_trace(info, std::move(weights));
}

void BM_TextAnalysis(benchmark::State& state) {
    const int size = static_cast<int>(state.range(0));
    const TracePtr trace = make_trace(size);
    const std::vector<Token> tokens = make_tokens(size);
    const std::vector<KeySet> sets = detector_key_sets(tokens);
    for (auto _ : state)
        benchmark::DoNotOptimize(analyze_text(*trace, tokens, sets, {}, 1));
}

void BM_Detect(benchmark::State& state) {
    const int size = static_cast<int>(state.range(0));
    const TracePtr trace = make_trace(size);
    const std::vector<Token> tokens = make_tokens(size);
    std::vector<RowStats> rows(static_cast<std::size_t>(size));
    for (auto _ : state) {
        const DetectorText text(tokens, trace->info(), {});
        for (int layer = 0; layer < kLayers; ++layer) {
            for (int head = 0; head < kHeads; ++head) {
                trace->row_stats(layer, head, rows);
                benchmark::DoNotOptimize(detect(*trace, rows, {layer, head}, text));
            }
        }
    }
}

/// One head; the second argument: label permutations.
void BM_ScoreSequence(benchmark::State& state) {
    const int size = static_cast<int>(state.range(0));
    const TracePtr trace = make_trace(size);
    const std::vector<Token> tokens = make_tokens(size);
    const SequenceText text(tokens, true, {.num_permutations = static_cast<int>(state.range(1))});
    PositionalProfile profile;
    profile.add(*trace, {0, 1});
    for (auto _ : state)
        benchmark::DoNotOptimize(score_sequence(*trace, text, {0, 0}, &profile));
}

void BM_PrepareSequence(benchmark::State& state) {
    const std::vector<Token> tokens = make_tokens(static_cast<int>(state.range(0)));
    for (auto _ : state)
        benchmark::DoNotOptimize(SequenceText(tokens, true, {}));
}

}  // namespace

BENCHMARK(BM_TextAnalysis)->Arg(64)->Arg(256)->Arg(257)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Detect)->Arg(64)->Arg(256)->Arg(257)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_ScoreSequence)->Args({128, 0})->Args({128, 999})->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_PrepareSequence)->Arg(128)->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();
