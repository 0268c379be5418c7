// The monkey's hands: steps with mouse and keyboard as what Dear ImGui is given frame by frame.
#pragma once

#include <imgui.h>

#include <deque>
#include <string>

#include "app/monkey_steps.h"
#include "ui/item_recorder.h"

namespace headlight {

class MonkeyHands {
  public:
    /// Lays out a step in frames. `items` are those of the last frame, `size` is the window's in pixels.
    /// Returns the widget that a place was found on; empty: none.
    std::string plan(const MonkeyStep& step, const std::vector<ui::RecordedItem>& items, ImVec2 size);
    bool is_moving() const { return !frames_.empty(); }
    /// Before a frame begins: what the hands do in it. Time goes on by a 60th of a second a frame whatever
    /// the clock says, so that a double click is one on every machine. `typed` gets what was typed.
    void feed(ImGuiIO& io, std::string& typed);

  private:
    struct Frame {
        ImVec2 pos{-1000, -1000};
        bool is_down[3] = {};
        float wheel = 0;
        int key = -1;
        Shortcut modifiers;
        std::string typed;
    };
    Frame& add(const Shortcut& modifiers);
    std::deque<Frame> frames_;
    ImVec2 pos_{-1000, -1000};
    int held_key_ = -1;
};

}  // namespace headlight
