#include "ui/interface_text.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "ui/kit.h"

namespace headlight::ui {

ImVec2 measure_text(ImFont* font, std::string_view line) {
    if (line.empty()) return {0, font->FontSize};  // ImGui takes a null end for "up to the terminating zero"
    return font->CalcTextSizeA(font->FontSize, 1e9f, 0, line.data(), line.data() + line.size());
}

void draw_text(ImDrawList* list, ImFont* font, ImVec2 pos, Rgba color, std::string_view line) {
    if (line.empty()) return;
    list->AddText(font, font->FontSize, {std::round(pos.x), std::round(pos.y)},
                  ImGui::GetColorU32(to_vec4(color)), line.data(), line.data() + line.size());
}

void draw_text_centered(ImDrawList* list, ImFont* font, ImVec2 min, ImVec2 max, Rgba color,
                        std::string_view line) {
    const ImVec2 size = measure_text(font, line);
    draw_text(list, font, {0.5f * (min.x + max.x - size.x), 0.5f * (min.y + max.y - size.y)}, color, line);
}

std::string wrap_text(ImFont* font, std::string_view paragraph, float width) {
    std::string out;
    std::size_t line_begin = 0;  // in `out`
    const auto line_with = [&](std::string_view word) {
        return measure_text(font, out.substr(line_begin) + std::string(word)).x;
    };
    for (std::size_t at = 0; at < paragraph.size();) {
        if (paragraph[at] == '\n') {
            out += paragraph[at++];
            line_begin = out.size();
            continue;
        }
        const std::size_t end = std::min(paragraph.find_first_of(" \n", at + 1), paragraph.size());
        std::string_view word = paragraph.substr(at, end - at);  // with the space before it
        at = end;
        if (out.size() > line_begin && line_with(word) > width) {
            out += '\n';
            line_begin = out.size();
            if (word.starts_with(' ')) word.remove_prefix(1);
        }
        for (std::size_t byte = 0; byte < word.size();) {  // letter by letter only where the word is too wide
            const bool fits = line_with(word.substr(byte)) <= width;
            const std::size_t size = fits ? word.size() - byte : utf8::decode(word, byte).size_bytes;
            if (!fits && out.size() > line_begin && line_with(word.substr(byte, size)) > width) {
                out += '\n';
                line_begin = out.size();
            }
            out += word.substr(byte, size);
            byte += size;
        }
    }
    return out;
}

std::string shorten_text(ImFont* font, std::string_view line, float max_width) {
    if (measure_text(font, line).x <= max_width) return std::string(line);
    const std::string ellipsis = "\xE2\x80\xA6";
    const float room = max_width - measure_text(font, ellipsis).x;
    std::size_t cut = 0;
    for (std::size_t byte = 0; byte < line.size();) {
        byte += utf8::decode(line, byte).size_bytes;
        if (measure_text(font, line.substr(0, byte)).x > room) break;
        cut = byte;
    }
    while (cut > 0 && line[cut - 1] == ' ')
        --cut;
    return room <= 0 ? std::string() : std::string(line.substr(0, cut)) + ellipsis;
}

}  // namespace headlight::ui
