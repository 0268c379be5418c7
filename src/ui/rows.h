// Rows of numbers: metrics with bars and reference ticks, ranked lists with bars, small tables.
#pragma once

#include <imgui.h>

#include <span>
#include <string_view>

#include "ui/controls.h"
#include "ui/theme.h"

namespace headlight::ui {

/// "entropy   0.64 nats   [====|   ]". All fractions are in [0, 1]; below 0 draws nothing.
struct MetricRow {
    const char* label = "";  // "entropy##entropy"
    std::string_view value;  // formatted number, "-" when it was not measured
    std::string_view unit;   // dim, after the number
    double fraction = -1;
    double reference = -1;  // tick
    Rgba bar;               // alpha 0: colors().second
    std::string_view tooltip_title;
    std::string_view tooltip;
    bool is_faded = false;
};
/// One row over the content width at the cursor. Clickable (for the formula).
ItemResponse metric_row(const MetricRow& row);

/// ".to 13   60.3 %  [======    ]". The label is shaped.
struct BarRow {
    const char* id = "";
    std::string_view label;   // shaped
    std::string_view suffix;  // dim, after the label
    std::string_view value;   // right-aligned
    double fraction = -1;
    Rgba bar;  // alpha 0: colors().accent
    bool is_selected = false;
    bool is_faded = false;
    std::string_view tooltip;
};
ItemResponse bar_row(const BarRow& row);

/// Columns of a small table. Widths are shares of what fixed columns leave over.
struct Column {
    const char* title = "";
    float share = 1;
    float fixed_width = 0;   // at scale 1; wins over share when > 0
    bool is_number = false;  // right-aligned, tabular
};
struct Cell {
    std::string_view text;
    Rgba color;  // alpha 0: text colour
    bool is_shaped = false;
    int dot = 0;  // 1: filled dot before the text, 2: ring
};
void table_header(std::span<const Column> columns);
ItemResponse table_row(const char* id, std::span<const Column> columns, std::span<const Cell> cells,
                       bool is_selected = false, bool is_faded = false);

/// A thin bar by itself.
void draw_bar(ImDrawList* list, ImVec2 pos, float width, double fraction, double reference, Rgba color);

struct ProgressSpec {
    std::string_view stage;        // "loading weights"
    double fraction = -1;          // < 0: unknown, a moving piece
    std::string_view detail;       // "layer 12 of 30"
    const char* cancel = nullptr;  // "Cancel##job"; null: none
    float width = 0;               // 0: content width
};
/// True when cancel was pressed.
bool progress(const ProgressSpec& spec);

/// Left and right end of a line at the window's foot.
void status_line(ImVec2 pos, float width, std::string_view left, std::string_view right);

}  // namespace headlight::ui
