// A line at the top of the window that finds words.
#include "ui/dialogs/find_bar.h"

#include <algorithm>
#include <utility>

#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/overlay.h"
#include "ui/plots.h"

namespace headlight::ui {

void FindBar::open(int mode) {
    mode_ = mode;
    is_open_ = takes_focus_ = true;
    request_redraw();
}

FindBar::Event FindBar::draw_line(float width, std::string_view count) {
    Event event = Event::None;
    const bool takes_focus = std::exchange(takes_focus_, false);
    if (takes_focus) ImGui::SetWindowFocus();
    std::vector<Segment> segments;
    for (const Mode& mode : modes_)
        segments.push_back({mode.label, mode.tooltip, true});
    if (segmented("##find_mode", segments, mode_)) {
        takes_focus_ = true;
        event = Event::Changed;
    }
    ImGui::SameLine(0, px(kGap));
    std::string& words = words_[static_cast<std::size_t>(mode_)];
    const std::string label = "##find_words" + (mode_ > 0 ? std::to_string(mode_) : std::string());
    const float room = width - segmented_width(segments) - px(170);
    if (filter_input(label.c_str(), modes_[static_cast<std::size_t>(mode_)].hint, words,
                     std::max(px(90), room), takes_focus))
        event = Event::Changed;
    const bool is_entered =
        ImGui::IsItemDeactivated() && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Enter), false);
    ImGui::SameLine(0, px(kGap));
    if (toolbar_button("\u2191##find_previous", false, !words.empty(), "Shift+Enter"))
        event = Event::Previous;
    ImGui::SameLine(0, 0);
    if (toolbar_button("\u2193##find_next", false, !words.empty(), "Enter")) event = Event::Next;
    ImGui::SameLine(0, 0);
    if (toolbar_button("\u00D7##find_close", false, true, "Escape")) event = Event::Closed;
    ImGui::SameLine(0, px(kGap));
    ImGui::AlignTextToFramePadding();
    text_dim(count);
    if (is_entered) {
        event = ImGui::GetIO().KeyShift ? Event::Previous : Event::Next;
        takes_focus_ = true;  // Enter gave the keyboard back
    }
    return event;
}

FindBar::Event FindBar::draw(ImVec2 corner, float width, std::string_view count, std::string_view problem) {
    if (!is_open_) return Event::None;
    ImGui::SetNextWindowPos(corner, ImGuiCond_Always, {1, 0});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, px(kRadius));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1.0f);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{px(8), px(6)});
    ImGui::PushStyleColor(ImGuiCol_WindowBg, to_u32(colors().popup));
    ImGui::SetNextWindowSizeConstraints({width, 0}, {width, px(400)});
    ImGui::Begin("##find_bar", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoNav | ImGuiWindowFlags_AlwaysAutoResize);
    Event event = draw_line(width - 2 * px(8), count);
    if (!problem.empty()) text_wrapped(problem, colors().warning);
    if (ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape), false) && !kit().was_escape_used) {
        event = Event::Closed;
        kit().was_escape_used = true;
    }
    ImGui::End();
    ImGui::PopStyleColor();
    ImGui::PopStyleVar(3);
    if (event == Event::Closed) is_open_ = false;
    if (event != Event::None) request_redraw();
    return event;
}

}  // namespace headlight::ui
