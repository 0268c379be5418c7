// Figures of one run's attention: heads, layers, the way across layers. `analyze`, `figure` and the window
// share them.
#pragma once

#include <vector>

#include "figure/drawing.h"
#include "publish/shown_part.h"

namespace headlight {

/// The mean of some heads as a heatmap; of other weights than plain ones a map with its own scale.
FigureContent heads_figure(const AnalyzedRun& run, const std::vector<HeadId>& heads, const ShownPart& part);

/// Heads of one layer, or of several, in a grid. `columns` 0: as the grid likes.
FigureContent layer_figure(const AnalyzedRun& run, const std::vector<HeadId>& heads, const ShownPart& part);

/// Every head of every layer as thumbnails.
FigureContent all_heads_figure(const AnalyzedRun& run, const ShownPart& part, int max_heads);

/// Shares of self, previous, first and other over layers.
FigureContent shares_figure(const AnalyzedRun& run);

/// Unchanged, changed and their difference, of the mean of some heads.
FigureContent change_figure(const AnalyzedRun& before, const AnalyzedRun& after,
                            const std::vector<HeadId>& heads, const ShownPart& part,
                            const std::string& change);

}  // namespace headlight
