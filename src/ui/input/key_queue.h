// Keyboard events between the window system and Dear ImGui 1.86, which only knows which keys are down when a
// frame begins: a press and its release in one slow frame would be lost, and with them the modifier that was
// held. The queue hands out as much as one frame can show and keeps the rest, in order, for the next ones.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

namespace headlight::ui {

/// A key or a character, as the window system reported it.
struct KeyEvent {
    int key = 0;  // 0: a character was typed
    int scancode = 0;
    int action = 0;      // 0: released, 1: pressed, 2: repeated
    int mods = 0;        // held with it, in the window system's bits
    unsigned typed = 0;  // code point, when key is 0
};

class KeyQueue {
  public:
    void push(const KeyEvent& event) { events_.push_back(event); }
    bool is_empty() const { return events_.empty(); }

    /// The events of the next frame: up to the first that would change a key for the second time. While a
    /// text is typed, plain letters are not waited for: a text box takes them as characters.
    /// Characters that came with Ctrl or Super held are no text and are left out.
    std::vector<KeyEvent> take_frame(bool is_typing);

    /// Bits of the window system (GLFW).
    static constexpr int kShift = 1, kCtrl = 2, kAlt = 4, kSuper = 8;

  private:
    std::deque<KeyEvent> events_;
    int mods_ = 0;  // of the last key event: characters are typed with them
};

}  // namespace headlight::ui
