// Token labels of a matrix: "token index" at the left, turned columns above or below, thinned so that none
// overlap.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/token.h"
#include "figure/canvas.h"
#include "figure/label_plan.h"

namespace headlight {

struct AxisLabel {
    int token = 0;
    std::string text;   // cut to fit
    std::string index;  // "12", drawn dim beside it
    double text_width = 0;
};

/// Labels of one token list, measured for either axis.
struct AxisLabels {
    LabelPlan plan;
    double size_px = 10;
    std::vector<AxisLabel> labels;
    double index_width = 0;    // of the widest index
    double index_gap = 0;      // between it and its token
    double row_width = 0;      // room at the left of the matrix
    double column_height = 0;  // room above (or below) the matrix
    double column_reach = 0;   // how far the last columns lean beyond the right edge
};

/// `cell_px` is the length of one token along an axis; the first one has the number `first_index`. None where
/// the style shows no labels.
AxisLabels make_axis_labels(std::span<const Token> tokens, double cell_px, double size_px,
                            double most_text_px, const FigureStyle& style, int first_index = 0);

/// "every 5th token is labelled", of either axis; "27 tokens", or "9 queries × 27 keys".
std::string label_statement(const AxisLabels& rows, const AxisLabels& columns);
std::string size_statement(const FigureAxes& axes);

/// `num_slots`: token positions along a side of the matrix (at least as many as tokens).
void draw_row_labels(Canvas& canvas, const AxisLabels& labels, const Box& matrix, int num_slots);
void draw_column_labels_above(Canvas& canvas, const AxisLabels& labels, const Box& matrix, int num_slots);
void draw_column_labels_below(Canvas& canvas, const AxisLabels& labels, const Box& matrix, int num_slots);

/// Of a sentence pair: a bracket along the rows and columns of A and of B, and lines between the quadrants.
/// Nothing for one text.
void draw_sentences(Canvas& canvas, const FigureAxes& axes, const Box& matrix, int row_slots, int col_slots);
/// "A: 0 to 6, B: 7 to 12"; empty for one text.
std::string sentence_statement(const FigureAxes& axes);

/// Vertical bar from 0 to `top` with ticks and "attention weight (γ 0.6)" along its side. Needs
/// colour_bar_room() right of it.
void draw_colour_bar(Canvas& canvas, const Box& bar, const FigureStyle& style, double top = 1);
inline constexpr double kColourBarPx = 14;
inline double colour_bar_room(const FigureStyle& style) {
    if (!style.shows_colour_bar) return 0;
    return style.shows_axis_names ? (style.width_mm > 0 ? 46 : 62) : 32;
}

/// "query (from)" along the left edge and "key (to)" over the columns; nothing where the style shows none.
void draw_axis_names(Canvas& canvas, const Box& matrix, double x, double y, const FigureStyle& style);

/// The longest cell at which `width_of(cell)` is at most `room`; `most` where that fits, or where room is 0.
double fit_cell(double room, double most, const std::function<double(double cell)>& width_of);

}  // namespace headlight
