// Keyboard events between the window system and Dear ImGui.
#include "ui/input/key_queue.h"

#include <algorithm>

namespace headlight::ui {
namespace {

// Of GLFW: Escape, Enter, arrows, modifiers ...; Shift, Ctrl, Alt and Super of both sides.
constexpr int kFirstKeyThatTypesNothing = 256, kFirstModifier = 340;

}  // namespace

std::vector<KeyEvent> KeyQueue::take_frame(bool is_typing) {
    std::vector<KeyEvent> out;
    std::vector<int> changed;
    while (!events_.empty()) {
        const KeyEvent event = events_.front();
        if (event.key == 0) {
            events_.pop_front();
            if ((mods_ & (kCtrl | kSuper)) == 0) out.push_back(event);
            continue;
        }
        const bool is_plain_text =
            is_typing && event.key < kFirstKeyThatTypesNothing && (event.mods & (kCtrl | kAlt | kSuper)) == 0;
        if (!is_plain_text && std::find(changed.begin(), changed.end(), event.key) != changed.end()) break;
        events_.pop_front();
        changed.push_back(event.key);
        if (event.action != 0) mods_ = event.mods;
        if (event.action == 0 && event.key >= kFirstModifier) mods_ = 0;
        out.push_back(event);
    }
    return out;
}

}  // namespace headlight::ui
