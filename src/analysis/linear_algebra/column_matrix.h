// Column-major doubles, the form that the spectrum kernels work on, and what all spectra are made of: reading
// a factor, its triangle, singular values.
#pragma once

#include <algorithm>
#include <vector>

#include "analysis/linear_algebra/spectrum_kernels.h"
#include "core/matrix.h"

namespace headlight {

/// [rows, cols]; column j starts at j * stride. Columns are as long as the larger side, padded to whole
/// vectors; what lies past `rows` must be zero (it changes no product then).
struct Columns {
    int rows = 0, cols = 0, stride = 0;
    std::vector<double> values;  // [cols, stride]

    Columns() = default;
    Columns(int num_rows, int num_cols) { resize(num_rows, num_cols); }
    /// Keeps the memory that it has; the values are then anything. Fresh memory is zero.
    void resize(int num_rows, int num_cols) {
        rows = num_rows;
        cols = num_cols;
        stride = kernels::padded(std::max(num_rows, num_cols));
        values.resize(static_cast<std::size_t>(stride) * static_cast<std::size_t>(num_cols));
    }
    double* column(int j) { return values.data() + offset(j); }
    const double* column(int j) const { return values.data() + offset(j); }
    double& at(int row, int col) { return column(col)[row]; }
    double at(int row, int col) const { return column(col)[row]; }

  private:
    std::size_t offset(int j) const { return static_cast<std::size_t>(j) * static_cast<std::size_t>(stride); }
};

/// A factor [d, k] as it is stored, or stored as its transpose [k, d].
struct Factor {
    const Matrix& matrix;
    bool is_transposed = false;
    int rows() const { return static_cast<int>(is_transposed ? matrix.cols : matrix.rows); }
    int cols() const { return static_cast<int>(is_transposed ? matrix.rows : matrix.cols); }
};

/// The factor in doubles, padding cleared.
void read_columns(const Factor& factor, Columns& out);

/// R of the thin QR, [k, k]: column j of the result is ROW j of R. `work` is destroyed. Fewer rows than
/// columns are taken as rows of zeros below, so R is then [k, k] of lower rank.
Columns triangle_of(Columns& work);

/// A B^T of two square matrices that are given by rows (as triangle_of returns them), as columns.
Columns product_of_rows(const Columns& a, const Columns& b);

/// The transpose of a square matrix.
Columns transposed(const Columns& matrix);

/// Singular values of a square matrix, descending; all NaN if an entry is no finite number.
std::vector<double> singular_values(Columns matrix);

/// sqrt(sum of squares).
double frobenius_norm(const Columns& matrix);

}  // namespace headlight
