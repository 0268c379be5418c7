// Shares of the variance of scores.
#include "analysis/scores/dimension_shares.h"

#include <algorithm>
#include <numeric>

namespace headlight {
namespace {

constexpr int kRowsPerReport = 64;

/// Scores of a row about their mean; the sum of their squares.
double centred_scores(const ScoreParts& parts, int query, KeyRange range, std::vector<float>& scores) {
    const float* q = parts.query_row(query);
    double mean = 0;
    for (int key = range.begin; key < range.end; ++key) {
        const float* k = parts.key_row(key);
        float sum = 0;
        for (int d = 0; d < parts.depth; ++d)
            sum += q[d] * k[d];
        const float score = parts.scale * sum + parts.bias_at(query, key);
        scores[static_cast<std::size_t>(key)] = score;
        mean += score;
    }
    mean /= range.count();
    double squares = 0;
    for (int key = range.begin; key < range.end; ++key) {
        float& score = scores[static_cast<std::size_t>(key)];
        score = static_cast<float>(score - mean);
        squares += static_cast<double>(score) * score;
    }
    return squares;
}

}  // namespace

std::vector<int> DimensionShares::carriers(const std::vector<double>& shares, double share) {
    std::vector<int> order(shares.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        return shares[static_cast<std::size_t>(a)] > shares[static_cast<std::size_t>(b)];
    });
    double sum = 0;
    std::size_t count = 0;
    while (count < order.size() && sum < share && shares[static_cast<std::size_t>(order[count])] > 0)
        sum += shares[static_cast<std::size_t>(order[count++])];
    order.resize(count);
    return order;
}

Result<DimensionShares> dimension_shares(const ScoreParts& parts,
                                         const std::function<KeyRange(int query)>& admissible,
                                         const JobContext& job) {
    DimensionShares out;
    const auto depth = static_cast<std::size_t>(parts.depth);
    out.of.assign(depth, 0.0);
    std::vector<float> scores(static_cast<std::size_t>(parts.num_keys)), along(depth);
    double variance = 0, num_pairs = 0;
    const int step = (parts.num_queries + kMostShareRows - 1) / kMostShareRows;
    out.is_sample = step > 1;
    for (int query = std::max(0, step - 1); query < parts.num_queries; query += step) {
        if (query / step % kRowsPerReport == 0) {
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "nobody asks for these shares any more");
            job.report({"measuring dimensions", static_cast<double>(query) / parts.num_queries, {}});
        }
        const KeyRange range = admissible(query);
        if (range.count() < 2) continue;
        variance += centred_scores(parts, query, range, scores);
        num_pairs += range.count();
        ++out.num_rows;
        // The scores are centred, so the means of the parts fall out of the products.
        std::fill(along.begin(), along.end(), 0.0f);
        double bias = 0;
        for (int key = range.begin; key < range.end; ++key) {
            const float score = scores[static_cast<std::size_t>(key)];
            const float* k = parts.key_row(key);
            for (std::size_t d = 0; d < depth; ++d)
                along[d] += score * k[d];
            bias += static_cast<double>(score) * parts.bias_at(query, key);
        }
        const float* q = parts.query_row(query);
        for (std::size_t d = 0; d < depth; ++d)
            out.of[d] += static_cast<double>(parts.scale) * q[d] * along[d];
        out.bias += bias;
    }
    if (!(variance > 0)) {
        out.of.assign(depth, 0.0);
        out.bias = 0;
        return out;
    }
    for (double& share : out.of)
        share /= variance;
    out.bias /= variance;
    out.variance = variance / num_pairs;
    return out;
}

std::vector<double> pair_shares(const ScoreParts& parts, const std::vector<double>& shares) {
    std::vector<double> out;
    for (const RotationPair& pair : parts.rotation)
        out.push_back(shares[static_cast<std::size_t>(pair.first)] +
                      shares[static_cast<std::size_t>(pair.second)]);
    return out;
}

}  // namespace headlight
