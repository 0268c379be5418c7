// The thin factors of what a head writes and reads, as composition scores need them.
#pragma once

#include <vector>

#include "base/result.h"
#include "core/head_weights.h"

namespace headlight {

/// Rows of doubles, padded with zeros to whole vectors.
struct RowMatrix {
    int rows = 0, cols = 0;
    long stride = 0;
    std::vector<double> values;  // [rows, stride]

    RowMatrix() = default;
    RowMatrix(int num_rows, int num_cols);
    double* row(int i) { return values.data() + static_cast<long>(i) * stride; }
    const double* row(int i) const { return values.data() + static_cast<long>(i) * stride; }
};

/// A form M of rank head_dim stands as a factor F [hidden, head_dim] with |N M|_F = |N F|_F (what is read) or
/// |M N|_F = |F^T N|_F (what is written) for every N: a thin factor times the triangle of the other one.
/// Scaled to |F|_F = 1; a form that is zero stays zero.
struct HeadFactors {
    RowMatrix writes;  // of W_V W_O: (R_V W_O)^T
    RowMatrix query;   // of W_Q W_K^T: W_Q R_K^T
    RowMatrix key;     // of W_K W_Q^T: W_K R_Q^T
    RowMatrix value;   // of W_V W_O: W_V R_O^T
};

/// Errors: InvalidInput (shapes that do not fit, weights that are no finite numbers).
Result<HeadFactors> head_factors(const HeadWeights& weights);

}  // namespace headlight
