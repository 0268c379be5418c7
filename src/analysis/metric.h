// Metrics: numbers of one head, from its attention rows (kind Pattern) or its weights (kind Weights).
// Definitions: `formula` and `source` of each descriptor. Statistics run over admissible keys and valid rows
// only.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/attention_trace.h"

namespace headlight {

/// A pair of sentences in the rows of one head.
struct SentencePattern {
    int second = -1;              // the first query of B; -1: one text
    std::span<const float> own;   // [num_queries] what a row gives to the keys of its own sentence
    std::span<const float> even;  // the same of a head that spreads evenly

    bool is_pair() const { return second > 0; }
};

/// Row statistics of one head with what a formula may need beside them.
struct HeadPattern {
    std::span<const RowStats> rows;  // [num_queries]
    bool is_causal = true;
    int window = 0;            // of the layer, as TraceInfo::window; asked where the mask is not causal
    bool has_one_text = true;  // false: cross attention, where "itself" and "before" name no key
    // Between units: the rows of a head that spreads evenly over tokens, which are not even, and the keys of
    // each row. Empty between tokens, where counts of keys say both.
    std::span<const RowStats> even;
    std::span<const KeyRange> keys;
    SentencePattern sentences = {};

    bool has_units() const { return !even.empty(); }
    /// The even head in place of this one.
    HeadPattern of_even() const {
        HeadPattern out = *this;
        out.rows = even;
        out.sentences.own = sentences.even;
        return out;
    }
    /// The same rows, but for what they give to the sentences of a pair.
    HeadPattern of_even_sentences() const {
        HeadPattern out = *this;
        out.sentences.own = sentences.even;
        return out;
    }
};
/// The mask of a layer with the rows of one of its heads.
HeadPattern head_pattern(const TraceInfo& info, int layer, std::span<const RowStats> rows);

/// What is read from the weights of one head: singular values, descending, full spectrum (head_dim values),
/// of W_QK = W_Q W_K^T and W_OV = W_V W_O, and two numbers beside them.
struct HeadSpectrum {
    std::vector<double> qk;
    std::vector<double> ov;
    std::vector<double> folded_qk,
        folded_ov;  // with the gain of the norm before attention folded in; empty: not known
    std::optional<double> ov_copying;   // sum lambda / sum |lambda| of the eigenvalues of W_OV
    std::optional<double> column_bias;  // |W_K b_Q|: how strongly a key is preferred whatever the query
    std::vector<double> query, key, value,
        output;  // of the single factors W_Q, W_K, W_V, W_O; empty: not asked for
};

/// Pattern: from row statistics. Weights: from the head's weights. Matrix: from the whole pattern, cubic in
/// the tokens, so only asked for where somebody looks.
enum class MetricKind { Pattern, Weights, Matrix };
enum class MetricDirection { HigherIsSharper, LowerIsSharper, Neither };

struct MetricDescriptor {
    const char* id;               // "entropy_normalized": fixed, scripts rely on it
    const char* label;            // "entropy / uniform"
    const char* unit;             // "nats", "keys", "tokens" or ""
    const char* formula;          // plain text with sums over the keys j of row i
    const char* source;           // paper or section
    const char* help;             // one sentence: what a high or a low value means
    const char* reference_label;  // what the reference is: "uniform head", "random weights"
    MetricKind kind;
    MetricDirection direction;
    double min;  // range for bars and tests; max may be infinity
    double max;
    /// Value; nullopt where it does not exist (no valid row, zero matrix). Exactly one from_... is set, per
    /// kind.
    std::optional<double> (*from_pattern)(const HeadPattern& pattern);
    std::optional<double> (*from_spectrum)(const HeadSpectrum& spectrum);
    /// What a head that spreads evenly over its admissible keys would read on the same rows (kind Pattern),
    /// or random Gaussian weights of the same shape (kind Weights: hidden size and head_dim are given).
    std::optional<double> (*reference_from_pattern)(const HeadPattern& pattern);
    std::optional<double> (*reference_from_shape)(int hidden_size, int head_dim);
    /// Kind Matrix: `matrix` is [num_queries, num_keys] of one head.
    std::optional<double> (*from_matrix)(std::span<const float> matrix, int num_queries,
                                         int num_keys) = nullptr;
    std::optional<double> (*reference_from_size)(int num_queries, bool is_causal) = nullptr;
    bool needs_pair = false;  // of two sentences; left out of the lists of other texts
};

/// Texts up to this long have their Matrix metrics in reports; longer ones on request.
inline constexpr int kMostMatrixMetricTokens = 256;

/// All metrics, in display order.
std::span<const MetricDescriptor* const> metrics();
/// Null if there is none of that id.
const MetricDescriptor* find_metric(std::string_view id);

struct MetricValue {
    const MetricDescriptor* metric = nullptr;
    std::optional<double> value;
    std::optional<double> reference;
};

/// Every pattern metric of one head, those of pairs where there is one. Between units the reference is what
/// the metric reads of the even rows.
std::vector<MetricValue> compute_pattern_metrics(const HeadPattern& pattern);

/// Every matrix metric of one head; matrix is [num_queries, num_keys].
std::vector<MetricValue> compute_matrix_metrics(std::span<const float> matrix, int num_queries, int num_keys,
                                                bool is_causal);
/// The same between units, where an even head has rows of its own: `even` [num_queries, num_keys].
std::vector<MetricValue> compute_unit_matrix_metrics(std::span<const float> matrix,
                                                     std::span<const float> even, int num_queries,
                                                     int num_keys);

/// Every weights metric of one head; the spectrum comes from compute_spectrum().
std::vector<MetricValue> compute_weight_metrics(const HeadSpectrum& spectrum, int hidden_size, int head_dim);

}  // namespace headlight
