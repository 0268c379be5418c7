// Switches: segments side by side, chips that open a list, or the lines of a menu, as dense as the kit says.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "ui/controls.h"
#include "ui/dialogs/dialogs.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/press.h"

namespace headlight::ui {
namespace {

/// A switch of segments side by side; `width` 0: each as wide as its word.
bool draw_segments(const char* id, std::span<const Segment> segments, int& selected, float total,
                   float width) {
    const Colors& c = colors();
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const float height = px(kControlHeight), pad = px(10);
    ImGui::PushID(id);
    ImGui::BeginGroup();
    draw_fill(list, origin, {origin.x + total, origin.y + height}, c.control, px(kControlRadius));
    bool has_changed = false;
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2{0, 0});
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Segment& segment = segments[i];
        const std::string_view visible = visible_text(segment.label);
        const bool is_on = static_cast<int>(i) == selected;
        if (i > 0) ImGui::SameLine();
        const float own = std::round(measure_text(kit().fonts.semibold, visible).x) + 2 * pad;
        const Press press =
            press_area(segment.label, {width > 0 ? width : own, height}, segment.is_enabled, is_on);
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

/// The segments as lines of a menu. True when `selected` changed.
bool list_items(std::span<const Segment> segments, int& selected) {
    bool has_changed = false;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool is_on = static_cast<int>(i) == selected;
        const bool is_clicked = menu_item(segments[i].label, {}, segments[i].is_enabled, is_on);
        if (segments[i].tooltip != nullptr) tooltip_for_last_item(segments[i].tooltip);
        if (!is_clicked || is_on) continue;
        selected = static_cast<int>(i);
        has_changed = true;
    }
    return has_changed;
}

/// A pill with the chosen word and a triangle; a press opens the list.
bool chip_list(const char* id, const char* caption, std::span<const Segment> segments, int& selected) {
    const Colors& c = colors();
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* font = kit().fonts.body;
    const bool has_choice = selected >= 0 && selected < static_cast<int>(segments.size());
    const std::string_view shown =
        has_choice ? visible_text(segments[static_cast<std::size_t>(selected)].label) : std::string_view{};
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
    if (begin_menu_popup("##list", {press.min.x, press.max.y + px(4)})) {
        has_changed = list_items(segments, selected);
        ImGui::EndPopup();
    }
    ImGui::EndGroup();
    ImGui::PopID();
    return has_changed;
}

}  // namespace

float segmented_width(std::span<const Segment> segments) {
    float total = 0;
    for (const Segment& segment : segments)
        total += std::round(measure_text(kit().fonts.semibold, visible_text(segment.label)).x) + 2 * px(10);
    return total;
}

bool segmented(const char* id, std::span<const Segment> segments, int& selected) {
    if (kit().density == Density::Compact) return chip_list(id, nullptr, segments, selected);
    if (kit().density == Density::Menu) {
        begin_menu_row();
        return list_items(segments, selected);
    }
    return draw_segments(id, segments, selected, segmented_width(segments), 0);
}

bool segmented_over(const char* id, std::span<const Segment> segments, int& selected, ImVec2 pos,
                    ImVec2 size) {
    ImGui::SetCursorScreenPos(pos);
    const float width = std::floor(size.x / static_cast<float>(std::max<std::size_t>(1, segments.size())));
    return draw_segments(id, segments, selected, size.x, width);
}

bool pill_menu(const char* id, const char* caption, std::span<const char* const> entries, int& selected) {
    begin_menu_row();
    std::vector<Segment> segments;
    for (const char* entry : entries)
        segments.push_back({entry});
    return chip_list(id, kit().density == Density::Compact ? nullptr : caption, segments, selected);
}

}  // namespace headlight::ui
