// What the figures show: values that own what they hold, each with the function that makes a figure of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/flow/flow.h"
#include "figure/drawing.h"

namespace headlight {

/// A matrix of attention [queries, keys] under its name.
struct NamedMatrix {
    std::string name;  // "Head 3", "A", "unchanged"
    std::vector<float> weights;
};

/// One head: query rows, key columns, token labels that never overlap (thinned when there are too many),
/// colour bar. Cells that the mask forbids get a colour that no weight has, and a sliding window is outlined.
struct HeatmapContent {
    std::vector<float> weights;  // [queries, keys]
    FigureAxes axes;
    std::string what;  // "Layer 3 · Head 1"
    FigureCaption caption;
};
FigureContent heatmap_figure(HeatmapContent content);

/// Heads in a grid with token labels at its left and lower edges.
struct GridContent {
    std::vector<NamedMatrix> heads;  // of `axes` all
    FigureAxes axes;
    std::string what;  // "Layer 3 · 9 heads"
    FigureCaption caption;
    int columns = 0;  // 0: four, or as many as leave each head some room
};
FigureContent grid_figure(GridContent content);

/// Many heads as thumbnails without labels of tokens: layers down, heads across.
struct ThumbnailContent {
    std::vector<std::string> row_labels, column_labels;
    std::vector<std::vector<float>>
        heads;  // [rows, columns] of [queries, keys]; empty: there is none, or not chosen
    FigureAxes axes;
    std::string what;
    FigureCaption caption;
};
FigureContent thumbnails_figure(ThumbnailContent content);

/// One matrix of a comparison with its own axes.
struct ComparedMatrix {
    std::string name;            // "A", "unchanged"
    std::vector<float> weights;  // [queries, keys]
    FigureAxes axes;
};
/// Two matrices side by side and their difference over the axes of the first; cells of `difference` that are
/// NaN have no counterpart and are hatched. The difference has a scale of its own, from its largest change
/// down to minus that.
struct ComparisonContent {
    ComparedMatrix a, b;
    std::vector<float> difference;  // [queries, keys] of a
    std::string what;               // names the heads
    FigureCaption caption;
};
FigureContent comparison_figure(ComparisonContent content);

/// Stacked shares self / previous / first / other over layers with the uniform null dashed, and lines for
/// self and "all earlier" (1 - self).
struct FlowContent {
    std::vector<FlowShares> layers;
    FlowShares uniform;
    FigureCaption caption;
};
FigureContent flow_figure(FlowContent content);

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
FigureContent value_map_figure(ValueMap map, std::string what, FigureCaption caption);

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
/// Edges rose where the effect is positive, blue below 0, as wide as it is large; with their numbers where
/// there is room, the strongest first. Errors: InvalidInput (no node, an edge without its nodes).
FigureContent circuit_figure(CircuitDrawing drawing, std::string what, FigureCaption caption);

/// Curves over one axis in several panels that share it and their legend.
struct CurveChart {
    struct Curve {
        std::string name;                      // in the legend; "": not named there
        std::vector<std::optional<double>> y;  // [x]; nullopt: a gap
        int colour = 0;                        // series_colour()
        bool is_dashed = false;                // what chance gives
        bool is_joined = false;                // nullopt: not measured there, NaN: a gap
    };
    struct Panel {
        std::string name;     // "effective keys"
        std::string caption;  // small, behind the name; may be empty
        std::vector<Curve> curves;
        bool is_log = false;  // of y; values above 0 only
    };
    std::string x_name;
    std::vector<double> x;        // ascending; above 0 where the axis is logarithmic
    bool is_x_log = true;         // of base 2
    std::optional<double> limit;  // a line across every panel, named `limit_name`
    std::string limit_name, caveat;
    std::vector<Panel> panels;
};
/// Two panels a row (one where the figure is narrow); each with its own labelled y axis. Errors: InvalidInput
/// (no panel, no x, a curve of another length).
FigureContent curves_figure(CurveChart chart, std::string what, FigureCaption caption);

}  // namespace headlight
