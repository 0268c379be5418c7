#include "analysis/linear_algebra/column_matrix.h"

#include <cmath>
#include <limits>

#include "analysis/linear_algebra/bidiagonal.h"

namespace headlight {

// float -> columns of doubles, once. Rows are taken in tiles, so that neither side is read across the cache.
void read_columns(const Factor& factor, Columns& out) {
    constexpr int kTile = 16;
    const Matrix& matrix = factor.matrix;
    out.resize(factor.rows(), factor.cols());
    for (int j = 0; j < out.cols; ++j)
        std::fill(out.column(j) + out.rows, out.column(j) + out.stride, 0.0);
    if (factor.is_transposed) {
        for (int j = 0; j < out.cols; ++j)
            std::copy_n(matrix.row(j).data(), out.rows, out.column(j));
        return;
    }
    for (int row_begin = 0; row_begin < out.rows; row_begin += kTile) {
        const int row_end = std::min(out.rows, row_begin + kTile);
        for (int j = 0; j < out.cols; ++j) {
            for (int i = row_begin; i < row_end; ++i)
                out.column(j)[i] = matrix.at(i, j);
        }
    }
}

Columns triangle_of(Columns& work) {
    Columns rows(work.cols, work.cols);
    kernels::householder_r(work.values.data(), work.cols, work.stride, rows.values.data(), rows.stride);
    return rows;
}

Columns product_of_rows(const Columns& a, const Columns& b) {
    Columns out(a.cols, a.cols);
    kernels::multiply_transposed(a.values.data(), b.values.data(), a.cols, a.stride, out.values.data(),
                                 out.stride);
    return out;
}

Columns transposed(const Columns& matrix) {
    Columns out(matrix.cols, matrix.rows);
    for (int j = 0; j < matrix.cols; ++j) {
        for (int i = 0; i < matrix.rows; ++i)
            out.at(j, i) = matrix.at(i, j);
    }
    return out;
}

std::vector<double> singular_values(Columns matrix) {
    const auto num_values = static_cast<std::size_t>(matrix.cols);
    double largest = 0;
    for (const double value : matrix.values) {
        if (!std::isfinite(value))
            return std::vector<double>(num_values, std::numeric_limits<double>::quiet_NaN());
        largest = std::max(largest, std::abs(value));
    }
    if (largest == 0) return std::vector<double>(num_values, 0.0);
    for (double& value : matrix.values)
        value /= largest;  // so that squares neither overflow nor vanish
    std::vector<double> diagonal(num_values), superdiagonal(num_values - 1);
    std::vector<double> scratch(2 * static_cast<std::size_t>(matrix.stride));
    kernels::bidiagonalize(matrix.values.data(), matrix.cols, matrix.stride, diagonal.data(),
                           superdiagonal.data(), scratch.data());
    std::vector<double> sigma = bidiagonal_singular_values(diagonal, superdiagonal);
    for (double& value : sigma)
        value *= largest;
    return sigma;
}

double frobenius_norm(const Columns& matrix) {
    double sum = 0;
    for (const double value : matrix.values)
        sum += value * value;
    return std::sqrt(sum);
}

}  // namespace headlight
