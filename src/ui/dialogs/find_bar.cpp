// A line at the top of the window that finds words.
#include "ui/dialogs/find_bar.h"

#include <utility>

#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/overlay.h"
#include "ui/plots.h"

namespace headlight::ui {

void FindBar::open() {
    is_open_ = takes_focus_ = true;
    request_redraw();
}

FindBar::Event FindBar::draw(ImVec2 corner, std::string_view count) {
    if (!is_open_) return Event::None;
    Event event = Event::None;
    ImGui::SetNextWindowPos(corner, ImGuiCond_Always, {1, 0});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, px(kRadius));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1.0f);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{px(8), px(6)});
    ImGui::PushStyleColor(ImGuiCol_WindowBg, to_u32(colors().popup));
    ImGui::Begin("##find_bar", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoNav | ImGuiWindowFlags_AlwaysAutoResize);
    const bool takes_focus = std::exchange(takes_focus_, false);
    if (takes_focus) ImGui::SetWindowFocus();
    if (filter_input("##find_words", "Find in the text", words_, px(200), takes_focus))
        event = Event::Changed;
    const bool is_entered =
        ImGui::IsItemDeactivated() && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Enter), false);
    ImGui::SameLine(0, px(kGap));
    ImGui::AlignTextToFramePadding();
    text_dim(count);
    ImGui::SameLine(0, px(kGap));
    if (toolbar_button("\u2191##find_previous", false, !words_.empty(), "Shift+Enter"))
        event = Event::Previous;
    ImGui::SameLine(0, 0);
    if (toolbar_button("\u2193##find_next", false, !words_.empty(), "Enter")) event = Event::Next;
    ImGui::SameLine(0, 0);
    if (toolbar_button("\u00D7##find_close", false, true, "Escape")) is_open_ = false;
    if (is_entered) {
        event = ImGui::GetIO().KeyShift ? Event::Previous : Event::Next;
        takes_focus_ = true;  // Enter gave the keyboard back
    }
    if (ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape), false) && !kit().was_escape_used) {
        is_open_ = false;
        kit().was_escape_used = true;
    }
    ImGui::End();
    ImGui::PopStyleColor();
    ImGui::PopStyleVar(3);
    if (event != Event::None || !is_open_) request_redraw();
    return event;
}

}  // namespace headlight::ui
