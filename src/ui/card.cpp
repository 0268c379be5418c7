#include "ui/card.h"

#include <algorithm>
#include <string>

#include "ui/controls.h"
#include "ui/dialogs/dialogs.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/rows.h"
#include "ui/shaped_text.h"

namespace headlight::ui {
namespace {

constexpr float kMoreWidth = 28, kLeastChips = 96, kLeastContext = 72;

/// How the controls of a header draw themselves so that title and chips keep their room, and how wide.
struct HeaderFit {
    Density density = Density::Full;
    float width = 0;
};

HeaderFit fit_controls(const CardSpec& spec, float room) {
    if (!spec.controls) return {};
    for (const Density density : {Density::Full, Density::Compact}) {
        const float width = unseen_width(spec.controls, density);
        if (width <= room) return {density, width};
    }
    return {Density::Menu, px(kMoreWidth)};
}

void draw_controls(const CardSpec& spec, const HeaderFit& fit, ImVec2 pos) {
    if (!spec.controls) return;
    ImGui::SetCursorScreenPos(pos);
    if (fit.density == Density::Menu) {
        ImGui::PushID("##more");
        if (toolbar_button("\u2026##card_more")) ImGui::OpenPopup("##more_menu");
        const float right = ImGui::GetItemRectMax().x;
        if (begin_menu_popup("##more_menu", {right, pos.y + px(kControlHeight) + px(4)}, 1)) {
            kit().density = Density::Menu;
            spec.controls();
            kit().density = Density::Full;
            ImGui::EndPopup();
        }
        ImGui::PopID();
        return;
    }
    kit().density = fit.density;
    ImGui::BeginGroup();
    spec.controls();
    ImGui::EndGroup();
    kit().density = Density::Full;
}

/// Width of the chips after the title; nothing is drawn where they do not fit.
float draw_chips(const CardSpec& spec, ImVec2 pos, float room) {
    if (!spec.after_title) return 0;
    kit().header_room = room;
    const float width = unseen_width(spec.after_title, Density::Full);
    if (width <= 0 || width > room) return 0;
    ImGui::SetCursorScreenPos(pos);
    ImGui::BeginGroup();
    spec.after_title();
    ImGui::EndGroup();
    return width;
}

void draw_header(const CardSpec& spec, ImVec2 pos, float width) {
    const Colors& c = colors();
    ImDrawList* list = ImGui::GetWindowDrawList();
    ImFont* bold = kit().fonts.semibold;
    const float height = px(kHeaderHeight), pad = px(kCardPadding);
    const float control_top = pos.y + std::max(0.0f, 0.5f * (height - px(kControlHeight)));
    float right = pos.x + width - px(10), x = pos.x + pad;
    const float title_width = measure_text(bold, spec.title).x + px(10);
    kit().header_room = px(10000);
    const float chips =
        spec.after_title ? std::min(unseen_width(spec.after_title, Density::Full), px(kLeastChips)) : 0;
    const HeaderFit fit = fit_controls(spec, right - x - title_width - chips - px(12));
    if (spec.controls) right -= fit.width;
    draw_controls(spec, fit, {right, control_top});
    if (spec.controls) right -= px(12);

    const float text_top = pos.y + 0.5f * (height - bold->FontSize);
    const std::string title = shorten_text(bold, spec.title, std::max(0.0f, right - x));
    draw_text(list, bold, {x, text_top}, c.text, title);
    ImGui::SetCursorScreenPos({pos.x, pos.y});
    if (right > pos.x + pad) {
        const ItemResponse area = hot_area("##card_title", pos, {right - pos.x, height});
        kit().was_title_double_clicked |= area.is_double_clicked;
        ImGui::SetItemAllowOverlap();
    }
    x += measure_text(bold, title).x + px(10);
    if (const float used = draw_chips(spec, {x, control_top}, right - x); used > 0) x += used + px(10);
    ImFont* body = kit().fonts.body;
    // A few letters of a context say nothing.
    const bool has_context = right - x >= std::min(px(kLeastContext), measure_text(body, spec.context).x);
    if (has_context)
        draw_text(list, body, {x, pos.y + 0.5f * (height - body->FontSize)}, c.dim,
                  shorten_text(body, spec.context, right - x));
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
    if (spec.scrolls) {
        const ImVec2 corner = ImGui::GetWindowPos();
        record_item(kScrollArea, corner, {corner.x + body.x, corner.y + body.y});
    }
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
    const std::string sentence = wrap_text(font, spec.sentence, std::max(wrap, px(60)));
    const ImVec2 size = measure_text(font, sentence);
    const bool has_progress = spec.state == CardState::Loading;
    const float quoted = spec.quoted.empty() ? 0.0f : px(26);
    float extra = quoted + (has_progress ? px(22) : 0);
    // A low card keeps its sentence: the button stands where there is room for it.
    const float with_button = extra + px(kControlHeight) + px(14);
    const bool has_button = spec.button != nullptr && size.y + with_button <= room.y;
    if (has_button) extra = with_button;
    float y = origin.y + std::max(0.0f, 0.5f * (room.y - size.y - extra));
    const float x = origin.x + 0.5f * (room.x - size.x);

    ImDrawList* list = ImGui::GetWindowDrawList();
    if (spec.state == CardState::Error)
        draw_dot(list, {x - px(12), y + 0.5f * font->FontSize}, px(4), c.error);
    list->AddText(font, font->FontSize, {x, y}, to_u32(spec.state == CardState::Error ? c.text : c.dim),
                  sentence.c_str());
    record_item("state", {x, y}, {x + size.x, y + size.y}, true, false, spec.sentence);
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
    if (!has_button) return false;
    const float button_width = measure_text(kit().fonts.body, visible_text(spec.button)).x + 2 * px(12);
    ImGui::SetCursorScreenPos({origin.x + 0.5f * (room.x - button_width), y});
    return pill_button(spec.button, spec.state != CardState::Loading);
}

}  // namespace headlight::ui
