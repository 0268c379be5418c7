#include "analysis/weights/head_factors.h"

#include <algorithm>
#include <cmath>

#include "analysis/linear_algebra/column_matrix.h"
#include "analysis/linear_algebra/row_products.h"

namespace headlight {
namespace {

RowMatrix rows_of(const Factor& factor) {
    RowMatrix out(factor.rows(), factor.cols());
    for (int i = 0; i < out.rows; ++i) {
        for (int j = 0; j < out.cols; ++j)
            out.row(i)[j] = factor.is_transposed ? factor.matrix.at(j, i) : factor.matrix.at(i, j);
    }
    return out;
}

Columns triangle(const Factor& factor) {
    Columns work;
    read_columns(factor, work);
    return triangle_of(work);
}

/// factor R^T, scaled to norm 1; `r` is given by rows.
RowMatrix product(const RowMatrix& factor, const Columns& r) {
    RowMatrix out(factor.rows, r.cols);
    kernels::add_row_products(factor.row(0), factor.rows, factor.stride, r.column(0), r.cols, r.stride,
                              static_cast<int>(factor.stride), out.row(0), out.stride);
    double squares = 0;
    for (const double value : out.values)
        squares += value * value;
    if (squares > 0) {
        const double scale = 1 / std::sqrt(squares);
        for (double& value : out.values)
            value *= scale;
    }
    return out;
}

bool is_finite(const Matrix& matrix) {
    return std::all_of(matrix.values.begin(), matrix.values.end(),
                       [](float value) { return std::isfinite(value); });
}

}  // namespace

RowMatrix::RowMatrix(int num_rows, int num_cols)
    : rows(num_rows),
      cols(num_cols),
      stride(kernels::padded(num_cols)),
      values(static_cast<std::size_t>(num_rows) * static_cast<std::size_t>(stride)) {}

Result<HeadFactors> head_factors(const HeadWeights& weights) {
    const std::int64_t hidden = weights.query.rows, dim = weights.query.cols;
    const auto is_thin = [&](const Matrix& m) { return m.rows == hidden && m.cols == dim; };
    const bool fits = hidden > 0 && dim > 0 && is_thin(weights.key) && is_thin(weights.value) &&
                      weights.output.rows == dim && weights.output.cols == hidden;
    if (!fits) {
        return fail(
            ErrorKind::InvalidInput,
            "composition: query {} x {}, key {} x {}, value {} x {} and output {} x {} do not make one head",
            hidden, dim, weights.key.rows, weights.key.cols, weights.value.rows, weights.value.cols,
            weights.output.rows, weights.output.cols);
    }
    for (const Matrix* matrix : {&weights.query, &weights.key, &weights.value, &weights.output}) {
        if (!is_finite(*matrix))
            return fail(ErrorKind::InvalidInput, "composition: a weight is no finite number");
    }
    const Factor query{weights.query}, key{weights.key}, value{weights.value}, output{weights.output, true};
    return HeadFactors{product(rows_of(output), triangle(value)), product(rows_of(query), triangle(key)),
                       product(rows_of(key), triangle(query)), product(rows_of(value), triangle(output))};
}

}  // namespace headlight
