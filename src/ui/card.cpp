#include "ui/card.h"

#include <algorithm>
#include <string>

#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "ui/shaped_text.h"

namespace headlight::ui {
namespace {

// Draws `content` with its right end at `right`. Its width is known from the frame before; the very first
// time it is drawn unseen and another frame is asked for.
float draw_right_aligned(const char* id, const std::function<void()>& content, float right, float top) {
    ImGuiStorage* storage = ImGui::GetStateStorage();
    const ImGuiID key = ImGui::GetID(id);
    const float known = storage->GetFloat(key, -1);
    if (known < 0) ImGui::PushStyleVar(ImGuiStyleVar_Alpha, 0.0f);
    ImGui::SetCursorScreenPos({right - std::max(known, 0.0f), top});
    ImGui::BeginGroup();
    content();
    ImGui::EndGroup();
    const float width = ImGui::GetItemRectSize().x;
    if (known < 0) ImGui::PopStyleVar();
    if (width != known) {
        storage->SetFloat(key, width);
        request_redraw();
    }
    return std::max(width, 0.0f);
}

void draw_header(const CardSpec& spec, ImVec2 pos, float width) {
    const Colors& c = colors();
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* bold = kit().fonts.semibold;
    const float height = px(kHeaderHeight), pad = px(kCardPadding);
    const float control_top = pos.y + std::max(0.0f, 0.5f * (height - px(kControlHeight)));
    float right = pos.x + width - px(10);
    if (spec.controls) right -= draw_right_aligned("##controls", spec.controls, right, control_top) + px(12);

    const float text_top = pos.y + 0.5f * (height - bold->FontSize);
    float x = pos.x + pad;
    const std::string title = shorten_text(bold, spec.title, std::max(0.0f, right - x));
    draw_text(list, bold, {x, text_top}, c.text, title);
    x += measure_text(bold, title).x + px(10);
    if (spec.after_title) {
        ImGui::SetCursorScreenPos({x, control_top});
        ImGui::BeginGroup();
        spec.after_title();
        ImGui::EndGroup();
        const float used = ImGui::GetItemRectSize().x;
        if (used > 0) x += used + px(10);
    }
    ImFont* body = kit().fonts.body;
    draw_text(list, body, {x, pos.y + 0.5f * (height - body->FontSize)}, c.dim,
              shorten_text(body, spec.context, std::max(0.0f, right - x)));
    draw_hline(list, pos.x + 1, pos.x + width - 1, pos.y + height, c.line);
}

}  // namespace

bool begin_card(const CardSpec& spec, ImVec2 pos, ImVec2 size) {
    ImGui::PushID(spec.id);
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 end{pos.x + size.x, pos.y + size.y};
    draw_fill(list, pos, end, colors().card, px(kRadius));
    draw_frame(list, pos, end, colors().line, px(kRadius));
    record_item(std::string("card_") + spec.id, pos, end);
    float top = pos.y;
    if (!spec.title.empty()) {
        draw_header(spec, pos, size.x);
        top += px(kHeaderHeight) + 1;
    }
    const float pad = spec.has_padding ? px(kCardPadding) : px(1);
    const float pad_y = spec.has_padding ? px(10) : px(1);
    // Fills of rows reach a little beyond their text: the body is that much wider and padded by it.
    const float bleed = spec.has_padding ? px(kRowBleed) : 0;
    ImGui::SetCursorScreenPos({pos.x + pad - bleed, top + pad_y});
    const ImVec2 body{std::max(1.0f, size.x - 2 * (pad - bleed)), std::max(1.0f, end.y - top - 2 * pad_y)};
    ImGui::PushStyleVar(ImGuiStyleVar_Alpha, std::clamp(spec.opacity, 0.05f, 1.0f));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{bleed, 0});
    const ImGuiWindowFlags flags =
        ImGuiWindowFlags_NoNav | ImGuiWindowFlags_AlwaysUseWindowPadding |
        (spec.scrolls ? 0 : ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
    const bool is_visible = ImGui::BeginChild("##body", body, false, flags);
    ImGui::PopStyleVar();
    return is_visible;
}

void end_card() {
    ImGui::EndChild();
    ImGui::PopStyleVar();
    ImGui::PopID();
}

bool draw_card_state(const CardStateSpec& spec) {
    const Colors& c = colors();
    const ImVec2 origin = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    ImFont* font = kit().fonts.body;
    const float wrap = std::min(room.x - px(24), px(420));
    const std::string sentence(spec.sentence);
    const ImVec2 size = font->CalcTextSizeA(font->FontSize, 1e9f, std::max(wrap, px(60)), sentence.c_str());
    const bool has_progress = spec.state == CardState::Loading;
    const float quoted = spec.quoted.empty() ? 0.0f : px(26);
    const float extra =
        quoted + (has_progress ? px(22) : 0) + (spec.button != nullptr ? px(kControlHeight) + px(14) : 0);
    float y = origin.y + std::max(0.0f, 0.5f * (room.y - size.y - extra));
    const float x = origin.x + 0.5f * (room.x - size.x);

    ImDrawList* list = ImGui::GetWindowDrawList();
    if (spec.state == CardState::Error)
        draw_dot(list, {x - px(12), y + 0.5f * font->FontSize}, px(4), c.error);
    list->AddText(font, font->FontSize, {x, y}, to_u32(spec.state == CardState::Error ? c.text : c.dim),
                  sentence.c_str(), nullptr, std::max(wrap, px(60)));
    record_item("state", {x, y}, {x + size.x, y + size.y}, true, false, sentence);
    y += size.y + px(14);
    if (quoted > 0) {
        const std::string shown = shorten_shaped(spec.quoted, std::max(wrap, px(60)));
        draw_shaped(list, {origin.x + 0.5f * (room.x - measure_shaped(shown).advance), y - px(6)}, shown,
                    c.text);
        record_item("state_quoted", {x, y}, {x + size.x, y + quoted}, true, false, spec.quoted);
        y += quoted;
    }
    if (has_progress) {
        const float width = std::min(room.x - px(24), px(240));
        ImGui::SetCursorScreenPos({origin.x + 0.5f * (room.x - width), y - px(2)});
        progress({.fraction = spec.fraction, .width = width});
        y += px(22);
    }
    if (spec.button == nullptr) return false;
    const float button_width = measure_text(kit().fonts.body, visible_text(spec.button)).x + 2 * px(12);
    ImGui::SetCursorScreenPos({origin.x + 0.5f * (room.x - button_width), y});
    return pill_button(spec.button, spec.state != CardState::Loading);
}

}  // namespace headlight::ui
