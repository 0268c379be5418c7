// Small sums that several parts of the validation report share.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/statistics/statistics.h"
#include "study/validation/validation.h"

namespace headlight {

/// Values of [heads][sequences]; NaN where one could not be measured.
using HeadSeries = std::vector<std::vector<double>>;

inline constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

inline HeadSeries make_series(std::size_t num_heads, int num_sequences) {
    return HeadSeries(num_heads, std::vector<double>(static_cast<std::size_t>(num_sequences), kAbsent));
}

/// Mean of the values that are there; nullopt for none.
inline std::optional<double> mean_of(std::span<const double> values) {
    double sum = 0;
    int count = 0;
    for (const double value : values) {
        if (std::isnan(value)) continue;
        sum += value;
        ++count;
    }
    if (count == 0) return std::nullopt;
    return sum / count;
}

/// Mean over sequences, per head.
inline std::vector<std::optional<double>> head_means(const HeadSeries& series) {
    std::vector<std::optional<double>> means;
    for (const auto& values : series)
        means.push_back(mean_of(values));
    return means;
}

/// Mean over heads, per sequence; heads without a value are left out.
inline std::vector<double> sequence_means(const HeadSeries& series) {
    std::vector<double> means;
    if (series.empty()) return means;
    for (std::size_t s = 0; s < series.front().size(); ++s) {
        std::vector<double> column;
        for (const auto& values : series)
            column.push_back(values[s]);
        means.push_back(mean_of(column).value_or(kAbsent));
    }
    return means;
}

/// Mean over heads of their means over sequences: every head weighs the same.
inline std::optional<double> series_mean(const HeadSeries& series) {
    std::vector<double> means;
    for (const auto& value : head_means(series))
        means.push_back(value.value_or(kAbsent));
    return mean_of(means);
}

/// One-sided sign-flip p of mean > threshold over sequences; nullopt below kLeastSequences measured values.
inline std::optional<double> sequence_p_value(std::span<const double> values, double threshold) {
    std::vector<double> differences;
    for (const double value : values) {
        if (!std::isnan(value)) differences.push_back(value - threshold);
    }
    if (static_cast<int>(differences.size()) < kLeastSequences) return std::nullopt;
    return sign_flip_p_value(differences);
}

/// "p = 0.0002", "p n/a: 3 sequences, 12 are needed".
inline std::string p_text(const std::optional<double>& p, int num_sequences) {
    if (!p) return fmt::format("p n/a: {} sequences, {} are needed", num_sequences, kLeastSequences);
    return *p < 1e-4 ? fmt::format("p = {:.0e}", *p) : fmt::format("p = {:.4f}", *p);
}

inline std::string number_text(const std::optional<double>& value, int digits = 4) {
    return value ? fmt::format("{:.{}f}", *value, digits) : std::string("n/a");
}

inline CheckLine plain_line(std::string text) {
    return {CheckMark::Plain, {}, std::move(text)};
}
/// The line under a verdict that has the document's own number.
inline CheckLine document_line(const std::string& text) {
    return plain_line("    document's number: " + text);
}
inline CheckLine not_applicable(std::string name, const std::string& reason) {
    return {CheckMark::NotApplicable, std::move(name), "n/a: " + reason};
}

}  // namespace headlight
