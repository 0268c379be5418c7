#include "ui/overlay.h"

#include <imgui_stdlib.h>

#include <algorithm>

#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight::ui {

bool begin_overlay(const OverlaySpec& spec) {
    kit().focus.begin_overlay();
    const ImVec2 screen = ImGui::GetIO().DisplaySize;
    const std::string shade_id = std::string("##shade_") + spec.id,
                      window_id = std::string("##overlay_") + spec.id;
    // The shade is a window of its own, so that nothing under it reacts.
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize(screen);
    ImGui::PushStyleColor(ImGuiCol_WindowBg, to_u32(colors().shade));
    ImGui::Begin(shade_id.c_str(), nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoFocusOnAppearing);
    const bool is_beside_clicked = ImGui::IsWindowHovered() && ImGui::IsMouseClicked(ImGuiMouseButton_Left);
    if (ImGui::IsWindowAppearing()) ImGui::SetWindowFocus();
    ImGui::End();
    ImGui::PopStyleColor();

    const ImVec2 size{std::min(spec.size.x, screen.x - px(24)),
                      spec.size.y > 0 ? std::min(spec.size.y, screen.y - px(24)) : 0};
    ImGui::SetNextWindowPos({0.5f * screen.x, spec.top_share * screen.y}, ImGuiCond_Always,
                            {0.5f, spec.is_top ? 0.0f : 0.5f});
    ImGui::SetNextWindowSize(size);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, px(kRadius + 2));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1.0f);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{px(14), px(14)});
    ImGui::PushStyleColor(ImGuiCol_WindowBg, to_u32(colors().popup));
    ImGui::Begin(window_id.c_str(), nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoNav);
    if (ImGui::IsWindowAppearing()) {
        ImGui::SetWindowFocus();
        request_redraw();
    }
    const bool is_escaped =
        ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape), false) && !kit().was_escape_used;
    return !is_escaped && !is_beside_clicked;
}

void end_overlay() {
    kit().focus.end_overlay();
    ImGui::End();
    ImGui::PopStyleColor();
    ImGui::PopStyleVar(3);
}

bool filter_input(const char* label, const char* hint, std::string& text, float width, bool wants_focus) {
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2{px(10), px(7)});
    ImGui::SetNextItemWidth(width);
    if (wants_focus) ImGui::SetKeyboardFocusHere();
    const std::string shown = shorten_text(ImGui::GetFont(), hint, width - 2 * px(10));
    const bool has_changed = ImGui::InputTextWithHint(label, shown.c_str(), &text);
    record_item(label, ImGui::GetItemRectMin(), ImGui::GetItemRectMax(), true, ImGui::IsItemActive(), text);
    ImGui::PopStyleVar();
    return has_changed;
}

}  // namespace headlight::ui
