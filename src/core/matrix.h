// A dense row-major float matrix that owns its values. For results that cross rooms (logits, weights, hidden
// states).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace headlight {

struct Matrix {
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    std::vector<float> values;  // [rows, cols]

    Matrix() = default;
    Matrix(std::int64_t num_rows, std::int64_t num_cols)
        : rows(num_rows), cols(num_cols), values(static_cast<std::size_t>(num_rows * num_cols)) {}

    bool empty() const { return values.empty(); }
    std::span<float> row(std::int64_t r) {
        return {values.data() + r * cols, static_cast<std::size_t>(cols)};
    }
    std::span<const float> row(std::int64_t r) const {
        return {values.data() + r * cols, static_cast<std::size_t>(cols)};
    }
    float& at(std::int64_t r, std::int64_t c) { return values[static_cast<std::size_t>(r * cols + c)]; }
    float at(std::int64_t r, std::int64_t c) const { return values[static_cast<std::size_t>(r * cols + c)]; }
};

}  // namespace headlight
