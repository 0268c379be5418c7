// Chips, tags, lines of text and tooltips.
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight::ui {
namespace {

constexpr float kTooltipDelay = 0.35f;
constexpr float kTooltipWidth = 380;

ItemResponse response_of_last(bool is_clicked) {
    ItemResponse response;
    response.is_clicked = is_clicked;
    response.is_hovered = ImGui::IsItemHovered();
    response.is_double_clicked = response.is_hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
    response.is_right_clicked = response.is_hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Right);
    return response;
}

// Words one after another; a word that does not fit starts a line.
void draw_shaped_wrapped(std::string_view body, float wrap_width, Rgba color) {
    const gfx::TextExtents whole = measure_shaped(body);
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (whole.advance <= wrap_width) {
        draw_shaped(list, origin, body, color);
        ImGui::Dummy({whole.advance, whole.height()});
        return;
    }
    const float space = measure_shaped("a b").advance - measure_shaped("ab").advance;
    float x = 0, y = 0, widest = 0;
    for (std::size_t begin = 0; begin < body.size();) {
        const std::size_t end = std::min(body.find(' ', begin), body.size());
        const std::string_view word = body.substr(begin, end - begin);
        const float width = measure_shaped(word).advance;
        if (x > 0 && x + width > wrap_width) {
            x = 0;
            y += std::round(whole.height() + px(2));
        }
        draw_shaped(list, {origin.x + x, origin.y + y}, word, color);
        x += width + space;
        widest = std::max(widest, x - space);
        begin = end + 1;
    }
    ImGui::Dummy({widest, y + whole.height()});
}

}  // namespace

ImVec2 chip_size(const ChipSpec& spec) {
    const gfx::TextExtents extents = measure_shaped(spec.text, spec.style);
    return {std::ceil(std::max(extents.advance, px(4)) + 2 * px(spec.pad_x)),
            std::round(extents.height() + 2 * px(spec.pad_y))};
}

ItemResponse chip(const ChipSpec& spec) {
    const Colors& c = colors();
    const bool is_clicked = ImGui::InvisibleButton(spec.id, chip_size(spec));
    const ItemResponse response = response_of_last(is_clicked);
    const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
    record_item(spec.id, min, max, true, spec.is_framed, spec.text);
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float opacity = spec.is_faded ? 0.45f : 1.0f;
    Rgba fill = spec.fill.a > 0 ? spec.fill : c.control;
    if (response.is_hovered) fill = gfx::mix(fill, c.text, 0.10f);
    draw_fill(list, min, max, gfx::faded(fill, opacity), px(4));
    if (spec.is_framed) draw_frame(list, min, max, c.accent, px(4), std::max(1.0f, px(1.5f)));
    draw_shaped(list, {min.x + px(spec.pad_x), min.y + px(spec.pad_y)}, spec.text,
                gfx::faded(spec.text_color.a > 0 ? spec.text_color : c.text, opacity), spec.style);
    return response;
}

float tag_width(std::string_view label) {
    return std::round(measure_text(kit().fonts.body, visible_text(label)).x + 2 * px(7));
}

ItemResponse tag(const char* label, Rgba fill, Rgba text_color) {
    ImFont* font = kit().fonts.body;
    const std::string_view visible = visible_text(label);
    const float height = px(20), inset = 0.5f * (px(kControlHeight) - height);
    const bool is_clicked = ImGui::InvisibleButton(label, {tag_width(label), px(kControlHeight)});
    const ItemResponse response = response_of_last(is_clicked);
    const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
    record_item(label, min, max);
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 a{min.x, min.y + inset}, b{max.x, max.y - inset};
    draw_fill(list, a, b, response.is_hovered ? gfx::mix(fill, text_color, 0.12f) : fill, px(4));
    draw_text_centered(list, font, a, b, text_color, visible);
    return response;
}

void text(std::string_view line) {
    // ImGui takes a null end for "up to the terminating zero".
    const char* begin = line.empty() ? "" : line.data();
    ImGui::TextUnformatted(begin, begin + line.size());
}

void text_dim(std::string_view line) {
    ImGui::PushStyleColor(ImGuiCol_Text, to_u32(colors().dim));
    text(line);
    ImGui::PopStyleColor();
}

void text_small(std::string_view line, Rgba color) {
    const FontScope font(kit().fonts.small_);
    ImGui::PushStyleColor(ImGuiCol_Text, to_u32(color));
    text(shorten_text(kit().fonts.small_, line, ImGui::GetContentRegionAvail().x));
    ImGui::PopStyleColor();
}

void text_wrapped(std::string_view paragraph, Rgba color) {
    ImGui::PushStyleColor(ImGuiCol_Text, to_u32(color));
    text(wrap_text(ImGui::GetFont(), paragraph, ImGui::GetContentRegionAvail().x));
    ImGui::PopStyleColor();
}

bool begin_tooltip() {
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{px(10), px(8)});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, px(6));
    ImGui::PushStyleVar(ImGuiStyleVar_Alpha, 1.0f);
    ImGui::BeginTooltip();
    return true;
}

void end_tooltip() {
    ImGui::EndTooltip();
    ImGui::PopStyleVar(3);
}

void tooltip(std::string_view body, std::string_view title, bool is_shaped) {
    if (body.empty() && title.empty()) return;
    begin_tooltip();
    if (!title.empty()) {
        const FontScope font(kit().fonts.semibold);
        text(title);
    }
    if (is_shaped) {
        draw_shaped_wrapped(body, px(kTooltipWidth), colors().text);
    } else if (!body.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, to_u32(title.empty() ? colors().text : colors().dim));
        text(wrap_text(kit().fonts.body, body, px(kTooltipWidth)));
        ImGui::PopStyleColor();
    }
    const ImVec2 pos = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
    record_item("tooltip", pos, {pos.x + size.x, pos.y + size.y}, true, false, body);
    end_tooltip();
}

namespace {

/// The last item has been hovered long enough for a tooltip.
bool is_tooltip_due() {
    if (!ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) return false;
    const float waited = ImGui::GetCurrentContext()->HoveredIdTimer;
    if (waited < kTooltipDelay) request_redraw(static_cast<double>(kTooltipDelay - waited) + 0.02);
    return waited >= kTooltipDelay;
}

}  // namespace

void tooltip_for_last_item(std::string_view body, std::string_view title) {
    if (is_tooltip_due()) tooltip(body, title);
}

void explain_last_item(std::string_view sentence, std::string_view details) {
    if (!is_tooltip_due()) return;
    begin_tooltip();
    text(wrap_text(kit().fonts.body, sentence, px(kTooltipWidth)));
    {
        const FontScope font(kit().fonts.small_);
        text_dim(wrap_text(kit().fonts.small_, details, px(kTooltipWidth)));
    }
    const ImVec2 pos = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
    record_item("tooltip", pos, {pos.x + size.x, pos.y + size.y}, true, false, sentence);
    end_tooltip();
}

}  // namespace headlight::ui
