// Weights with known values, for the tests that were also computed by tests/analysis/weights_check.py.
#pragma once

#include <cstdint>

#include "base/progress.h"
#include "base/result.h"
#include "core/matrix.h"
#include "core/model_runner.h"
#include "core/model_spec.h"

namespace headlight::test {

/// A linear congruential sequence in [-0.5, 0.5), row by row.
inline Matrix sequence(int rows, int cols, std::uint32_t state) {
    Matrix matrix(rows, cols);
    for (float& value : matrix.values) {
        state = state * 1664525u + 1013904223u;
        value = static_cast<float>((state >> 8) / 16777216.0 - 0.5);
    }
    return matrix;
}

inline HeadWeights head_weights(std::uint32_t seed, int hidden = 24, int head_dim = 6) {
    HeadWeights weights;
    weights.query = sequence(hidden, head_dim, seed);
    weights.key = sequence(hidden, head_dim, seed + 1);
    weights.value = sequence(hidden, head_dim, seed + 2);
    weights.output = sequence(head_dim, hidden, seed + 3);
    return weights;
}

inline Matrix transposed(const Matrix& matrix, float factor = 1) {
    Matrix out(matrix.cols, matrix.rows);
    for (int i = 0; i < matrix.rows; ++i) {
        for (int j = 0; j < matrix.cols; ++j)
            out.at(j, i) = factor * matrix.at(i, j);
    }
    return out;
}

/// Three layers of two heads, and in the grouped form heads of a layer share key and value.
class WeightsModel final : public ModelRunner {
  public:
    explicit WeightsModel(bool is_grouped = false) {
        spec_.num_layers = 3;
        spec_.num_heads = 2;
        spec_.num_kv_heads = is_grouped ? 1 : 2;
        spec_.hidden_size = 24;
        spec_.head_dim = 6;
    }
    const ModelSpec& spec() const override { return spec_; }
    Result<RunResult> run(const RunRequest&, const JobContext&) override {
        return fail(ErrorKind::Unsupported, "has weights only");
    }
    Result<HeadWeights> head_weights(int layer, int head) const override {
        if (layer == broken_layer) return fail(ErrorKind::Corrupt, "layer {} is broken", layer);
        const auto index = static_cast<std::uint32_t>(layer * 2 + head);
        HeadWeights weights = test::head_weights(100 + 10 * index);
        if (spec_.num_kv_heads == 1) {
            const HeadWeights first = test::head_weights(100 + 20 * static_cast<std::uint32_t>(layer));
            weights.key = first.key;
            weights.value = first.value;
        }
        return weights;
    }
    int broken_layer = -1;

  private:
    ModelSpec spec_;
};

}  // namespace headlight::test
