#include "ui/controls.h"

#include <fmt/format.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "ui/dialogs/dialogs.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/press.h"

namespace headlight::ui {
// An invisible button with its state; disabled ones react to nothing but still take their room.
Press press_area(const char* label, ImVec2 size, bool is_enabled, bool is_selected) {
    ImGui::BeginDisabled(!is_enabled);
    Press press;
    press.is_clicked = ImGui::InvisibleButton(label, {std::max(1.0f, size.x), std::max(1.0f, size.y)});
    press.is_hovered = ImGui::IsItemHovered();
    press.is_held = ImGui::IsItemActive();
    press.min = ImGui::GetItemRectMin();
    press.max = ImGui::GetItemRectMax();
    ImGui::EndDisabled();
    record_item(label, press.min, press.max, is_enabled, is_selected);
    if (is_enabled) press.is_clicked |= kit().focus.stop(press.min, press.max);
    return press;
}

Rgba button_fill(const Press& press, Rgba base, bool is_transparent) {
    const Colors& c = colors();
    if (press.is_held) return c.control_active;
    if (press.is_hovered) return c.control_hover;
    return is_transparent ? Rgba{} : base;
}

void begin_menu_row() {
    if (kit().density != Density::Menu) return;
    const ImGuiWindow* window = ImGui::GetCurrentWindow();
    if (window->DC.CursorPos.x > window->Pos.x + window->DC.Indent.x + 1) ImGui::NewLine();
}

bool pill_button(const char* label, bool is_primary, bool is_enabled, const char* tooltip_text) {
    begin_menu_row();
    const Colors& c = colors();
    const std::string_view visible = visible_text(label);
    ImFont* font = is_primary ? kit().fonts.semibold : kit().fonts.body;
    const float width = measure_text(font, visible).x + 2 * px(12);
    const Press press = press_area(label, {std::round(width), px(kControlHeight)}, is_enabled);
    Rgba fill = is_primary ? c.accent : button_fill(press, c.control, false);
    if (is_primary && press.is_hovered) fill = gfx::mix(c.accent, c.text, 0.12f);
    if (!is_enabled) fill = gfx::faded(fill, 0.5f);
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_fill(list, press.min, press.max, fill, px(kControlRadius));
    const Rgba ink = is_primary ? c.on_accent : c.text;
    draw_text_centered(list, font, press.min, press.max, is_enabled ? ink : gfx::faded(ink, 0.5f), visible);
    if (tooltip_text != nullptr) tooltip_for_last_item(tooltip_text);
    return press.is_clicked;
}

bool toolbar_button(const char* label, bool is_on, bool is_enabled, const char* tooltip_text) {
    begin_menu_row();
    const Colors& c = colors();
    const std::string_view visible = visible_text(label);
    const float width = measure_text(kit().fonts.body, visible).x + 2 * px(7);
    const Press press = press_area(label, {std::round(width), px(kControlHeight)}, is_enabled, is_on);
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (const Rgba fill = button_fill(press, c.control, true); fill.a > 0) {
        draw_fill(list, press.min, press.max, fill, px(kControlRadius));
    }
    const Rgba ink = !is_enabled        ? gfx::faded(c.dim, 0.5f)
                     : is_on            ? c.text
                     : press.is_hovered ? c.text
                                        : c.dim;
    draw_text_centered(list, is_on ? kit().fonts.semibold : kit().fonts.body, press.min, press.max, ink,
                       visible);
    if (tooltip_text != nullptr) tooltip_for_last_item(tooltip_text);
    return press.is_clicked;
}

bool toggle(const char* label, bool& is_on, const char* tooltip_text) {
    begin_menu_row();
    const Colors& c = colors();
    ImFont* font = kit().fonts.body;
    const std::string_view visible = visible_text(label);
    const float track = px(26), gap = px(7), height = px(kControlHeight);
    const Press press = press_area(label, {track + gap + measure_text(font, visible).x, height}, true, is_on);
    if (press.is_clicked) is_on = !is_on;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float radius = px(7), y = 0.5f * (press.min.y + press.max.y);
    const Rgba fill = is_on ? c.accent : press.is_hovered ? c.control_active : c.control_hover;
    draw_fill(list, {press.min.x, y - radius}, {press.min.x + track, y + radius}, fill, radius);
    draw_dot(list, {is_on ? press.min.x + track - radius : press.min.x + radius, y}, radius - px(2),
             is_on ? c.on_accent : c.dim);
    draw_text(list, font, {press.min.x + track + gap, y - 0.5f * font->FontSize}, is_on ? c.text : c.dim,
              visible);
    if (tooltip_text != nullptr) tooltip_for_last_item(tooltip_text);
    return press.is_clicked;
}

bool slider(const char* label, double& value, double lo, double hi, const char* format, float width,
            bool is_logarithmic, float label_width) {
    begin_menu_row();
    const Colors& c = colors();
    ImFont* font = kit().fonts.body;
    const std::string_view visible = visible_text(label);
    const std::string shown = fmt::format(fmt::runtime(format), value);
    const float height = px(kControlHeight);
    if (label_width == 0 && !visible.empty()) label_width = measure_text(font, visible).x + px(8);
    const float value_width = std::max(tabular_width(font, shown), px(34)) + px(8);
    const Press press = press_area(label, {width, height}, true);
    const float x0 = press.min.x + label_width, x1 = press.max.x - value_width,
                y = 0.5f * (press.min.y + press.max.y);
    const auto to_place = [&](double v) {
        return is_logarithmic ? std::log(v / lo) / std::log(hi / lo) : (v - lo) / (hi - lo);
    };
    bool has_changed = false;
    if (press.is_held && x1 > x0) {
        const double place =
            std::clamp(static_cast<double>((ImGui::GetIO().MousePos.x - x0) / (x1 - x0)), 0.0, 1.0);
        const double moved = is_logarithmic ? lo * std::pow(hi / lo, place) : lo + place * (hi - lo);
        has_changed = moved != value;
        value = moved;
    }
    if (kit().focus.is_on_last()) {
        kit().focus.take_arrows();
        const auto pressed = [](ImGuiKey key) { return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key)); };
        const int step = (pressed(ImGuiKey_RightArrow) || pressed(ImGuiKey_UpArrow) ? 1 : 0) -
                         (pressed(ImGuiKey_LeftArrow) || pressed(ImGuiKey_DownArrow) ? 1 : 0);
        const double place = to_place(value) + 0.01 * step;
        const double moved = hi - lo > 20     ? value + step
                             : is_logarithmic ? lo * std::pow(hi / lo, place)
                                              : lo + place * (hi - lo);
        has_changed |= step != 0;
        if (step != 0) value = std::clamp(moved, lo, hi);
    }
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float knob = x0 + static_cast<float>(std::clamp(to_place(value), 0.0, 1.0)) * (x1 - x0);
    draw_text(list, font, {press.min.x, y - 0.5f * font->FontSize}, c.dim, visible);
    draw_fill(list, {x0, y - px(2)}, {x1, y + px(2)}, c.track, px(2));
    draw_fill(list, {x0, y - px(2)}, {knob, y + px(2)}, c.dim, px(2));
    draw_dot(list, {knob, y}, px(press.is_hovered || press.is_held ? 6 : 5), c.text);
    draw_tabular_right(list, font, {press.max.x, y - 0.5f * font->FontSize}, to_u32(c.text), shown);
    return has_changed;
}

ItemResponse hot_area(const char* label, ImVec2 pos, ImVec2 size, bool is_selected) {
    ImGui::SetCursorScreenPos(pos);
    ItemResponse response;
    response.is_clicked = ImGui::InvisibleButton(label, {std::max(1.0f, size.x), std::max(1.0f, size.y)});
    response.is_hovered = ImGui::IsItemHovered();
    response.is_double_clicked = response.is_hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
    response.is_right_clicked = response.is_hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Right);
    record_area(label, ImGui::GetItemRectMin(), ImGui::GetItemRectMax(), is_selected);
    return response;
}

}  // namespace headlight::ui
