// What palettes and dialogs share: a window over a shaded background that Escape and a click beside it close.
#pragma once

#include <imgui.h>

#include <string>

namespace headlight::ui {

struct OverlaySpec {
    const char* id = "";
    ImVec2 size;             // pixels; height 0: by content
    float top_share = 0.5f;  // where the middle lies vertically (0.5), or the top when `is_top`
    bool is_top = false;
};

/// Opens the overlay. False once the user closed it; end_overlay() is due either way.
bool begin_overlay(const OverlaySpec& spec);
void end_overlay();

/// A text line with a hint (shortened where it is narrow), filled as a control. True when the text changed.
/// `wants_focus` takes the keyboard.
bool filter_input(const char* label, const char* hint, std::string& text, float width, bool wants_focus);

}  // namespace headlight::ui
