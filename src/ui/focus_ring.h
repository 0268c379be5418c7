// Everything that can be pressed, by keyboard: Tab goes on, Shift+Tab back, Enter or Space presses, a frame
// shows where. Menus and dialogs that are open keep it to themselves. Dear ImGui's own navigation would take
// the arrow keys, which choose heads here.
#pragma once

#include <imgui.h>

#include <vector>

namespace headlight::ui {

class FocusRing {
  public:
    /// At the start of a frame: takes the keys. `is_typing`: they belong to a text.
    void begin_frame(bool is_typing);
    /// Right after an item that can be pressed: makes it a stop, frames it while it is in focus. True when it
    /// was pressed by keyboard.
    bool stop(ImVec2 min, ImVec2 max);
    /// The next item that is drawn gets the focus (F10: the first menu).
    void wish_menu() { wants_menu_ = true; }
    /// The last stop is the one in focus: arrow keys may be its own.
    bool is_on_last() const { return is_shown_ && !stops_.empty() && stops_.back() == focused_; }
    bool take_menu_wish();
    /// The stop in focus is moved by arrow keys: until it is not, they are nobody else's.
    void take_arrows() { takes_arrows_ = true; }
    bool has_arrows() const { return has_arrows_; }
    void begin_overlay() {
        ++overlay_depth_;
        has_overlay_ = true;
    }
    void end_overlay() { --overlay_depth_; }
    /// What is drawn unseen is no stop.
    bool is_paused = false;
    /// The keyboard went to a text.
    void hide() { is_shown_ = false; }
    bool is_shown() const { return is_shown_; }
    ImGuiID focused() const { return focused_; }

  private:
    void move(int step);
    std::vector<ImGuiID> stops_, last_stops_;  // in the order of drawing; of this frame, of the last
    ImGuiID focused_ = 0;
    bool is_shown_ = false, is_pressed_ = false, has_moved_ = false, wants_menu_ = false;
    bool takes_arrows_ = false, has_arrows_ = false;
    bool has_overlay_ = false, had_overlay_ = false;
    int overlay_depth_ = 0;
};

}  // namespace headlight::ui
