#include "analysis/spectrum.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/bidiagonal.h"
#include "analysis/spectrum_kernels.h"

namespace headlight {
namespace {

/// Column-major doubles; columns are padded with zeros to a whole number of vectors.
struct Columns {
    int rows = 0, cols = 0, stride = 0;
    std::vector<double> values;  // [cols, stride]

    Columns(int num_rows, int num_cols)
        : rows(num_rows),
          cols(num_cols),
          stride(kernels::padded(std::max(num_rows, num_cols))),
          values(static_cast<std::size_t>(stride) * static_cast<std::size_t>(num_cols)) {}
    double* column(int j) {
        return values.data() + static_cast<std::size_t>(j) * static_cast<std::size_t>(stride);
    }
    const double* column(int j) const {
        return values.data() + static_cast<std::size_t>(j) * static_cast<std::size_t>(stride);
    }
};

/// [d, k] float -> its columns. In tiles, so that neither side is read across the cache.
Columns columns_of(const Matrix& matrix) {
    constexpr int kTile = 16;
    Columns out(static_cast<int>(matrix.rows), static_cast<int>(matrix.cols));
    for (int row_begin = 0; row_begin < out.rows; row_begin += kTile) {
        const int row_end = std::min(out.rows, row_begin + kTile);
        for (int j = 0; j < out.cols; ++j) {
            for (int i = row_begin; i < row_end; ++i)
                out.column(j)[i] = matrix.at(i, j);
        }
    }
    return out;
}

/// The same of the transpose: rows of the matrix are the columns.
Columns columns_of_transpose(const Matrix& matrix) {
    Columns out(static_cast<int>(matrix.cols), static_cast<int>(matrix.rows));
    for (int j = 0; j < out.cols; ++j)
        std::copy_n(matrix.row(j).data(), out.rows, out.column(j));
    return out;
}

/// R of the thin QR, row-major [k, stride of a k x k matrix].
Columns triangle_of(Columns& factor) {
    Columns rows(factor.cols, factor.cols);
    kernels::householder_r(factor.values.data(), factor.cols, factor.stride, rows.values.data(), rows.stride);
    return rows;
}

/// R_A R_B^T as columns; both triangles are given by rows.
Columns triangle_product(const Columns& a, const Columns& b) {
    Columns out(a.cols, a.cols);
    kernels::multiply_transposed(a.values.data(), b.values.data(), a.cols, a.stride, out.values.data());
    return out;
}

/// A B^T itself: for factors that are wider than tall, where it is the smaller matrix.
Columns full_product(const Columns& a, const Columns& b) {
    Columns out(a.rows, a.rows);
    for (int k = 0; k < a.cols; ++k) {
        for (int j = 0; j < out.cols; ++j) {
            for (int i = 0; i < out.rows; ++i)
                out.column(j)[i] += a.column(k)[i] * b.column(k)[j];
        }
    }
    return out;
}

/// Singular values of a square matrix, descending.
std::vector<double> singular_values(Columns matrix) {
    double largest = 0;
    for (const double value : matrix.values)
        largest = std::max(largest, std::abs(value));
    if (largest == 0) return std::vector<double>(static_cast<std::size_t>(matrix.cols), 0.0);
    for (double& value : matrix.values)
        value /= largest;  // so that squares neither overflow nor vanish
    std::vector<double> diagonal(static_cast<std::size_t>(matrix.cols)), superdiagonal(diagonal.size() - 1);
    std::vector<double> scratch(2 * static_cast<std::size_t>(matrix.stride));
    kernels::bidiagonalize(matrix.values.data(), matrix.cols, matrix.stride, diagonal.data(),
                           superdiagonal.data(), scratch.data());
    std::vector<double> sigma = bidiagonal_singular_values(diagonal, superdiagonal);
    for (double& value : sigma)
        value *= largest;
    return sigma;
}

bool is_finite(const Columns& matrix) {
    double sum = 0;
    for (const double value : matrix.values)
        sum += value * 0.0;
    return sum == 0;
}

/// Spectrum of A B^T, padded with the zeros that the rank leaves out.
std::vector<double> spectrum_of(Columns& a, Columns& b) {
    const auto num_values = static_cast<std::size_t>(a.cols);
    if (!is_finite(a) || !is_finite(b))
        return std::vector<double>(num_values, std::numeric_limits<double>::quiet_NaN());
    if (a.rows < a.cols) {
        std::vector<double> sigma = singular_values(full_product(a, b));
        sigma.resize(num_values, 0.0);
        return sigma;
    }
    const Columns triangle_a = triangle_of(a), triangle_b = triangle_of(b);
    return singular_values(triangle_product(triangle_a, triangle_b));
}

}  // namespace

std::vector<double> singular_values_of_product(const Matrix& a, const Matrix& b) {
    if (a.rows != b.rows || a.cols != b.cols || a.empty()) return {};
    Columns columns_a = columns_of(a), columns_b = columns_of(b);
    return spectrum_of(columns_a, columns_b);
}

HeadSpectrum compute_spectrum(const Matrix& query, const Matrix& key, const Matrix& value,
                              const Matrix& output) {
    HeadSpectrum spectrum;
    spectrum.qk = singular_values_of_product(query, key);
    if (value.rows == output.cols && value.cols == output.rows && !value.empty()) {
        Columns columns_v = columns_of(value), columns_o = columns_of_transpose(output);
        spectrum.ov = spectrum_of(columns_v, columns_o);
    }
    return spectrum;
}

}  // namespace headlight
