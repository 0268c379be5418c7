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

    Columns() = default;
    Columns(int num_rows, int num_cols) { resize(num_rows, num_cols); }
    /// Keeps the memory that it has; the values are then anything.
    void resize(int num_rows, int num_cols) {
        rows = num_rows;
        cols = num_cols;
        stride = kernels::padded(std::max(num_rows, num_cols));
        values.resize(static_cast<std::size_t>(stride) * static_cast<std::size_t>(num_cols));
    }
    double* column(int j) {
        return values.data() + static_cast<std::size_t>(j) * static_cast<std::size_t>(stride);
    }
    const double* column(int j) const {
        return values.data() + static_cast<std::size_t>(j) * static_cast<std::size_t>(stride);
    }
};

/// A factor [d, k] as it is stored, or stored as its transpose [k, d].
struct Factor {
    const Matrix& matrix;
    bool is_transposed = false;
    int rows() const { return static_cast<int>(is_transposed ? matrix.cols : matrix.rows); }
    int cols() const { return static_cast<int>(is_transposed ? matrix.rows : matrix.cols); }
};

/// float -> columns of doubles, once. Rows are taken in tiles, so that neither side is read across the cache.
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

/// R of the thin QR of a factor with rows >= cols; column j of the result is row j of R.
Columns triangle_of(const Factor& factor) {
    // Kept from head to head: fresh pages cost as much as the sums.
    thread_local Columns work;
    read_columns(factor, work);
    Columns rows(work.cols, work.cols);
    kernels::householder_r(work.values.data(), work.cols, work.stride, rows.values.data(), rows.stride);
    return rows;
}

/// R_A R_B^T as columns; both triangles are given by rows.
Columns triangle_product(const Columns& a, const Columns& b) {
    Columns out(a.cols, a.cols);
    kernels::multiply_transposed(a.values.data(), b.values.data(), a.cols, a.stride, out.values.data());
    return out;
}

/// A B^T itself: for factors that are wider than tall, where it is the smaller matrix.
Columns full_product(const Factor& factor_a, const Factor& factor_b) {
    Columns a, b;
    read_columns(factor_a, a);
    read_columns(factor_b, b);
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
    return std::all_of(matrix.values.begin(), matrix.values.end(),
                       [](double value) { return std::isfinite(value); });
}

/// Spectrum of A B^T, padded with the zeros that the rank leaves out. What is no number in a factor reaches
/// the k x k matrix, so it is looked for there.
std::vector<double> spectrum_of(const Factor& a, const Factor& b) {
    const bool is_wide = a.rows() < a.cols();
    Columns product = is_wide ? full_product(a, b) : triangle_product(triangle_of(a), triangle_of(b));
    const auto num_values = static_cast<std::size_t>(a.cols());
    if (!is_finite(product)) return std::vector<double>(num_values, std::numeric_limits<double>::quiet_NaN());
    std::vector<double> sigma = singular_values(std::move(product));
    sigma.resize(num_values, 0.0);
    return sigma;
}

}  // namespace

std::vector<double> singular_values_of_product(const Matrix& a, const Matrix& b) {
    if (a.rows != b.rows || a.cols != b.cols || a.empty()) return {};
    return spectrum_of(Factor{a}, Factor{b});
}

HeadSpectrum compute_spectrum(const Matrix& query, const Matrix& key, const Matrix& value,
                              const Matrix& output) {
    HeadSpectrum spectrum;
    spectrum.qk = singular_values_of_product(query, key);
    const bool fits = value.rows == output.cols && value.cols == output.rows && !value.empty();
    if (fits) spectrum.ov = spectrum_of(Factor{value}, Factor{output, true});
    return spectrum;
}

}  // namespace headlight
