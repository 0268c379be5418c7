// Large type for a class.
#include "views/lessons/large_type.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "ui/fonts.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/press.h"
#include "ui/shaped_text.h"

namespace headlight {
namespace {

constexpr float kRowPad = 8, kMarkWidth = 22;
constexpr float kLinePerEm = 1.21f;  // of the interface font: see ui/fonts.h

/// Scripts that the interface font has not: tokens and lessons may be written in any.
bool needs_shaping(std::string_view words) {
    for (std::size_t at = 0; at < words.size();) {
        const utf8::Decoded decoded = utf8::decode(words, at);
        const char32_t c = decoded.code_point;
        const bool is_known = c < 0x0530 || (c >= 0x1E00 && c < 0x27EA);
        if (!is_known) return true;
        at += decoded.size_bytes;
    }
    return false;
}

/// Words in lines, in the one font or the other.
struct LargeLines {
    std::vector<std::string> lines;  // shaped; one string with breaks otherwise
    bool is_shaped = false;
    ui::ShapedStyle style;
    float line_height = 0;
    ImVec2 size{0, 0};
};

LargeLines shaped_lines(ImFont* font, std::string_view words, float width) {
    LargeLines out;
    out.is_shaped = true;
    out.style.size = font->FontSize / kLinePerEm / ui::kit().scale;
    out.line_height = font->FontSize;
    std::string line;
    const auto finish = [&] {
        line = ui::shorten_shaped(line, width, out.style);
        const gfx::TextExtents extents = ui::measure_shaped(line, out.style);
        out.line_height = std::max(out.line_height, std::round(extents.height()));
        out.size.x = std::max(out.size.x, extents.advance);
        out.lines.push_back(std::exchange(line, {}));
    };
    for (std::size_t at = 0; at < words.size();) {
        const std::size_t end = std::min(words.find(' ', at), words.size());
        const std::string word(words.substr(at, end - at));
        const std::string longer = line.empty() ? word : line + " " + word;
        if (!line.empty() && ui::measure_shaped(longer, out.style).advance > width) {
            finish();
            line = word;
        } else {
            line = longer;
        }
        at = end + 1;
    }
    finish();
    out.size.y = out.line_height * static_cast<float>(out.lines.size());
    return out;
}

LargeLines large_lines(ImFont* font, std::string_view words, float width) {
    if (words.empty()) return {};
    if (needs_shaping(words)) return shaped_lines(font, words, width);
    LargeLines out;
    out.lines.push_back(ui::wrap_text(font, words, width));
    out.size = ui::measure_text(font, out.lines.front());
    return out;
}

void draw_large_lines(ImFont* font, ImVec2 pos, ui::Rgba color, const LargeLines& text) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    float y = pos.y;
    for (const std::string& line : text.lines) {
        if (text.is_shaped)
            ui::draw_shaped(list, {pos.x, y}, line, color, text.style);
        else
            ui::draw_text(list, font, {pos.x, y}, color, line);
        y += text.line_height;
    }
}

struct RowText {
    LargeLines words, details;
    float height() const { return words.size.y + details.size.y + 2 * ui::px(kRowPad - 2); }
};

ImFont* words_font(const LargeRow& row) {
    return row.is_huge ? ui::kit().fonts.lesson : ui::kit().fonts.large;
}

RowText row_text(const LargeRow& row) {
    const ui::Fonts& fonts = ui::kit().fonts;
    const float mark = row.mark.empty() ? 0 : ui::px(kMarkWidth);
    const float room = std::max(ui::px(40), row.width - 2 * ui::px(kRowPad) - mark);
    return {large_lines(words_font(row), row.words, room), large_lines(fonts.small_, row.details, room)};
}

}  // namespace

void draw_paragraph(ImFont* font, std::string_view words, float width, ui::Rgba color) {
    if (words.empty()) return;
    const LargeLines text = large_lines(font, words, width);
    draw_large_lines(font, ImGui::GetCursorScreenPos(), color, text);
    ImGui::Dummy(text.size);
}

float large_row_height(const LargeRow& row) {
    return row_text(row).height();
}

bool draw_large_row(const LargeRow& row) {
    const RowText text = row_text(row);
    const ui::Colors& colors = ui::colors();
    const ui::Fonts& fonts = ui::kit().fonts;
    const ui::Press press = ui::press_area(row.id, {row.width, text.height()}, row.is_enabled, row.is_chosen);
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float radius = ui::px(ui::kControlRadius);
    ui::draw_fill(list, press.min, press.max, ui::button_fill(press, colors.control, false), radius);
    if (row.is_chosen)
        ui::draw_frame(list, press.min, press.max, colors.accent, radius, std::max(1.0f, ui::px(1.5f)));
    float x = press.min.x + ui::px(kRowPad);
    const float y = press.min.y + ui::px(kRowPad - 2);
    if (!row.mark.empty()) {
        ui::draw_text(list, words_font(row), {x, y}, colors.dim, row.mark);
        x += ui::px(kMarkWidth);
    }
    draw_large_lines(words_font(row), {x, y}, colors.text, text.words);
    draw_large_lines(fonts.small_, {x, y + text.words.size.y}, colors.dim, text.details);
    return press.is_clicked;
}

}  // namespace headlight
