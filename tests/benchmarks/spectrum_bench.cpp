// Weights of a whole model the size of SmolLM2-135M: 30 layers of 9 heads that share 3 keys and values,
// hidden size 576, head size 64. Times of all 270 heads, beside the way that scripts take (the d x d product
// and its SVD), and of the composition scores and the head map. The argument of BM_Spectra: 1 or 2 threads.
#include <benchmark/benchmark.h>

#include "analysis/linear_algebra/column_matrix.h"
#include "analysis/metric.h"
#include "analysis/patterns/head_distance.h"
#include "analysis/weights/composition.h"
#include "analysis/weights/spectrum.h"
#include "base/parallel.h"
#include "core/dense_trace.h"

namespace {

using namespace headlight;

constexpr int kLayers = 30, kHeads = 9, kGroup = 3, kHidden = 576, kHeadDim = 64;

Matrix random_matrix(int rows, int cols, std::uint32_t state) {
    Matrix matrix(rows, cols);
    for (float& value : matrix.values) {
        state = state * 1664525u + 1013904223u;
        value = static_cast<float>((state >> 8) / 16777216.0 - 0.5);
    }
    return matrix;
}

HeadWeights random_head(int layer, int head) {
    const auto seed = static_cast<std::uint32_t>(1000 * layer),
               own = seed + static_cast<std::uint32_t>(10 * head),
               shared = seed + static_cast<std::uint32_t>(10 * (head / kGroup));
    HeadWeights weights;
    weights.query = random_matrix(kHidden, kHeadDim, own + 1);
    weights.key = random_matrix(kHidden, kHeadDim, shared + 2);
    weights.value = random_matrix(kHidden, kHeadDim, shared + 3);
    weights.output = random_matrix(kHeadDim, kHidden, own + 4);
    weights.norm_gain.assign(kHidden, 1.1f);
    return weights;
}

/// [layer * heads + head]
const std::vector<HeadWeights>& model() {
    static const std::vector<HeadWeights> heads = [] {
        std::vector<HeadWeights> out;
        for (int i = 0; i < kLayers * kHeads; ++i)
            out.push_back(random_head(i / kHeads, i % kHeads));
        return out;
    }();
    return heads;
}

void run_spectra(benchmark::State& state, const SpectrumParts& parts, bool with_metrics) {
    const std::span<const HeadWeights> heads = model();
    const int num_threads = static_cast<int>(state.range(0));
    for (auto unused : state) {
        parallel_for(heads.size() / kGroup, num_threads, [&](std::size_t group) {
            for (const HeadSpectrum& spectrum :
                 compute_spectra(heads.subspan(group * kGroup, kGroup), parts)) {
                if (with_metrics)
                    benchmark::DoNotOptimize(compute_weight_metrics(spectrum, kHidden, kHeadDim));
                benchmark::DoNotOptimize(spectrum.qk.data());
            }
        });
    }
}

/// Full spectra of W_QK and W_OV alone: what a thin-QR script does.
void BM_Spectra(benchmark::State& state) {
    run_spectra(state, {false, false, false}, false);
}
void BM_SpectraWithFolded(benchmark::State& state) {
    run_spectra(state, {true, false, false}, false);
}
void BM_SpectraWithFactors(benchmark::State& state) {
    run_spectra(state, {false, true, false}, false);
}
void BM_SpectraWithEigenvalues(benchmark::State& state) {
    run_spectra(state, {false, false, true}, false);
}
/// Everything, and all weights metrics with their references.
void BM_AllWeightMetrics(benchmark::State& state) {
    run_spectra(state, {}, true);
}
BENCHMARK(BM_Spectra)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(BM_SpectraWithFolded)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_SpectraWithFactors)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_SpectraWithEigenvalues)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_AllWeightMetrics)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

/// W_QK and W_OV of one head as d x d matrices and their SVD, with the same kernels; times 270 for the model.
void BM_NaiveSpectraOfOneHead(benchmark::State& state) {
    const HeadWeights& weights = model().front();
    for (auto unused : state) {
        for (const bool is_output : {false, true}) {
            const Matrix& left = is_output ? weights.value : weights.query;
            Columns product(kHidden, kHidden);
            for (int k = 0; k < kHeadDim; ++k) {
                for (int j = 0; j < kHidden; ++j) {
                    const double right = is_output ? weights.output.at(k, j) : weights.key.at(j, k);
                    for (int i = 0; i < kHidden; ++i)
                        product.column(j)[i] += left.at(i, k) * right;
                }
            }
            benchmark::DoNotOptimize(singular_values(std::move(product)));
        }
    }
}
BENCHMARK(BM_NaiveSpectraOfOneHead)->Unit(benchmark::kMillisecond);

void BM_Composition(benchmark::State& state) {
    for (auto unused : state) {
        benchmark::DoNotOptimize(
            compute_composition(kLayers, kHeads,
                                [](int layer, int head) -> Result<HeadWeights> {
                                    return model()[static_cast<std::size_t>(layer * kHeads + head)];
                                },
                                {}));
    }
}
BENCHMARK(BM_Composition)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(1);

/// 270 random causal heads over the given number of tokens.
void BM_HeadMap(benchmark::State& state) {
    TraceInfo info;
    info.num_layers = kLayers;
    info.num_heads = kHeads;
    info.num_queries = info.num_keys = static_cast<int>(state.range(0));
    const auto size = static_cast<std::size_t>(info.num_keys);
    std::vector<float> weights(size * size * kLayers * kHeads);  // [layer, head, query, key]
    std::uint32_t random = 7;
    for (std::size_t row = 0; row < weights.size() / size; ++row) {
        const std::size_t num_keys = row % size + 1;
        float sum = 0;
        for (std::size_t key = 0; key < num_keys; ++key) {
            random = random * 1664525u + 1013904223u;
            sum += weights[row * size + key] = static_cast<float>(random >> 8);
        }
        for (std::size_t key = 0; key < num_keys; ++key)
            weights[row * size + key] /= sum;
    }
    const TracePtr trace = make_dense_trace(info, std::move(weights));
    for (auto unused : state)
        benchmark::DoNotOptimize(compute_head_map(*trace, {}));
}
BENCHMARK(BM_HeadMap)
    ->Arg(128)
    ->Arg(256)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
