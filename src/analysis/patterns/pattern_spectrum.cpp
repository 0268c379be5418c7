#include "analysis/patterns/pattern_spectrum.h"

#include <algorithm>

#include "analysis/linear_algebra/column_matrix.h"

namespace headlight {

std::vector<double> pattern_singular_values(std::span<const float> matrix, int num_queries, int num_keys) {
    if (num_queries < 1 || num_keys < 1) return {};
    const auto columns = static_cast<std::size_t>(num_keys);
    if (matrix.size() != static_cast<std::size_t>(num_queries) * columns) return {};
    const int size = std::max(num_queries, num_keys), num_values = std::min(num_queries, num_keys);
    Columns square(size, size);  // the transpose: query rows as columns, zeros where it is not square
    for (int query = 0; query < num_queries; ++query) {
        const float* row = matrix.data() + static_cast<std::size_t>(query) * columns;
        std::copy_n(row, num_keys, square.column(query));
    }
    std::vector<double> sigma = singular_values(std::move(square));
    sigma.resize(static_cast<std::size_t>(num_values));
    return sigma;
}

}  // namespace headlight
