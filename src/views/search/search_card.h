// What the cards of a search share: its state, pairs over a picture, sentences about a fit.
#pragma once

#include <string>
#include <vector>

#include "session/tasks/search.h"
#include "ui/theme.h"
#include "views/heatmap/heatmap_axes.h"
#include "views/heatmap/heatmap_cells.h"
#include "views/view.h"

namespace headlight {

/// The state, and a search that is due is begun: call where something of it is shown. Call inside the card.
const SearchState& shown_search(ViewContext& context);

/// The result on the shown text; null: there is none (yet).
const SearchResult* search_result(const Snapshot& snapshot);

/// The pairs as filled cells; cells smaller than a pixel are joined. With `outlined`, an edge around large
/// cells in place of the fill.
void draw_pairs(const HeatmapPlot& plot, const PairTemplate& pairs, ui::Rgba color, bool is_outlined);

/// "mass", "κ", "cosine", "Pearson": as columns are headed.
const char* measure_label(FitMeasure measure);
/// One digit more than scores have, "–" where there is none.
std::string fit_text(const std::optional<double>& value);
std::string p_text(const std::optional<double>& p);

/// "L5H1 puts 83 % of its attention on the pairs; a head that looks everywhere alike would put 3.1 %."
std::string fit_sentence(const SearchState& state, const HeadFit& fit);
/// Of the chosen null: how many places there were, or why there is no p.
const std::string& null_note(const SearchState& state, const SearchResult& result);

}  // namespace headlight
