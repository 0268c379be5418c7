#include "analysis/weights/spectrum.h"

#include <algorithm>
#include <cmath>

#include "analysis/linear_algebra/column_matrix.h"
#include "analysis/linear_algebra/eigenvalues.h"

namespace headlight {
namespace {

bool is_same_matrix(const Matrix& a, const Matrix& b) {
    return a.rows == b.rows && a.cols == b.cols && a.values == b.values;
}

bool is_pair(const Matrix& a, const Matrix& b) {
    return a.rows == b.rows && a.cols == b.cols && !a.empty();
}

/// W' = diag(gain) W, and for LayerNorm the mean over the inputs taken out of every column.
void fold_norm(const HeadWeights& weights, Columns& factor) {
    for (int j = 0; j < factor.cols; ++j) {
        double* column = factor.column(j);
        if (!weights.norm_gain.empty()) {
            for (int i = 0; i < factor.rows; ++i)
                column[i] *= weights.norm_gain[static_cast<std::size_t>(i)];
        }
        if (!weights.is_centred) continue;
        double mean = 0;
        for (int i = 0; i < factor.rows; ++i)
            mean += column[i] / factor.rows;
        for (int i = 0; i < factor.rows; ++i)
            column[i] -= mean;
    }
}

/// True when the norm before attention is known: a gain that fits, or a LayerNorm without one.
bool has_norm(const HeadWeights& weights) {
    if (weights.norm_gain.empty()) return weights.is_centred;
    return static_cast<std::int64_t>(weights.norm_gain.size()) == weights.query.rows;
}

/// Triangles of one factor, as rows.
struct Triangles {
    Columns plain, folded;  // empty when not wanted
    bool is_set() const { return plain.cols > 0; }
};

/// `columns` are those of the factor; they survive in `kept` when it is given.
Triangles triangles_of(const HeadWeights& weights, const Factor& factor, bool wants_folded, Columns* kept) {
    // Kept from head to head: fresh pages cost as much as the sums.
    thread_local Columns work;
    Triangles out;
    read_columns(factor, work);
    if (kept) *kept = work;
    out.plain = triangle_of(work);
    if (!wants_folded) return out;
    read_columns(factor, work);
    fold_norm(weights, work);
    out.folded = triangle_of(work);
    return out;
}

/// What heads with the same key and value share.
struct KeyValueSide {
    Triangles key, value;
    Columns value_columns;                         // for the eigenvalues
    std::vector<double> key_values, value_values;  // singular values of the single factors
};

KeyValueSide key_value_side(const HeadWeights& weights, const SpectrumParts& parts) {
    KeyValueSide side;
    const bool wants_folded = parts.folded && has_norm(weights);
    if (!weights.key.empty()) side.key = triangles_of(weights, {weights.key}, wants_folded, nullptr);
    if (!weights.value.empty()) {
        side.value = triangles_of(weights, {weights.value}, wants_folded,
                                  parts.eigenvalues ? &side.value_columns : nullptr);
    }
    if (!parts.single_factors) return side;
    if (side.key.is_set()) side.key_values = singular_values(side.key.plain);
    if (side.value.is_set()) side.value_values = singular_values(side.value.plain);
    return side;
}

/// |W_K b_Q| = |R_K b_Q|; nullopt for a head without such a bias.
std::optional<double> column_bias_of(const HeadWeights& weights, const Columns& key_triangle) {
    const std::vector<float>& bias = weights.query_bias;
    if (bias.size() != static_cast<std::size_t>(key_triangle.cols) || bias.empty()) return std::nullopt;
    double sum = 0;
    for (int i = 0; i < key_triangle.cols; ++i) {
        double entry = 0;
        for (int j = 0; j < key_triangle.rows; ++j)
            entry += key_triangle.at(j, i) * bias[static_cast<std::size_t>(j)];
        sum += entry * entry;
    }
    if (!std::isfinite(sum)) return std::nullopt;
    return std::sqrt(sum);
}

void add_query_key(const HeadWeights& weights, const KeyValueSide& side, const SpectrumParts& parts,
                   HeadSpectrum& out) {
    if (!is_pair(weights.query, weights.key)) return;
    const Triangles query = triangles_of(weights, {weights.query}, side.key.folded.cols > 0, nullptr);
    out.qk = singular_values(product_of_rows(query.plain, side.key.plain));
    if (query.folded.cols > 0)
        out.folded_qk = singular_values(product_of_rows(query.folded, side.key.folded));
    if (parts.single_factors) {
        out.query = singular_values(query.plain);
        out.key = side.key_values;
    }
    out.column_bias = column_bias_of(weights, side.key.plain);
}

void add_value_output(const HeadWeights& weights, const KeyValueSide& side, const SpectrumParts& parts,
                      HeadSpectrum& out) {
    const bool fits = weights.value.rows == weights.output.cols &&
                      weights.value.cols == weights.output.rows && !weights.value.empty();
    if (!fits) return;
    thread_local Columns work;
    read_columns({weights.output, true}, work);
    if (parts.eigenvalues) {
        // W_O W_V [k, k] has the non-zero eigenvalues of the d x d matrix W_V W_O.
        Columns square(work.cols, work.cols);
        kernels::multiply_transposed(work.values.data(), side.value_columns.values.data(), work.cols,
                                     work.stride, square.values.data(), square.stride);
        out.ov_copying = positive_share_of_eigenvalues(std::move(square));
    }
    const Columns output = triangle_of(work);
    out.ov = singular_values(product_of_rows(side.value.plain, output));
    if (side.value.folded.cols > 0)
        out.folded_ov = singular_values(product_of_rows(side.value.folded, output));
    if (parts.single_factors) {
        out.output = singular_values(output);
        out.value = side.value_values;
    }
}

/// Turns row vectors: (a, b) -> (a cos - b sin, a sin + b cos) for each pair of a row given as a column.
void rotate_rows(Columns& rows, const RotarySettings& rotary, int rotary_dim, int delta) {
    const int num_pairs = rotary_dim / 2;
    for (int m = 0; m < num_pairs; ++m) {
        const double angle = delta * std::pow(rotary.theta, -2.0 * m / rotary_dim);
        const double cosine = std::cos(angle), sine = std::sin(angle);
        const int first = rotary.is_interleaved ? 2 * m : m;
        const int second = rotary.is_interleaved ? 2 * m + 1 : m + num_pairs;
        for (int j = 0; j < rows.cols; ++j) {
            double *const a = rows.column(j) + first, *const b = rows.column(j) + second;
            const double turned = *a * cosine - *b * sine;
            *b = *a * sine + *b * cosine;
            *a = turned;
        }
    }
}

}  // namespace

std::vector<double> singular_values_of_product(const Matrix& a, const Matrix& b) {
    if (!is_pair(a, b)) return {};
    const HeadWeights none;
    const Triangles left = triangles_of(none, {a}, false, nullptr),
                    right = triangles_of(none, {b}, false, nullptr);
    return singular_values(product_of_rows(left.plain, right.plain));
}

std::vector<HeadSpectrum> compute_spectra(std::span<const HeadWeights> heads, const SpectrumParts& parts) {
    std::vector<HeadSpectrum> out(heads.size());
    KeyValueSide side;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        const bool is_shared = i > 0 && is_same_matrix(heads[i].key, heads[i - 1].key) &&
                               is_same_matrix(heads[i].value, heads[i - 1].value);
        if (!is_shared) side = key_value_side(heads[i], parts);
        add_query_key(heads[i], side, parts, out[i]);
        add_value_output(heads[i], side, parts, out[i]);
    }
    return out;
}

HeadSpectrum compute_spectrum(const HeadWeights& weights, const SpectrumParts& parts) {
    return std::move(compute_spectra({&weights, 1}, parts).front());
}

std::vector<std::vector<double>> rotary_spectra(const HeadWeights& weights, const RotarySettings& rotary,
                                                std::span<const int> deltas) {
    const int head_dim = static_cast<int>(weights.query.cols);
    const int rotary_dim = rotary.rotary_dim > 0 ? rotary.rotary_dim : head_dim;
    if (!is_pair(weights.query, weights.key) || rotary_dim > head_dim || rotary_dim % 2 != 0) return {};
    const Triangles query = triangles_of(weights, {weights.query}, false, nullptr),
                    key = triangles_of(weights, {weights.key}, false, nullptr);
    std::vector<std::vector<double>> out;
    for (const int delta : deltas) {
        Columns turned = query.plain;
        rotate_rows(turned, rotary, rotary_dim, delta);
        out.push_back(singular_values(product_of_rows(turned, key.plain)));
    }
    return out;
}

}  // namespace headlight
