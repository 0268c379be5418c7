// All heads of a text, by how well they fit a template, each with its nulls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/search/head_fit.h"
#include "base/progress.h"
#include "base/result.h"
#include "core/head_grid.h"

namespace headlight {

struct SearchOptions {
    int num_row_orders = 999;
    std::uint64_t seed = 1;
    int num_threads = 1;
    /// Runs of keys that may be looked up for both nulls and all heads together: bounds the time. As many
    /// shifts and orders as fit are taken, drawn at random; of drawings with many gaps fewer, as memory
    /// allows.
    double most_lookups = 2e9;
};

struct SearchResult {
    HeadGrid grid;
    std::vector<HeadFit> heads;  // [HeadGrid]
    int num_shifts = 0;          // places along the diagonal that were tried; 0: see shift_note
    int num_row_orders = 0;
    std::string shift_note, rows_note;  // why there is no p, or how small it can get; never empty
    bool is_final = false;  // every shift and order was tried; false: as many as most_lookups allows

    const HeadFit& head(HeadId id) const { return heads[grid.index(id)]; }
};

/// Scores every head; p and q from pairs moved along the diagonal (not in cross attention) and rows of pairs
/// exchanged; Benjamini-Hochberg over the heads that have a p. Errors: InvalidInput (another size than the
/// text's, a text beyond kMostSearchTokens, nothing drawn where the mask allows it), Cancelled.
Result<SearchResult> search_heads(const AttentionTrace& trace, const PairTemplate& pairs,
                                  const SearchOptions& options, const JobContext& job);

/// What heads are ordered and coloured by.
enum class FitMeasure { Mass, Kappa, Cosine, Pearson };
/// "mass", "kappa", "cosine", "pearson".
const char* to_string(FitMeasure measure);
std::optional<FitMeasure> fit_measure(std::string_view name);
std::optional<double> fit_value(const HeadFit& fit, FitMeasure measure);

/// Indices of SearchResult::heads, best first; heads without a value last.
std::vector<std::size_t> best_first(const SearchResult& result, FitMeasure measure);

}  // namespace headlight
