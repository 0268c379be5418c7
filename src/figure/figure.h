// Paper figures of every view, drawn with Cairo and Pango: PNG, SVG or PDF. Deterministic: the same input
// gives the same bytes (no date, no random ids). Safe to call from several threads at once, one figure each.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/flow.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/head_id.h"
#include "core/token.h"

namespace headlight {

enum class FigureFormat { Png, Svg, Pdf };
/// "png", "svg", "pdf" without the dot. Errors: InvalidInput with the list.
Result<FigureFormat> figure_format(const std::string& name);
const char* extension(FigureFormat format);

struct FigureStyle {
    FigureFormat format = FigureFormat::Png;
    double scale = 1.0;         // PNG pixels per unit; 1 = 100 dpi
    double gamma = 0.6;         // of the colour map, printed on the colour bar when not 1
    bool shows_numbers = true;  // percentages in cells from 10 % when they fit
};

/// Everything that a title and axis needs to say what was measured.
struct FigureCaption {
    std::string model;  // "SmolLM2-135M"
    std::string dtype;  // "float32"
    std::string note;   // e.g. tag of the head, may be empty
};

/// One head: query rows, key columns, token labels that never overlap (thinned when there are too many),
/// colour bar, title with model, layer and head. `weights` is [tokens, tokens]; masked cells (key > query, or
/// further back than `window` keys when that is not 0) get a neutral colour that no weight has.
Status draw_head_heatmap(const std::string& path, std::span<const float> weights,
                         std::span<const Token> tokens, HeadId head, const FigureCaption& caption,
                         const FigureStyle& style, bool is_causal = true, int window = 0);

/// All (or the first `max_heads`) heads of a layer in a grid of 4 columns. `heads` holds [tokens, tokens]
/// each.
Status draw_layer_grid(const std::string& path, std::span<const std::vector<float>> heads,
                       std::span<const Token> tokens, int layer, const FigureCaption& caption,
                       const FigureStyle& style, bool is_causal = true, int window = 0);

/// Stacked shares self / previous / first / other over layers with the uniform null dashed, and lines for
/// self and "all earlier" (1 - self).
Status draw_flow(const std::string& path, std::span<const FlowShares> layers, const FlowShares& uniform,
                 const FigureCaption& caption, const FigureStyle& style);

}  // namespace headlight
