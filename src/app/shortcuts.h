// Keys of commands, as the registry writes them: "Ctrl+P", "Ctrl+Shift+Z", "F1", "Esc".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "session/command.h"

namespace headlight {

struct Shortcut {
    int key = 0;  // of the window system: letters and digits are their ASCII code
    bool has_ctrl = false, has_shift = false, has_alt = false;
    bool operator==(const Shortcut&) const = default;
};

/// Nothing for an empty text and for keys that views handle themselves (arrows).
std::optional<Shortcut> parse_shortcut(std::string_view text);

/// The command whose shortcut was pressed this frame. While a text is edited only those with Ctrl that no
/// text box needs, and function keys, count. Null: none.
const CommandDescriptor* pressed_command(bool is_editing_text);

/// Whether these keys (as the registry writes them) were pressed this frame.
bool is_shortcut_pressed(std::string_view text);
/// The keys of the workspace of that place in the top bar: "Ctrl+1" ...
std::string workspace_shortcut(std::size_t index);

}  // namespace headlight
