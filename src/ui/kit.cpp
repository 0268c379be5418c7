#include "ui/kit.h"

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

void Kit::begin_frame() {
    recorder.begin_frame();
    text_cache.begin_frame();
    if (redraw_at > 0 && ImGui::GetTime() >= redraw_at) redraw_at = 0;
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

void record_item(std::string_view label, ImVec2 min, ImVec2 max, bool is_enabled, bool is_selected,
                 std::string_view value) {
    kit().recorder.record(label, min, max, is_enabled, is_selected, value);
}

}  // namespace headlight::ui
