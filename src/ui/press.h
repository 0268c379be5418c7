// What the kit's own controls share: an area that is pressed, and how it is filled.
#pragma once

#include <imgui.h>

#include "ui/theme.h"

namespace headlight::ui {

struct Press {
    bool is_hovered = false, is_held = false, is_clicked = false;
    ImVec2 min, max;
};

/// An invisible button with its state; disabled ones react to nothing but still take their room.
Press press_area(const char* label, ImVec2 size, bool is_enabled, bool is_selected = false);

/// Fill of a button in that state; `is_transparent`: none until the pointer is over it.
Rgba button_fill(const Press& press, Rgba base, bool is_transparent);

/// In a menu each control has a row of its own, whatever the caller put on one line.
void begin_menu_row();

}  // namespace headlight::ui
