#include "ui/controls.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "ui/dialogs/dialogs.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight::ui {
namespace {

struct Press {
    bool is_hovered = false, is_held = false, is_clicked = false;
    ImVec2 min, max;
};

// An invisible button with its state; disabled ones react to nothing but still take their room.
Press press_area(const char* label, ImVec2 size, bool is_enabled, bool is_selected = false) {
    ImGui::BeginDisabled(!is_enabled);
    Press press;
    press.is_clicked = ImGui::InvisibleButton(label, {std::max(1.0f, size.x), std::max(1.0f, size.y)});
    press.is_hovered = ImGui::IsItemHovered();
    press.is_held = ImGui::IsItemActive();
    press.min = ImGui::GetItemRectMin();
    press.max = ImGui::GetItemRectMax();
    ImGui::EndDisabled();
    record_item(label, press.min, press.max, is_enabled, is_selected);
    return press;
}

Rgba button_fill(const Press& press, Rgba base, bool is_transparent) {
    const Colors& c = colors();
    if (press.is_held) return c.control_active;
    if (press.is_hovered) return c.control_hover;
    return is_transparent ? Rgba{} : base;
}

}  // namespace

float segmented_width(std::span<const Segment> segments) {
    float total = 0;
    for (const Segment& segment : segments)
        total += std::round(measure_text(kit().fonts.semibold, visible_text(segment.label)).x) + 2 * px(10);
    return total;
}

bool segmented(const char* id, std::span<const Segment> segments, int& selected) {
    const Colors& c = colors();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const float height = px(kControlHeight), pad = px(10);
    ImGui::PushID(id);
    ImGui::BeginGroup();
    draw_fill(list, origin, {origin.x + segmented_width(segments), origin.y + height}, c.control,
              px(kControlRadius));
    bool has_changed = false;
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2{0, 0});
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Segment& segment = segments[i];
        const std::string_view visible = visible_text(segment.label);
        const bool is_on = static_cast<int>(i) == selected;
        if (i > 0) ImGui::SameLine();
        const float width = std::round(measure_text(kit().fonts.semibold, visible).x) + 2 * pad;
        const Press press = press_area(segment.label, {width, height}, segment.is_enabled, is_on);
        if (is_on) {
            draw_fill(list, press.min, press.max, c.accent, px(kControlRadius));
        } else if (press.is_hovered) {
            draw_fill(list, press.min, press.max, c.control_hover, px(kControlRadius));
        }
        const Rgba ink = is_on ? c.on_accent : press.is_hovered ? c.text : c.dim;
        draw_text_centered(list, is_on ? kit().fonts.semibold : kit().fonts.body, press.min, press.max,
                           segment.is_enabled ? ink : gfx::faded(c.dim, 0.5f), visible);
        if (segment.tooltip != nullptr) tooltip_for_last_item(segment.tooltip);
        if (press.is_clicked && !is_on) {
            selected = static_cast<int>(i);
            has_changed = true;
        }
    }
    ImGui::PopStyleVar();
    ImGui::EndGroup();
    ImGui::PopID();
    return has_changed;
}

bool pill_button(const char* label, bool is_primary, bool is_enabled, const char* tooltip_text) {
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

bool pill_menu(const char* id, const char* caption, std::span<const char* const> entries, int& selected) {
    const Colors& c = colors();
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = kit().fonts.body;
    const std::string_view shown = selected >= 0 && selected < static_cast<int>(entries.size())
                                       ? visible_text(entries[static_cast<std::size_t>(selected)])
                                       : std::string_view{};
    ImGui::PushID(id);
    ImGui::BeginGroup();
    if (caption != nullptr && *caption != 0) {
        const ImVec2 at = ImGui::GetCursorScreenPos();
        const float width = measure_text(font, caption).x;
        ImGui::Dummy({width, px(kControlHeight)});
        draw_text(list, font, {at.x, at.y + 0.5f * (px(kControlHeight) - font->FontSize)}, c.dim, caption);
        ImGui::SameLine(0, px(7));
    }
    const float text_width = measure_text(font, shown).x;
    const Press press =
        press_area(id, {std::round(text_width + px(8) + px(10) + px(18)), px(kControlHeight)}, true);
    draw_fill(list, press.min, press.max, button_fill(press, c.control, false), px(kControlRadius));
    draw_text(list, font, {press.min.x + px(9), press.min.y + 0.5f * (px(kControlHeight) - font->FontSize)},
              c.text, shown);
    const float tip_x = press.max.x - px(13), tip_y = 0.5f * (press.min.y + press.max.y);
    list->AddTriangleFilled({tip_x - px(3.5f), tip_y - px(2)}, {tip_x + px(3.5f), tip_y - px(2)},
                            {tip_x, tip_y + px(3)}, ImGui::GetColorU32(to_vec4(c.text)));
    if (press.is_clicked) ImGui::OpenPopup("##list");
    bool has_changed = false;
    ImGui::SetNextWindowPos({press.min.x, press.max.y + px(4)});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{px(5), px(5)});
    if (ImGui::BeginPopup("##list", ImGuiWindowFlags_NoMove)) {
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (menu_item(entries[i], {}, true, static_cast<int>(i) == selected) &&
                static_cast<int>(i) != selected) {
                selected = static_cast<int>(i);
                has_changed = true;
            }
        }
        ImGui::EndPopup();
    }
    ImGui::PopStyleVar();
    ImGui::EndGroup();
    ImGui::PopID();
    return has_changed;
}

bool toggle(const char* label, bool& is_on, const char* tooltip_text) {
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
            bool is_logarithmic) {
    const Colors& c = colors();
    ImFont* font = kit().fonts.body;
    const std::string_view visible = visible_text(label);
    const std::string shown = fmt::format(fmt::runtime(format), value);
    const float height = px(kControlHeight),
                label_width = visible.empty() ? 0 : measure_text(font, visible).x + px(8);
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
    record_item(label, ImGui::GetItemRectMin(), ImGui::GetItemRectMax(), true, is_selected);
    return response;
}

}  // namespace headlight::ui
