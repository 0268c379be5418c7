// Metrics: numbers of one head, from its attention rows (kind Pattern) or its weights (kind Weights).
// Definitions: `formula` and `source` of each descriptor. Statistics run over admissible keys and valid rows only.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/attention_trace.h"

namespace headlight {

/// Row statistics of one head with what a formula may need beside them.
struct HeadPattern {
    std::span<const RowStats> rows;  // [num_queries]
    bool is_causal = true;
};

/// Singular values of W_QK = W_Q W_K^T and W_OV = W_V W_O of one head, descending, full spectrum (head_dim values).
struct HeadSpectrum {
    std::vector<double> qk;
    std::vector<double> ov;
};

enum class MetricKind { Pattern, Weights };
enum class MetricDirection { HigherIsSharper, LowerIsSharper, Neither };

struct MetricDescriptor {
    const char* id;            // "entropy_normalized": fixed, scripts rely on it
    const char* label;         // "entropy / uniform"
    const char* unit;          // "nats", "keys", "tokens" or ""
    const char* formula;       // plain text with sums over the keys j of row i
    const char* source;        // paper or section
    const char* help;          // one sentence: what a high or a low value means
    const char* reference_label;  // what the reference is: "uniform head", "random weights"
    MetricKind kind;
    MetricDirection direction;
    double min;                // range for bars and tests; max may be infinity
    double max;
    /// Value; nullopt where it does not exist (no valid row, zero matrix). Exactly one of the two is set, per kind.
    std::optional<double> (*from_pattern)(const HeadPattern& pattern);
    std::optional<double> (*from_spectrum)(std::span<const double> singular_values_qk,
                                           std::span<const double> singular_values_ov);
    /// What a head that spreads evenly over its admissible keys would read on the same rows (kind Pattern), or random
    /// Gaussian weights of the same shape (kind Weights: hidden size and head_dim are given).
    std::optional<double> (*reference_from_pattern)(const HeadPattern& pattern);
    std::optional<double> (*reference_from_shape)(int hidden_size, int head_dim);
};

/// All metrics, in display order.
std::span<const MetricDescriptor* const> metrics();
/// Null if there is none of that id.
const MetricDescriptor* find_metric(std::string_view id);

struct MetricValue {
    const MetricDescriptor* metric = nullptr;
    std::optional<double> value;
    std::optional<double> reference;
};

/// Every pattern metric of one head.
std::vector<MetricValue> compute_pattern_metrics(const HeadPattern& pattern);

/// Every weights metric of one head; the spectrum comes from compute_spectrum().
std::vector<MetricValue> compute_weight_metrics(const HeadSpectrum& spectrum, int hidden_size, int head_dim);

}  // namespace headlight
