// Menus: in the bar, in each other, and their lines.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "ui/controls.h"
#include "ui/dialogs/dialogs.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight::ui {
namespace {

/// Words with tokens in them may be of any script, which the interface's font does not have.
bool needs_shaping(std::string_view line) {
    for (std::size_t byte = 0; byte < line.size();) {
        const auto decoded = utf8::decode(line, byte);
        byte += decoded.size_bytes;
        const auto code = static_cast<ImWchar>(decoded.code_point);
        if (decoded.code_point > 0xFFFF || kit().fonts.body->FindGlyphNoFallback(code) == nullptr)
            return true;
    }
    return false;
}

}  // namespace

bool begin_menu_popup(const char* id, ImVec2 pos, float pivot_x) {
    if (!ImGui::IsPopupOpen(id)) return false;
    const ImVec2 screen = ImGui::GetIO().DisplaySize;
    ImGui::SetNextWindowPos(pos, ImGuiCond_Always, {pivot_x, 0});
    ImGui::SetNextWindowSizeConstraints({0, 0}, {screen.x, std::max(px(60), screen.y - pos.y - px(6))});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{px(5), px(5)});
    const bool is_open = ImGui::BeginPopup(id, ImGuiWindowFlags_NoMove);
    ImGui::PopStyleVar();
    return is_open;
}

void submenu(const char* label, const std::function<void()>& body) {
    const ImVec2 corner = ImGui::GetWindowPos(), screen = ImGui::GetIO().DisplaySize;
    const float right = corner.x + ImGui::GetWindowWidth();
    ImGui::PushID(label);
    if (menu_item(label, "\u203A", true, false, false)) ImGui::OpenPopup("##menu");
    // Beside its line, or over the menu where there is no room.
    const bool has_room = right + px(240) < screen.x;
    const float top = ImGui::GetItemRectMin().y < 0.5f * screen.y ? ImGui::GetItemRectMin().y : corner.y;
    if (begin_menu_popup("##menu", {right, has_room ? top : corner.y}, has_room ? 0.0f : 1.0f)) {
        body();
        ImGui::EndPopup();
    }
    ImGui::PopID();
}

void menu(const char* label, const std::function<void()>& body) {
    if (kit().density == Density::Menu) return submenu(label, body);
    ImGui::PushID(label);
    if (toolbar_button(label, ImGui::IsPopupOpen("##menu")) ||
        (!kit().focus.is_paused && kit().focus.take_menu_wish()))
        ImGui::OpenPopup("##menu");
    const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
    // An open menu follows the pointer along the bar.
    const bool any_open = ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
    if (any_open && !ImGui::IsPopupOpen("##menu") && ImGui::IsMouseHoveringRect(min, max, false))
        ImGui::OpenPopup("##menu");
    if (begin_menu_popup("##menu", {min.x, max.y + px(6)})) {
        body();
        ImGui::EndPopup();
    }
    ImGui::PopID();
    ImGui::SameLine(0, 0);
}

bool menu_item(const char* label, std::string_view shortcut, bool is_enabled, bool is_checked, bool closes) {
    const Colors& c = colors();
    ImFont* font = kit().fonts.body;
    const std::string_view visible = visible_text(label);
    const float shortcut_width = shortcut.empty() ? 0 : measure_text(font, shortcut).x + px(28);
    const bool is_shaped = needs_shaping(visible);
    const float label_width = is_shaped ? measure_shaped(visible).advance : measure_text(font, visible).x;
    const float own = px(24) + label_width + shortcut_width + px(12);
    const float width = std::max({own, px(150), ImGui::GetContentRegionAvail().x});
    ImGui::BeginDisabled(!is_enabled);
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2{0, 0});
    bool is_clicked = ImGui::InvisibleButton(label, {width, px(26)});
    ImGui::PopStyleVar();
    const bool is_hovered = ImGui::IsItemHovered();
    ImGui::EndDisabled();
    const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
    record_item(label, min, max, is_enabled, is_checked);
    if (is_enabled) is_clicked |= kit().focus.stop(min, max);
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (is_hovered) draw_fill(list, min, max, c.control_hover, px(4));
    const float top = 0.5f * (min.y + max.y - font->FontSize);
    if (is_checked) draw_dot(list, {min.x + px(12), 0.5f * (min.y + max.y)}, px(3), c.accent);
    const Rgba ink = is_enabled ? c.text : gfx::faded(c.dim, 0.6f);
    if (is_shaped) draw_shaped(list, {min.x + px(24), top}, visible, ink);
    if (!is_shaped) draw_text(list, font, {min.x + px(24), top}, ink, visible);
    draw_text(list, font, {max.x - px(12) - std::max(0.0f, shortcut_width - px(28)), top}, c.dim, shortcut);
    if (is_clicked && closes) ImGui::ClosePopupToLevel(0, true);  // the menus that it is in, too
    return is_clicked;
}

void menu_separator() {
    const ImVec2 pos = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    ImGui::Dummy({1, px(9)});
    draw_hline(ImGui::GetWindowDrawList(), pos.x, pos.x + width, pos.y + px(4), colors().line);
}

}  // namespace headlight::ui
