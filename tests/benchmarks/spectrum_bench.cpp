// Spectra of W_QK and W_OV for all heads of a model the size of SmolLM2-135M: 270 heads, d 576, k 64, one
// thread.
#include <benchmark/benchmark.h>

#include "analysis/spectrum.h"

namespace {

headlight::Matrix random_matrix(int rows, int cols, std::uint32_t state) {
    headlight::Matrix matrix(rows, cols);
    for (float& value : matrix.values) {
        state = state * 1664525u + 1013904223u;
        value = static_cast<float>((state >> 8) / 16777216.0 - 0.5);
    }
    return matrix;
}

void BM_SpectraOfModel(benchmark::State& state) {
    constexpr int kNumHeads = 270, kHidden = 576;
    const int head_dim = static_cast<int>(state.range(0));
    const headlight::Matrix query = random_matrix(kHidden, head_dim, 1),
                            key = random_matrix(kHidden, head_dim, 2);
    const headlight::Matrix value = random_matrix(kHidden, head_dim, 3),
                            output = random_matrix(head_dim, kHidden, 4);
    for (auto unused : state) {
        for (int head = 0; head < kNumHeads; ++head) {
            benchmark::DoNotOptimize(headlight::compute_spectrum(query, key, value, output));
        }
    }
}
BENCHMARK(BM_SpectraOfModel)->Arg(64)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
