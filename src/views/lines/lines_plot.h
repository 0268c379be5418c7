// Where the columns of the lines form stand: stubs of the sink, queries, curves, keys, numbers; and their
// labels.
#pragma once

#include <cstdint>

#include "ui/theme.h"
#include "views/layout.h"
#include "views/lines/lines_camera.h"
#include "views/lines/lines_data.h"
#include "views/view.h"

namespace headlight {

/// Width of labels, measured once a text.
struct LabelRoom {
    std::uint64_t text_id = 0;
    float query = 0, key = 0;  // pixels, words without their index
    float index = 0;           // of the largest index
};

/// Measures the labels of the shown text; nothing when it is measured already.
void measure_labels(const ViewContext& context, LabelRoom& room);

struct LinesPlot {
    LayoutRect rows;          // of all columns, below their titles
    float percent_right = 0;  // of the sink's share in numbers
    LayoutRect stubs;         // width 0: no room
    float query_left = 0, query_right = 0;
    LayoutRect curves;
    float key_left = 0, key_right = 0;
    float numbers_left = 0, number_width = 0;
    int num_numbers = 0;  // heads whose numbers fit
    float title_y = 0;
};

LinesPlot place_lines(ViewContext& context, const LayoutRect& body, int num_heads, LabelRoom& room);

/// Which tokens stand out.
struct LinesFocus {
    int query = -1, key = -1;  // hovered
    int chosen_query = -1, chosen_key = -1;
    /// The row at full strength; -1 while a key is hovered.
    int strong_row() const { return key >= 0 ? -1 : query >= 0 ? query : chosen_query; }
};

/// Column titles, tokens of both columns, the sink's share per row and head, rows that rest.
void draw_lines_columns(ViewContext& context, const LinesPlot& plot, const LinesCamera& camera,
                        const LinesData& data, const LinesFocus& focus);
/// Numbers of the strong row per head, at the right of the keys.
void draw_lines_numbers(ViewContext& context, const LinesPlot& plot, const LinesCamera& camera,
                        const LinesData& data, const LinesFocus& focus);

/// The one way that this form draws a token: its words and its index, from a side of a column inwards.
enum class TokenSide { Query, Key };
struct ColumnLabel {
    const TokenizedText& tokens;
    int index = 0;
    TokenSide side = TokenSide::Query;
    float edge = 0, width = 0;  // the column's outer end of the index, and the room for words
    float index_width = 0;
    float middle = 0;  // y
    ui::Rgba color;
};
void draw_column_label(const ColumnLabel& label);

/// "first token" or "first and special tokens": what counts as the sink of this text.
const char* sink_name(const ViewContext& context);

}  // namespace headlight
