// Weights with known values, for the tests that were also computed by tests/analysis/weights_check.py.
#pragma once

#include <cstdint>

#include "core/engine.h"

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

}  // namespace headlight::test
