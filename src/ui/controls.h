// Things to press. Labels are "Visible text##id"; the id is what tests and scripts hold on to.
#pragma once

#include <imgui.h>

#include <span>
#include <string>
#include <string_view>

#include "ui/shaped_text.h"
#include "ui/theme.h"

namespace headlight::ui {

struct Segment {
    const char* label = "";
    const char* tooltip = nullptr;
    bool is_enabled = true;
};
/// A switch of segments, one of them on (accent). True when `selected` changed. Where the kit's density asks
/// for it, a chip that opens a list, or the lines of a menu.
bool segmented(const char* id, std::span<const Segment> segments, int& selected);
float segmented_width(std::span<const Segment> segments);
/// The same over a whole rectangle, all segments as wide.
bool segmented_over(const char* id, std::span<const Segment> segments, int& selected, ImVec2 pos,
                    ImVec2 size);

/// A quiet filled button. `is_primary`: accent fill.
bool pill_button(const char* label, bool is_primary = false, bool is_enabled = true,
                 const char* tooltip = nullptr);
/// Text only, filled when hovered, accent text while `is_on`.
bool toolbar_button(const char* label, bool is_on = false, bool is_enabled = true,
                    const char* tooltip = nullptr);
/// A pill that shows the chosen entry and a small triangle; opens a list. True when `selected` changed.
/// `caption` stands dim before it ("tint").
bool pill_menu(const char* id, const char* caption, std::span<const char* const> entries, int& selected);
/// A label with a small on/off slider before it.
bool toggle(const char* label, bool& is_on, const char* tooltip = nullptr);
/// A thin slider with its value at the right end; `format` is a fmt pattern for one double ("{:.2f}"). In
/// focus the arrow keys move it by a hundredth of its way, or by 1 where it is of whole numbers.
/// `label_width`: of all labels of a list; 0: its own.
bool slider(const char* label, double& value, double lo, double hi, const char* format, float width,
            bool is_logarithmic = false, float label_width = 0);

/// What a pointer did to an item this frame.
struct ItemResponse {
    bool is_hovered = false, is_clicked = false, is_double_clicked = false, is_right_clicked = false;
};

struct ChipSpec {
    const char* id = "";     // stable within its parent, e.g. "token3"
    std::string_view text;   // shaped
    Rgba fill;               // alpha 0: the control fill
    Rgba text_color;         // alpha 0: the text colour
    bool is_framed = false;  // accent frame
    bool is_faded = false;
    ShapedStyle style;
    float pad_x = 5, pad_y = 2;  // at scale 1
};
ImVec2 chip_size(const ChipSpec& spec);
/// At the ImGui cursor, which moves to its right (SameLine as usual).
ItemResponse chip(const ChipSpec& spec);
/// A small filled tag as in a header ("previous token").
ItemResponse tag(const char* label, Rgba fill, Rgba text_color);
float tag_width(std::string_view label);

/// A rectangle that reacts but draws nothing (heatmap, grid). Recorded for tests under `label`.
ItemResponse hot_area(const char* label, ImVec2 pos, ImVec2 size, bool is_selected = false);

/// One line of text with its kind of ink.
void text(std::string_view line);
void text_dim(std::string_view line);
/// Shortened where the content region ends.
void text_small(std::string_view line, Rgba color);
/// Wraps at the right end of the content region.
void text_wrapped(std::string_view paragraph, Rgba color);

/// When the last item is hovered (after a moment): a wrapped tooltip. `title` is bold and may be empty.
void tooltip_for_last_item(std::string_view body, std::string_view title = {});
/// When the last item is hovered (after a moment): a sentence, and dim and small under it how it is computed.
void explain_last_item(std::string_view sentence, std::string_view details);
/// At the pointer, now. `is_shaped`: through Pango (holds token text).
void tooltip(std::string_view body, std::string_view title = {}, bool is_shaped = false);
/// Custom content: `if (begin_tooltip()) { ...; end_tooltip(); }`
bool begin_tooltip();
void end_tooltip();

}  // namespace headlight::ui
