// Everything that can be pressed, by keyboard.
#include "ui/focus_ring.h"

#include <imgui_internal.h>

#include <algorithm>
#include <utility>

#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight::ui {
namespace {

bool is_key_pressed(ImGuiKey key) {
    return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key));
}

bool is_menu_open() {
    return ImGui::GetCurrentContext()->OpenPopupStack.Size > 0;
}

}  // namespace

void FocusRing::move(int step) {
    if (last_stops_.empty()) return;
    const auto count = static_cast<std::ptrdiff_t>(last_stops_.size());
    const auto at = std::find(last_stops_.begin(), last_stops_.end(), focused_);
    std::ptrdiff_t next = step > 0 ? 0 : count - 1;
    if (at != last_stops_.end()) next = (at - last_stops_.begin() + step + count) % count;
    focused_ = last_stops_[static_cast<std::size_t>(next)];
    is_shown_ = has_moved_ = true;
    request_redraw();
}

void FocusRing::begin_frame(bool is_typing) {
    last_stops_ = std::exchange(stops_, {});
    had_overlay_ = std::exchange(has_overlay_, false);
    has_arrows_ = std::exchange(takes_arrows_, false);
    overlay_depth_ = 0;
    is_pressed_ = has_moved_ = false;
    const ImGuiIO& io = ImGui::GetIO();
    if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) is_shown_ = false;
    if (is_typing || io.KeyCtrl || io.KeyAlt) return;
    if (is_key_pressed(ImGuiKey_Tab)) move(io.KeyShift ? -1 : 1);
    if (is_menu_open() && is_key_pressed(ImGuiKey_DownArrow)) move(1);
    if (is_menu_open() && is_key_pressed(ImGuiKey_UpArrow)) move(-1);
    is_pressed_ = is_shown_ && (is_key_pressed(ImGuiKey_Enter) || is_key_pressed(ImGuiKey_Space));
}

bool FocusRing::take_menu_wish() {
    return std::exchange(wants_menu_, false);
}

bool FocusRing::stop(ImVec2 min, ImVec2 max) {
    const ImGuiWindow* window = ImGui::GetCurrentWindow();
    const bool is_in_menu = (window->Flags & ImGuiWindowFlags_Popup) != 0;
    if (is_paused || (is_menu_open() && !is_in_menu) || (had_overlay_ && overlay_depth_ == 0)) return false;
    const ImGuiID id = ImGui::GetItemID();
    stops_.push_back(id);
    if (id != focused_ || !is_shown_) return false;
    if (has_moved_ && window->ScrollMax.y > 0) ImGui::SetScrollHereY(0.5f);
    draw_frame(ImGui::GetWindowDrawList(), {min.x - 1, min.y - 1}, {max.x + 1, max.y + 1}, colors().text,
               px(kControlRadius), std::max(1.0f, px(1.5f)));
    return std::exchange(is_pressed_, false);
}

}  // namespace headlight::ui
