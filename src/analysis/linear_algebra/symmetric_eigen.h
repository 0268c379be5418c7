// Eigenvalues of a real symmetric matrix and the vectors of its largest ones.
#pragma once

#include <optional>
#include <vector>

namespace headlight {

struct SymmetricEigen {
    std::vector<double> values;  // [n], descending
    std::vector<std::vector<double>>
        vectors;  // [num_vectors][n]: unit length, orthogonal, of values 0, 1 ...
};

/// Reduction to tridiagonal form by reflections, implicit QL for the values, inverse iteration for the
/// vectors. `matrix` is [n, n], symmetric. The sign of a vector is the one that makes its entry of largest
/// size positive (the first of equal ones), so the same matrix gives the same answer. nullopt if an entry is
/// no finite number.
std::optional<SymmetricEigen> symmetric_eigen(std::vector<double> matrix, int size, int num_vectors);

}  // namespace headlight
