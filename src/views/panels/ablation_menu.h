// The right-click menus that replace attention: of a head, a layer, a row and a cell.
#pragma once

#include <optional>

#include "views/view.h"

namespace headlight {

/// What was clicked. The popup stays open over frames, so the owner keeps this.
struct AblationTarget {
    HeadId head;               // whose attention is replaced
    bool is_layer = false;     // all heads of head.layer
    int query = -1, key = -1;  // of a row, of a cell; heads are the chosen ones then
};

/// Opens the popup `id` for a target at the pointer.
void open_ablation_menu(const char* id, std::optional<AblationTarget>& kept, const AblationTarget& target);
/// Call each frame in the window that opened it.
void draw_ablation_menu(ViewContext& context, const char* id, const std::optional<AblationTarget>& kept);

}  // namespace headlight
