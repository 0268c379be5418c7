#include "analysis/patterns/text_similarity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/statistics/statistics.h"

namespace headlight {
namespace {

constexpr std::size_t kLeastKeys = 8;

double dot_of_ranks(const std::vector<double>& a, const std::vector<double>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Ranks without what the distance explains, to unit length; empty when nothing is left. Keys ascend, so the
/// ranks of the distance are their own order, backwards.
std::vector<double> residual_ranks(const std::vector<double>& values) {
    std::vector<double> ranks = centred_ranks(values);
    const double before = dot_of_ranks(ranks, ranks);
    const double middle = 0.5 * (static_cast<double>(values.size()) - 1);
    double product = 0, square = 0;
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        const double distance = middle - static_cast<double>(i);
        product += ranks[i] * distance;
        square += distance * distance;
    }
    for (std::size_t i = 0; i < ranks.size(); ++i)
        ranks[i] -= product / square * (middle - static_cast<double>(i));
    const double length = dot_of_ranks(ranks, ranks);
    if (!(length > 1e-20 * before)) return {};
    for (double& rank : ranks)
        rank /= std::sqrt(length);
    return ranks;
}

/// Embeddings minus their mean, to unit length; [tokens, hidden].
Matrix unit_rows(Matrix embeddings) {
    std::vector<double> mean(static_cast<std::size_t>(embeddings.cols));
    for (std::int64_t token = 0; token < embeddings.rows; ++token) {
        for (std::size_t i = 0; i < mean.size(); ++i)
            mean[i] += embeddings.row(token)[i] / static_cast<double>(embeddings.rows);
    }
    for (std::int64_t token = 0; token < embeddings.rows; ++token) {
        const std::span<float> row = embeddings.row(token);
        double square = 0;
        for (std::size_t i = 0; i < mean.size(); ++i) {
            row[i] -= static_cast<float>(mean[i]);
            square += static_cast<double>(row[i]) * row[i];
        }
        for (float& value : row)
            value = square > 0 ? static_cast<float>(value / std::sqrt(square)) : 0.0f;
    }
    return embeddings;
}

}  // namespace

TextSimilarity::TextSimilarity(const Matrix& embeddings, std::span<const std::int32_t> ids) {
    const std::size_t num_tokens = ids.size();
    if (embeddings.rows != static_cast<std::int64_t>(num_tokens)) return;
    const Matrix units = unit_rows(embeddings);
    rows_.resize(num_tokens);
    for (std::size_t query = 0; query < num_tokens; ++query) {
        Row& row = rows_[query];
        std::vector<double> cosines;
        for (std::size_t key = 1; key < query; ++key) {
            if (ids[key] == ids[query]) continue;
            const auto a = units.row(static_cast<std::int64_t>(query)),
                       b = units.row(static_cast<std::int64_t>(key));
            row.keys.push_back(static_cast<std::uint32_t>(key));
            cosines.push_back(std::inner_product(a.begin(), a.end(), b.begin(), 0.0));
        }
        if (row.keys.size() >= kLeastKeys) row.residual = residual_ranks(cosines);
    }
}

std::optional<double> TextSimilarity::correlation(int query, std::span<const float> weights) const {
    const Row& row = rows_[static_cast<std::size_t>(query)];
    if (row.residual.empty()) return std::nullopt;
    std::vector<double> values;
    values.reserve(row.keys.size());
    for (const std::uint32_t key : row.keys)
        values.push_back(weights[key]);
    if (std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); }))
        return std::nullopt;
    const std::vector<double> residual = residual_ranks(values);
    if (residual.empty()) return std::nullopt;
    return std::clamp(dot_of_ranks(residual, row.residual), -1.0, 1.0);
}

}  // namespace headlight
