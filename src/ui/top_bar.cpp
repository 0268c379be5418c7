// The bar at the window's top, and menus.
#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/dialogs/dialogs.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight::ui {
namespace {

// The chip in the middle: what is open.
bool draw_chip(const TopBarSpec& spec, ImVec2 pos, float max_width) {
    const Colors& c = colors();
    Kit& k = kit();
    const float strong_width = measure_text(k.fonts.body, spec.chip_strong).x;
    const float pad = px(9), height = px(kControlHeight);
    const std::string dim =
        shorten_text(k.fonts.body, spec.chip_dim, std::max(0.0f, max_width - strong_width - 2 * pad));
    const float width = strong_width + measure_text(k.fonts.body, dim).x + 2 * pad;
    ImGui::SetCursorScreenPos(pos);
    const bool is_clicked = ImGui::InvisibleButton("##open_chip", {std::max(1.0f, width), height});
    const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
    record_item("##open_chip", min, max, true, false, spec.chip_strong);
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_fill(list, min, max, ImGui::IsItemHovered() ? c.control_hover : c.control, px(kControlRadius));
    const float top = 0.5f * (min.y + max.y - k.fonts.body->FontSize);
    draw_text(list, k.fonts.body, {min.x + pad, top}, c.text, spec.chip_strong);
    draw_text(list, k.fonts.body, {min.x + pad + strong_width, top}, c.dim, dim);
    return is_clicked;
}

}  // namespace

float top_bar_height() {
    return px(40);
}

TopBarResponse top_bar(const TopBarSpec& spec, ImVec2 pos, float width) {
    const Colors& c = colors();
    Kit& k = kit();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float height = top_bar_height(), control_top = pos.y + 0.5f * (height - px(kControlHeight));
    TopBarResponse response;
    draw_hline(list, pos.x, pos.x + width, pos.y + height - 1, c.line);
    ImFont* title = k.fonts.semibold;
    draw_text(list, title, {pos.x + px(14), pos.y + 0.5f * (height - title->FontSize)}, c.text, spec.name);
    float x = pos.x + px(14) + measure_text(title, spec.name).x + px(10);
    ImGui::PushID("##top");
    if (spec.menus) {
        ImGui::SetCursorScreenPos({x, control_top});
        ImGui::BeginGroup();
        spec.menus();
        ImGui::EndGroup();
        x += ImGui::GetItemRectSize().x + px(14);
    }
    float right = pos.x + width - px(10);
    if (spec.right_button != nullptr) {
        right -= measure_text(k.fonts.body, visible_text(spec.right_button)).x + 2 * px(12);
        ImGui::SetCursorScreenPos({right, control_top});
        response.is_button_clicked = pill_button(spec.right_button);
        right -= px(14);
    }
    response.chosen_segment = spec.selected;
    if (!spec.segments.empty()) {
        right -= segmented_width(spec.segments);
        ImGui::SetCursorScreenPos({right, control_top});
        segmented("##segments", spec.segments, response.chosen_segment);
        right -= px(14);
    }
    right -= measure_text(k.fonts.body, spec.right).x;
    if (right > x)
        draw_text(list, k.fonts.body, {right, pos.y + 0.5f * (height - k.fonts.body->FontSize)}, c.dim,
                  spec.right);
    if (!spec.chip_strong.empty())
        response.is_chip_clicked = draw_chip(spec, {x, control_top}, std::max(px(60), right - x - px(16)));
    ImGui::PopID();
    return response;
}

void menu(const char* label, const std::function<void()>& body) {
    ImGui::PushID(label);
    if (toolbar_button(label, ImGui::IsPopupOpen("##menu"))) ImGui::OpenPopup("##menu");
    const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
    // An open menu follows the pointer along the bar.
    const bool any_open = ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
    if (any_open && !ImGui::IsPopupOpen("##menu") && ImGui::IsMouseHoveringRect(min, max, false))
        ImGui::OpenPopup("##menu");
    ImGui::SetNextWindowPos({min.x, max.y + px(6)});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{px(5), px(5)});
    if (ImGui::BeginPopup("##menu", ImGuiWindowFlags_NoMove)) {
        body();
        ImGui::EndPopup();
    }
    ImGui::PopStyleVar();
    ImGui::PopID();
    ImGui::SameLine(0, 0);
}

bool menu_item(const char* label, std::string_view shortcut, bool is_enabled, bool is_checked) {
    const Colors& c = colors();
    ImFont* font = kit().fonts.body;
    const std::string_view visible = visible_text(label);
    const float shortcut_width = shortcut.empty() ? 0 : measure_text(font, shortcut).x + px(28);
    const float own = px(24) + measure_text(font, visible).x + shortcut_width + px(12);
    const float width = std::max({own, px(150), ImGui::GetContentRegionAvail().x});
    ImGui::BeginDisabled(!is_enabled);
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2{0, 0});
    const bool is_clicked = ImGui::InvisibleButton(label, {width, px(26)});
    ImGui::PopStyleVar();
    const bool is_hovered = ImGui::IsItemHovered();
    ImGui::EndDisabled();
    const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
    record_item(label, min, max, is_enabled, is_checked);
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (is_hovered) draw_fill(list, min, max, c.control_hover, px(4));
    const float top = 0.5f * (min.y + max.y - font->FontSize);
    if (is_checked) draw_dot(list, {min.x + px(12), 0.5f * (min.y + max.y)}, px(3), c.accent);
    draw_text(list, font, {min.x + px(24), top}, is_enabled ? c.text : gfx::faded(c.dim, 0.6f), visible);
    draw_text(list, font, {max.x - px(12) - std::max(0.0f, shortcut_width - px(28)), top}, c.dim, shortcut);
    if (is_clicked) ImGui::CloseCurrentPopup();
    return is_clicked;
}

void menu_separator() {
    const ImVec2 pos = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    ImGui::Dummy({1, px(9)});
    draw_hline(ImGui::GetWindowDrawList(), pos.x, pos.x + width, pos.y + px(4), colors().line);
}

}  // namespace headlight::ui
