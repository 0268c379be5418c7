#include "analysis/search/head_fit.h"

#include <cmath>

namespace headlight {
namespace {

/// Relative spread below which the weights of a row are one number that was rounded.
constexpr double kLeastRelativeSd = 1e-6;

class RowMean {
  public:
    void add(double value) {
        sum_ += value;
        ++count_;
    }
    int count() const { return count_; }
    std::optional<double> mean() const { return count_ == 0 ? std::nullopt : std::optional(sum_ / count_); }

  private:
    double sum_ = 0;
    int count_ = 0;
};

/// Population variance times n; 0 where it is rounding noise.
double spread_of(double sum, double sum_squares, double count) {
    const double mean = sum / count, spread = sum_squares - sum * mean;
    const double noise = kLeastRelativeSd * mean;
    return spread <= count * noise * noise ? 0.0 : spread;
}

void sum_row(const float* weights, KeyRun keys, double& sum, double& sum_squares) {
    constexpr std::size_t kLanes = 4;
    double sums[kLanes] = {}, squares[kLanes] = {};
    std::uint32_t key = keys.begin;
    for (; key + kLanes <= keys.end; key += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const double weight = weights[key + lane];
            sums[lane] += weight;
            squares[lane] += weight * weight;
        }
    }
    for (; key < keys.end; ++key) {
        sums[0] += weights[key];
        squares[0] += static_cast<double>(weights[key]) * weights[key];
    }
    sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    sum_squares = (squares[0] + squares[1]) + (squares[2] + squares[3]);
}

}  // namespace

void read_search_rows(const AttentionTrace& trace, HeadId head, std::span<const KeyRun> admissible,
                      bool wants_sums, SearchRows& rows) {
    const auto count = admissible.size(), num_keys = static_cast<std::size_t>(trace.num_keys());
    rows.weights.resize(count * num_keys);
    trace.rows(head.layer, head.head, 0, trace.num_queries(), rows.weights);
    rows.sum.resize(count);
    rows.sum_squares.resize(count);
    rows.mean.assign(count, 0.0f);
    rows.inverse_sd.assign(count, 0.0f);
    rows.is_valid.assign(count, false);
    rows.sums.resize(wants_sums ? count * (num_keys + 1) : 0);
    for (std::size_t query = 0; query < count; ++query) {
        const float* weights = rows.weights.data() + query * num_keys;
        const KeyRun keys = admissible[query];
        sum_row(weights, keys, rows.sum[query], rows.sum_squares[query]);
        if (keys.begin >= keys.end || !std::isfinite(rows.sum_squares[query])) continue;
        rows.is_valid[query] = true;
        const double n = keys.end - keys.begin;
        const double deviation = spread_of(rows.sum[query], rows.sum_squares[query], n);
        rows.mean[query] = static_cast<float>(rows.sum[query] / n);
        if (deviation > 0) rows.inverse_sd[query] = static_cast<float>(1 / std::sqrt(deviation / (n - 1)));
        if (!wants_sums) continue;
        float* sums = rows.sums.data() + query * (num_keys + 1);
        double so_far = 0;
        for (std::uint32_t key = keys.begin; key < keys.end; ++key) {
            sums[key] = static_cast<float>(so_far);
            so_far += weights[key];
        }
        sums[keys.end] = static_cast<float>(so_far);
    }
}

HeadFit fit_head(HeadId head, const PairTemplate& pairs, const MaskedTemplate& masked,
                 const SearchRows& rows) {
    HeadFit fit;
    fit.head = head;
    RowMean mass, null, cosine, pearson;
    const auto num_keys = static_cast<std::size_t>(pairs.num_keys);
    for (const TemplateRow& row : masked.rows) {
        if (!row.is_scored || !rows.is_valid[row.query]) continue;
        const float* weights = rows.weights.data() + row.query * num_keys;
        const double n = row.num_keys;
        if (row.has_mass()) {
            double sum = 0;
            for (std::uint32_t run = row.run_begin; run < row.run_end; ++run) {
                for (std::uint32_t key = masked.runs[run].begin; key < masked.runs[run].end; ++key)
                    sum += weights[key];
            }
            mass.add(sum);
            null.add(row.num_pairs / n);
        }
        double product = 0;
        for (std::uint32_t i = row.cell_begin; i < row.cell_end; ++i)
            product += static_cast<double>(weights[pairs.keys[i]]) * pairs.values[i];
        const double sum = rows.sum[row.query], squares = rows.sum_squares[row.query];
        if (squares > 0) cosine.add(product / std::sqrt(squares * row.sum_squares));
        const double spread_of_weights = spread_of(sum, squares, n),
                     spread_of_template = spread_of(row.sum, row.sum_squares, n);
        if (n >= 3 && spread_of_weights > 0 && spread_of_template > 0)
            pearson.add((product - sum * row.sum / n) / std::sqrt(spread_of_weights * spread_of_template));
    }
    fit.num_rows = mass.count();
    fit.mass = mass.mean();
    fit.null = null.mean();
    if (fit.mass && *fit.null > 0) {
        fit.lift = *fit.mass / *fit.null;
        fit.kappa = (*fit.mass - *fit.null) / (1 - *fit.null);
    }
    fit.cosine = cosine.mean();
    fit.pearson = pearson.mean();
    return fit;
}

}  // namespace headlight
