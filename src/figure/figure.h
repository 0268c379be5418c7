// Paper figures of every view, drawn with Cairo and Pango: PNG, SVG or PDF. Deterministic: the same input
// gives the same bytes (no date, no random ids). Safe to call from several threads at once, one figure each.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/flow/flow.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/head_id.h"
#include "core/token.h"

namespace headlight {

enum class FigureFormat { Png, Svg, Pdf, Pgf };
/// "png", "svg", "pdf", "pgf" without the dot. Errors: InvalidInput with the list.
Result<FigureFormat> figure_format(const std::string& name);
const char* extension(FigureFormat format);

/// Which range the colours of weights span.
enum class FigureRange { Fixed, PerHead };  // 0 .. 1, or 0 .. the largest weight of each matrix

struct FigureStyle {
    FigureFormat format = FigureFormat::Png;
    double scale = 1.0;         // PNG pixels per unit; 1 = 100 dpi
    double gamma = 0.6;         // of the colour map, printed on the colour bar when not 1
    bool shows_numbers = true;  // percentages in cells from 10 % when they fit

    // Print: see PrintPreset. Text keeps its size in points whatever the width is.
    double width_mm = 0;      // 0: as wide as the figure likes
    double height_mm = 0;     // of the page, the figure is centred on it; 0: as high as it is
    double font_pt = 0;       // of the base text; 0: 7.92
    std::string font_family;  // "sans" (the embedded Inter), "serif", or a name; empty: sans
    bool is_dark = false, is_transparent = false;
    std::string colours = "blues", signed_colours = "rose_blue";  // of figure_colour_maps()
    FigureRange range = FigureRange::Fixed;
    bool shows_title = true, shows_axis_names = true, shows_labels = true, shows_indices = true,
         shows_colour_bar = true;
    int panel_columns = 2;
    bool has_letters = true;  // (a), (b) over several panels
    std::string recipe;       // JSON that the file keeps in its metadata; empty: none

    double unit_pt() const { return (font_pt > 0 ? font_pt : 7.92) / 11; }
    /// Units that the figure may be wide; 0: as many as it likes.
    double room() const { return width_mm * 72 / 25.4 / unit_pt(); }
};

/// Sizes that journals, slides and posters ask for.
struct PrintPreset {
    const char* name;  // "1", "2", "slide", "poster"
    const char* help;
    double width_mm, height_mm, font_pt;
};
/// One column (85 mm), two (178 mm), a 16:9 slide, a poster's column.
std::span<const PrintPreset> print_presets();

/// Everything that a title and axis needs to say what was measured.
struct FigureCaption {
    std::string model;  // "SmolLM2-135M"
    std::string dtype;  // "float32"
    std::string note;   // e.g. tag of the head, may be empty
};

/// Both axes of a matrix of attention and what its mask allows. Queries and keys are the same tokens in all
/// but cross attention.
struct FigureAxes {
    std::span<const Token> queries, keys;
    bool is_causal = true;
    int window = 0;                   // of the layer, as TraceInfo::window
    TextUnit unit = TextUnit::Token;  // that queries and keys are
};

/// One head: query rows, key columns, token labels that never overlap (thinned when there are too many),
/// colour bar, title with model, layer and head. `weights` is [queries, keys]; cells that the mask forbids
/// get a neutral colour that no weight has, and a sliding window is outlined.
Status draw_head_heatmap(const std::string& path, std::span<const float> weights, const FigureAxes& axes,
                         HeadId head, const FigureCaption& caption, const FigureStyle& style);

/// All (or the first `max_heads`) heads of a layer in a grid of 4 columns. `heads` holds [queries, keys]
/// each.
Status draw_layer_grid(const std::string& path, std::span<const std::vector<float>> heads,
                       const FigureAxes& axes, int layer, const FigureCaption& caption,
                       const FigureStyle& style);

/// One matrix of a comparison with its own axes.
struct ComparedMatrix {
    std::string name;                // "A", "unchanged"
    std::span<const float> weights;  // [queries, keys]
    FigureAxes axes;
};

/// Two matrices side by side and their difference over the axes of the first; cells of `difference` that are
/// NaN have no counterpart and are hatched. The difference has a scale of its own, from its largest change
/// down to minus that. `what` names the heads.
Status draw_comparison(const std::string& path, const ComparedMatrix& a, const ComparedMatrix& b,
                       std::span<const float> difference, const std::string& what,
                       const FigureCaption& caption, const FigureStyle& style);

/// Stacked shares self / previous / first / other over layers with the uniform null dashed, and lines for
/// self and "all earlier" (1 - self).
Status draw_flow(const std::string& path, std::span<const FlowShares> layers, const FlowShares& uniform,
                 const FigureCaption& caption, const FigureStyle& style);

/// Values over named rows and columns: contributions, effects, a lens.
struct ValueMap {
    std::vector<std::string> row_labels, column_labels;
    std::string row_name, column_name;  // "layer", "position"
    std::vector<float> values;          // [rows, columns]; NaN: there is none, hatched; infinite: cannot be
    std::vector<std::string> texts;     // in the cells where they fit, [rows, columns]; empty: numbers
    bool is_signed = true;              // rose and blue around 0, else the map of weights
    double largest = 0;                 // end of the scale; 0: the largest size found
    std::string unit;                   // "logits", at the scale
    std::string caveat;                 // under the map; may be empty
};

/// Labels are thinned so that none overlap; the scale has both ends written. Errors: InvalidInput when values
/// and labels do not fit.
Status draw_value_map(const std::string& path, const ValueMap& map, const std::string& what,
                      const FigureCaption& caption, const FigureStyle& style);

/// A circuit: nodes in rows from the bottom up, and signed edges between them.
struct CircuitDrawing {
    struct Node {
        std::string label;
        double x = 0;  // 0 left .. 1 right
        int row = 0;   // 0 at the bottom
    };
    struct Edge {
        std::size_t from = 0, to = 0;  // of `nodes`
        double effect = 0;
        std::string label;  // "q", beside the number
    };
    std::vector<Node> nodes;
    std::vector<Edge> edges;
    int num_rows = 1;
    std::string caveat;
};

/// Edges rose where the effect is positive, blue below 0, as wide as it is large; each with its number.
/// Errors: InvalidInput (no node, an edge without its nodes).
Status draw_circuit(const std::string& path, const CircuitDrawing& drawing, const std::string& what,
                    const FigureCaption& caption, const FigureStyle& style);

/// Curves over one axis in several panels that share it and their legend.
struct CurveChart {
    struct Curve {
        std::string name;                      // in the legend; "": not named there
        std::vector<std::optional<double>> y;  // [x]; nullopt: a gap
        int colour = 0;                        // of the series colours; -1: ink
        bool is_dashed = false;                // what chance gives
    };
    struct Panel {
        std::string name;     // "effective keys"
        std::string caption;  // small, behind the name; may be empty
        std::vector<Curve> curves;
        bool is_log = false;  // of y; values above 0 only
    };
    std::string x_name;
    std::vector<double> x;        // ascending, above 0; drawn on a logarithmic axis of base 2
    std::optional<double> limit;  // a line across every panel, named `limit_name`
    std::string limit_name, caveat;
    std::vector<Panel> panels;
};
/// Series colours that a chart tells apart.
inline constexpr int kNumCurveColours = 10;

/// Two panels a row; each with its own labelled y axis. Errors: InvalidInput (no panel, no x, a curve of
/// another length).
Status draw_curves(const std::string& path, const CurveChart& chart, const std::string& what,
                   const FigureCaption& caption, const FigureStyle& style);

}  // namespace headlight
