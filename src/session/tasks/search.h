// Heads that fit a drawing or a rule: what is looked for, found and saved.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/search/drawing.h"
#include "analysis/search/own_detectors.h"
#include "analysis/search/search.h"
#include "session/derived.h"
#include "session/job_control.h"

namespace headlight {

class Session;

enum class SearchMode { Drawing, Rule };

struct SearchState {
    SearchMode mode = SearchMode::Drawing;
    std::vector<Stroke> strokes, undone;  // undone: newest last
    std::string rule;                     // as typed
    FitMeasure order = FitMeasure::Mass;
    bool shows_rows_null = false;  // p and q of exchanged rows in place of shifts

    // Of the shown text, mode and what is looked for; all empty before the first search.
    std::uint64_t text_id = 0;
    std::shared_ptr<const PairTemplate> pairs;
    std::shared_ptr<const SearchResult> result;            // an older one while another is under way
    std::shared_ptr<const std::vector<std::size_t>> best;  // indices of the result's heads, best first
    JobControlPtr running;                                 // null: nothing is
    std::string error;                                     // why there is no result; empty: nothing is wrong

    std::vector<OwnRule> saved;               // of the configuration folder and beside the model
    std::vector<std::string> saved_problems;  // files of rules that could not be read

    bool is_empty() const { return mode == SearchMode::Drawing ? strokes.empty() : rule.empty(); }
    bool is_of(std::uint64_t id) const { return text_id == id && text_id != 0; }
    /// p and q of the null that is shown.
    std::optional<double> p(const HeadFit& fit) const { return shows_rows_null ? fit.p_rows : fit.p; }
    std::optional<double> q(const HeadFit& fit) const { return shows_rows_null ? fit.q_rows : fit.q; }
    /// The n-th best head that has a value, from 0.
    std::optional<HeadId> best_head(std::size_t n = 0) const;
};

/// Looks again where the shown text is another than the result's; nothing while that is under way or there is
/// nothing to look for.
void refresh_search(Session& session);

}  // namespace headlight
