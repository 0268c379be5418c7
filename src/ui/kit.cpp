#include "ui/kit.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/log.h"

namespace headlight::ui {
namespace {

Kit* g_kit = nullptr;

}  // namespace

float Kit::px(float px_at_scale_1) const {
    const float scaled = px_at_scale_1 * scale;
    return scaled >= 1 ? std::round(scaled) : scaled;
}

void Kit::configure(ThemeKind new_theme, float new_scale) {
    const bool needs_fonts = fonts.body == nullptr || new_scale != scale;
    theme = new_theme;
    scale = std::clamp(new_scale, 0.5f, 6.0f);
    if (needs_fonts) fonts = load_fonts(scale);
    apply_style(theme, scale);
}

/// The innermost menu or list that is open; Dear ImGui does that only where it navigates by keyboard.
void Kit::close_menu_on_escape() {
    const int num_open = ImGui::GetCurrentContext()->OpenPopupStack.Size;
    was_escape_used = num_open > 0 && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape), false);
    if (was_escape_used) ImGui::ClosePopupToLevel(num_open - 1, true);
}

void Kit::begin_frame() {
    recorder.begin_frame();
    text_cache.begin_frame();
    if (redraw_at > 0 && ImGui::GetTime() >= redraw_at) redraw_at = 0;
    close_menu_on_escape();
    focus.begin_frame(ImGui::GetIO().WantTextInput);
    ImGui::PushFont(fonts.body);
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize(ImGui::GetIO().DisplaySize);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{0, 0});
    ImGui::Begin("##root", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoNav |
                     ImGuiWindowFlags_NoScrollWithMouse);
    ImGui::PopStyleVar();
}

void Kit::end_frame() {
    ImGui::End();
    ImGui::PopFont();
    typed_utf8.clear();
}

Kit& kit() {
    if (g_kit == nullptr) {
        log::error("A widget was drawn outside a frame: there is no interface kit.");
        std::abort();
    }
    return *g_kit;
}

Kit* set_current_kit(Kit* kit) {
    return std::exchange(g_kit, kit);
}

float unseen_width(const std::function<void()>& content, Density density) {
    Kit& current = kit();
    const bool was_recording = std::exchange(current.recorder.is_on, false);
    const bool was_paused = std::exchange(current.focus.is_paused, true);
    const Density before = std::exchange(current.density, density);
    const ImVec2 cursor = ImGui::GetCursorScreenPos();
    ImGui::PushID("##unseen");
    ImGui::SetCursorScreenPos({-30000, -30000});
    ImGui::BeginGroup();
    content();
    ImGui::EndGroup();
    const float width = ImGui::GetItemRectSize().x;
    ImGui::PopID();
    ImGui::SetCursorScreenPos(cursor);
    current.density = before;
    current.recorder.is_on = was_recording;
    current.focus.is_paused = was_paused;
    return std::max(width, 0.0f);
}

const Colors& colors() {
    return kit().colors();
}
float px(float px_at_scale_1) {
    return kit().px(px_at_scale_1);
}

void request_redraw(double delay_s) {
    Kit& current = kit();
    if (delay_s <= 0) {
        current.wants_redraw = true;
        return;
    }
    const double when = ImGui::GetTime() + delay_s;
    if (current.redraw_at <= 0 || when < current.redraw_at) current.redraw_at = when;
}

namespace {

RecordedItem item_now(std::string_view label, ImVec2 min, ImVec2 max) {
    const ImDrawList* list = ImGui::GetWindowDrawList();
    return {.label = std::string(label),
            .id = std::string(id_text(label)),
            .min = min,
            .max = max,
            .clip_min = list->GetClipRectMin(),
            .clip_max = list->GetClipRectMax()};
}

}  // namespace

void record_item(std::string_view label, ImVec2 min, ImVec2 max, bool is_enabled, bool is_selected,
                 std::string_view value) {
    if (!kit().recorder.is_on) return;
    RecordedItem item = item_now(label, min, max);
    item.is_enabled = is_enabled;
    item.is_selected = is_selected;
    item.value = value;
    kit().recorder.record(std::move(item));
}

void record_area(std::string_view label, ImVec2 min, ImVec2 max, bool is_selected) {
    if (!kit().recorder.is_on) return;
    RecordedItem item = item_now(label, min, max);
    item.is_selected = is_selected;
    item.is_area = true;
    kit().recorder.record(std::move(item));
}

}  // namespace headlight::ui
