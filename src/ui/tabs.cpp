#include "ui/tabs.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/item_recorder.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight::ui {
namespace {

void draw_tab(const Segment& tab, bool is_on, ImVec2 min, ImVec2 max, bool is_hovered) {
    const Colors& c = colors();
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (is_on || is_hovered)
        draw_fill(list, min, max, is_on ? c.control : gfx::faded(c.control, 0.6f), px(kControlRadius));
    const std::string visible(visible_text(tab.label));
    ImFont* font = is_on ? kit().fonts.semibold : kit().fonts.body;
    const float text = font->CalcTextSizeA(font->FontSize, 10000, 0, visible.c_str()).x;
    list->AddText(font, font->FontSize,
                  {std::round((min.x + max.x - text) / 2), std::round((min.y + max.y - font->FontSize) / 2)},
                  to_u32(is_on || is_hovered ? c.text : c.dim), visible.c_str());
}

}  // namespace

float tab_row(const char* id, std::span<const Segment> tabs, int& selected, ImVec2 pos, float width) {
    ImGui::PushID(id);
    ImFont* font = kit().fonts.semibold;
    const float row = px(kTabRow), height = px(kControlHeight);
    float total = 0;
    for (const Segment& tab : tabs)
        total +=
            font->CalcTextSizeA(font->FontSize, 10000, 0, std::string(visible_text(tab.label)).c_str()).x;
    // As much room around the names as there is, within reason, before a second row is begun.
    const auto count = static_cast<float>(tabs.size());
    const float pad = std::min(px(10), std::max(px(4), (width - total) / (2 * std::max(1.0f, count)) - 1));
    float x = pos.x, y = pos.y;
    for (std::size_t i = 0; i < tabs.size(); ++i) {
        const std::string visible(visible_text(tabs[i].label));
        const float size =
            std::round(font->CalcTextSizeA(font->FontSize, 10000, 0, visible.c_str()).x + 2 * pad);
        if (x > pos.x && x + size > pos.x + width + 1) {
            x = pos.x;
            y += row;
        }
        const bool is_on = static_cast<int>(i) == selected;
        ItemResponse response = hot_area(tabs[i].label, {x, y}, {size, height}, is_on);
        response.is_clicked |= kit().focus.stop({x, y}, {x + size, y + height});
        draw_tab(tabs[i], is_on, {x, y}, {x + size, y + height}, response.is_hovered);
        if (tabs[i].tooltip != nullptr) tooltip_for_last_item(tabs[i].tooltip);
        if (response.is_clicked) selected = static_cast<int>(i);
        x += size;
    }
    ImGui::PopID();
    return y - pos.y + row;
}

}  // namespace headlight::ui
