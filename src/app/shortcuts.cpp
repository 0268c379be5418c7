// Keys of commands.
#include "app/shortcuts.h"

#include <imgui.h>

#include <cctype>
#include <string>

#include "ui/kit.h"

namespace headlight {

namespace {

// Key codes of the window system for what has no ASCII code.
constexpr int kKeyEscape = 256, kKeyTab = 258, kKeyF1 = 290;

std::optional<int> key_code(std::string_view name) {
    if (name.size() == 1) return std::toupper(static_cast<unsigned char>(name[0]));
    if (name == "Esc" || name == "Escape") return kKeyEscape;
    if (name == "Tab") return kKeyTab;
    if (name.size() >= 2 && name.size() <= 3 && name[0] == 'F') {
        int number = 0;
        for (const char digit : name.substr(1)) {
            if (!std::isdigit(static_cast<unsigned char>(digit))) return std::nullopt;
            number = number * 10 + (digit - '0');
        }
        if (number >= 1 && number <= 12) return kKeyF1 + number - 1;
    }
    return std::nullopt;
}

/// A text box uses these itself.
bool belongs_to_text(const Shortcut& shortcut) {
    constexpr std::string_view kEditing = "ACVXZY";
    return !shortcut.has_ctrl || kEditing.find(static_cast<char>(shortcut.key)) != std::string_view::npos;
}

bool is_pressed(const Shortcut& shortcut) {
    const ImGuiIO& io = ImGui::GetIO();
    if (io.KeyCtrl != shortcut.has_ctrl || io.KeyShift != shortcut.has_shift || io.KeyAlt != shortcut.has_alt)
        return false;
    if (shortcut.key == kKeyEscape && ui::kit().was_escape_used) return false;
    return ImGui::IsKeyPressed(shortcut.key, false);
}

}  // namespace

std::optional<Shortcut> parse_shortcut(std::string_view text) {
    Shortcut out;
    while (true) {
        const auto plus = text.find('+');
        if (plus == std::string_view::npos || plus == 0 || text.size() == 1) break;
        const std::string_view modifier = text.substr(0, plus);
        if (modifier == "Ctrl")
            out.has_ctrl = true;
        else if (modifier == "Shift")
            out.has_shift = true;
        else if (modifier == "Alt")
            out.has_alt = true;
        else
            return std::nullopt;
        text.remove_prefix(plus + 1);
    }
    const auto key = key_code(text);
    if (!key) return std::nullopt;
    out.key = *key;
    return out;
}

bool is_shortcut_pressed(std::string_view text) {
    const auto shortcut = parse_shortcut(text);
    return shortcut && is_pressed(*shortcut);
}

std::string workspace_shortcut(std::size_t index) {
    return "Ctrl+" + std::to_string(index + 1);
}

const CommandDescriptor* pressed_command(bool is_editing_text) {
    for (const CommandDescriptor* command : commands()) {
        const auto shortcut = parse_shortcut(command->shortcut);
        if (!shortcut || command->needs_arguments) continue;
        const bool is_function_key = shortcut->key >= kKeyEscape;
        if (is_editing_text && !is_function_key && belongs_to_text(*shortcut)) continue;
        if (is_pressed(*shortcut)) return command;
    }
    return nullptr;
}

}  // namespace headlight
