// A line at the top of the window that finds words: Enter goes to the next place, Shift+Enter to the one
// before.
#pragma once

#include <imgui.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headlight::ui {

class FindBar {
  public:
    enum class Event { None, Changed, Next, Previous, Closed };
    /// One kind of thing to find: its name on the switch, and what the empty line says.
    struct Mode {
        const char* label = "";
        const char* hint = "";
        const char* tooltip = nullptr;
    };
    /// `modes` must outlive the bar.
    explicit FindBar(std::span<const Mode> modes) : modes_(modes), words_(modes.size()) {}

    void open(int mode);
    bool is_open() const { return is_open_; }
    int mode() const { return mode_; }
    /// Of the mode.
    const std::string& words() const { return words_[static_cast<std::size_t>(mode_)]; }
    void set_words(int mode, std::string words) { words_[static_cast<std::size_t>(mode)] = std::move(words); }
    /// Draws with its top right corner at `corner`, at most `width` wide; `count` stands beside the words ("3
    /// of 12"), `problem` under them. Escape closes. Changed: other words, or another mode.
    Event draw(ImVec2 corner, float width, std::string_view count, std::string_view problem);

  private:
    Event draw_line(float width, std::string_view count);

    std::span<const Mode> modes_;
    bool is_open_ = false, takes_focus_ = false;
    int mode_ = 0;
    std::vector<std::string> words_;  // [mode]
};

}  // namespace headlight::ui
