// Chips of the heads and the slider of the share.
#include "views/lines/lines_legend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/heatmap/attention_lines.h"
#include "views/lines/head_colors.h"

namespace headlight {
namespace {

constexpr float kLegendDp = 30, kSliderDp = 190, kLeastSliderDp = 110;

/// A chip with a dot in the head's colour. Clicking that of an added head takes it out. Returns its width, 0
/// where it does not fit before `right`.
float draw_head_chip(ViewContext& context, HeadId head, int index, ImVec2 pos, float right) {
    const std::string label = head.to_string(), id = fmt::format("lines_{}", label);
    ui::ChipSpec chip;
    chip.id = id.c_str();
    const std::string text = "    " + label;  // the dot stands before the words
    chip.text = text;
    chip.pad_y = 3;
    const ImVec2 size = ui::chip_size(chip);
    if (pos.x + size.x > right) return 0;
    ImGui::SetCursorScreenPos(pos);
    const auto response = ui::chip(chip);
    ui::draw_dot(ImGui::GetWindowDrawList(), {pos.x + ui::px(10), pos.y + size.y / 2}, ui::px(4),
                 head_color(ui::colors(), index));
    if (response.is_hovered) {
        context.shared.next_hover.sentence =
            index == 0 ? fmt::format("{}: the chosen head; metrics and title are its own", label)
                       : fmt::format("{}: shown beside the chosen head; click takes it out", label);
        context.shared.next_hover.head = head;
    }
    if (response.is_clicked && index > 0) context.actions.select_head(head, true);
    return size.x;
}

}  // namespace

float draw_lines_legend(ViewContext& context, const LayoutRect& body, const LinesData& data) {
    const float height = ui::px(kLegendDp), gap = ui::px(6);
    ImFont* font = ui::kit().fonts.body;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float slider = std::clamp(body.width * 0.3f, ui::px(kLeastSliderDp), ui::px(kSliderDp));
    float right = body.right();
    if (body.width > slider + ui::px(90)) {
        ImGui::SetCursorScreenPos({right - slider, body.y});
        double share = context.snapshot.settings.line_share;
        if (ui::slider("##line_share", share, kLeastLineShare, kMostLineShare, "{:.0f} %", slider))
            context.actions.set_number("line_share", std::round(share));
        ui::tooltip_for_last_item(
            "Draws the fewest keys that hold this share of each row, largest first; what the sink takes is "
            "not part of it.");
        right -= slider + gap;
        const char* words = "largest weights up to";
        const float width = ui::measure_text(font, words).x;
        if (body.width > slider + width + ui::px(320)) {
            ui::draw_text(list, font, {right - width, body.y + (ui::px(24) - font->FontSize) / 2},
                          ui::colors().dim, words);
            right -= width + 2 * gap;
        }
    }
    float x = body.x;
    int index = 0;
    const int num_chosen = static_cast<int>(selected_heads(context.snapshot.selection).size());
    const float more_room = num_chosen > 1 ? ui::px(70) : 0;
    for (const LinesData::Entry& entry : data.heads()) {
        const bool is_last = index + 1 == num_chosen;
        const float width =
            draw_head_chip(context, entry.head, index, {x, body.y}, right - (is_last ? 0 : more_room));
        if (width == 0) break;
        x += width + gap;
        ++index;
    }
    const std::string words = index < num_chosen ? fmt::format("+ {} more", num_chosen - index)
                              : num_chosen == 1  ? "shift-click in the grid adds a head"
                                                 : "shift-click adds a head";
    if (x + ui::measure_text(font, words).x < right)
        ui::draw_text(list, font, {x + gap, body.y + (ui::px(24) - font->FontSize) / 2}, ui::colors().dim,
                      words);
    return height;
}

}  // namespace headlight
