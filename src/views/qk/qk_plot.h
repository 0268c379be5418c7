// Where the columns of the q·k form stand, and what is drawn in them.
#pragma once

#include <string>
#include <vector>

#include "analysis/scores/dimension_shares.h"
#include "views/layout.h"
#include "views/qk/qk_form.h"

namespace headlight {

/// One column of numbers at the right of the strip.
struct QkColumn {
    std::string title;
    float right = 0;
    double KeyScore::*value = nullptr;
};

struct QkPlot {
    LayoutRect rows;  // of all columns
    float key_left = 0, key_right = 0;
    LayoutRect strip;   // the cells
    LayoutRect shares;  // over it: a bar for each dimension; height 0: no room
    LayoutRect query;   // the query's vector
    std::vector<QkColumn> numbers;
    LayoutRect bars;  // of weights; width 0: no room
    float weight_right = 0;
    float title_y = 0, axis_y = 0;  // of column titles; of wavelengths (0: no room)
    float row_height = 20;
    float column_width() const;
    int num_columns = 1;
    int num_rows() const { return static_cast<int>(rows.height / row_height); }
};

QkPlot place_qk(const LayoutRect& body, const QkTable& table, float key_room);

/// Column titles, wavelengths, shares of dimensions and the query's vector.
void draw_qk_head(ViewContext& context, QkForm& form, const QkPlot& plot, const DimensionShares* shares);
/// The keys in sight: labels, cells, numbers.
void draw_qk_rows(ViewContext& context, QkForm& form, const QkPlot& plot);

/// "44 tokens", "1.2k tokens", "never".
std::string wavelength_words(double wavelength);
/// A signed number of a score, two or three digits.
std::string score_number(double value);

}  // namespace headlight
