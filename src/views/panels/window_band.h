// What a sliding window hides: shaded and outlined over the heatmap, and named under the colour bar.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "views/heatmap/heatmap_axes.h"

namespace headlight {

/// The window that all of the heads' layers have, when it hides a key of this text from somebody; else
/// nothing: heads of layers with several windows have no common band.
struct WindowBand {
    int window = 0;  // as TraceInfo::window
    bool is_causal = true;
    /// First key that `query` sees, and the first after those that it may see; past the ends of the text.
    int begin(int query) const { return is_causal ? query - window + 1 : query - window; }
    int end(int query) const { return is_causal ? query + 1 : query + window + 1; }
};
std::optional<WindowBand> window_band(const AttentionTrace& trace, const std::vector<HeadId>& heads);

/// Over the picture, under the crosshair.
void draw_window_band(const HeatmapPlot& plot, const AttentionTrace& trace, const std::vector<HeadId>& heads);

/// "window 16" with its mark, at the lower end of the colour bar's column.
void draw_band_legend(ViewContext& context, const HeatmapPlot& plot, const LayoutRect& body,
                      const std::vector<HeadId>& heads);

}  // namespace headlight
