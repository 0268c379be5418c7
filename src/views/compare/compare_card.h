// What the cards of a comparison share: the comparison or what is to be done for one, colours of its sides,
// small pictures of its matrices.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "session/tasks/comparison.h"
#include "ui/theme.h"
#include "views/view.h"

namespace headlight {

/// The comparison of the shown text; null: there is none, and the card says what it waits for or what to do.
/// Call inside the card.
const Comparison* shown_comparison(ViewContext& context);
/// The same without a word; null where there is none.
const Comparison* known_comparison(const Snapshot& snapshot);

/// Runs are compared between tokens; said behind `line` while the window shows words, sentences or lines.
std::string between_tokens(const Snapshot& snapshot, std::string line);

/// A is blue and B green everywhere.
ui::Rgba side_color(bool is_b);

/// The divergence of a head of A; null: it was not compared.
const HeadDivergence* divergence_of(const Comparison& comparison, HeadId head);
/// The pair that the cards of one head are about: the chosen head, or the two that are compared.
HeadPair shown_pair(const Comparison& comparison, const Snapshot& snapshot);

/// "0.204", ".016": three digits as cells have room for.
std::string divergence_text(double value, bool is_short);

/// Sequential colour of a share of the largest divergence, with the window's gamma.
ui::Rgba divergence_fill(double share, double gamma);

/// One matrix as cells on a draw list: values, what the mask hides (NaN: no counterpart, hatched).
struct ComparedCells {
    int rows = 0, cols = 0;       // tokens
    std::vector<float> values;    // [rows, cols]
    std::vector<char> is_masked;  // [rows, cols]
    float largest = 0;            // distance from zero
    bool is_signed = false;
};
/// The weights of one side, or A minus B over A's axes.
ComparedCells side_cells(const ComparedRun& run, HeadId head);
ComparedCells difference_cells(const Comparison& comparison, const HeadPair& pair);

/// Cells into `area`; more tokens than kMostDrawnCells a side are pooled by the value farthest from zero.
inline constexpr int kMostDrawnCells = 96;
void draw_compared_cells(const ComparedCells& cells, const LayoutRect& area, double gamma, bool has_numbers);
/// Thin lines across a rectangle.
void draw_hatch(const LayoutRect& area, ui::Rgba color);

}  // namespace headlight
