// Large type for a class: paragraphs, and rows to choose from.
#pragma once

#include <imgui.h>

#include <string_view>

#include "ui/theme.h"

namespace headlight {

/// Wrapped at `width`, at the cursor, which moves below it.
void draw_paragraph(ImFont* font, std::string_view words, float width, ui::Rgba color);

struct LargeRow {
    const char* id = "";       // of the item: "##choice1"
    std::string_view words;    // large; wrapped
    std::string_view details;  // dim, under them; may be empty
    std::string_view mark;     // at the left end: "1", "✓"
    float width = 0;
    bool is_chosen = false;  // accent frame
    bool is_enabled = true;
    bool is_huge = false;  // read from the last row of a class
};
/// A row as high as its words need. True when it was pressed.
bool draw_large_row(const LargeRow& row);
/// Height that it takes.
float large_row_height(const LargeRow& row);

}  // namespace headlight
