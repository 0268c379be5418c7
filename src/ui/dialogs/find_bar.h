// A line at the top of the window that finds words: Enter goes to the next place, Shift+Enter to the one
// before.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>

namespace headlight::ui {

class FindBar {
  public:
    enum class Event { None, Changed, Next, Previous };
    void open();
    bool is_open() const { return is_open_; }
    const std::string& words() const { return words_; }
    /// Draws with its top right corner at `corner`; `count` stands beside the words ("3 of 12"). Escape
    /// closes.
    Event draw(ImVec2 corner, std::string_view count);

  private:
    bool is_open_ = false, takes_focus_ = false;
    std::string words_;
};

}  // namespace headlight::ui
