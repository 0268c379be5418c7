// The command palette: type a few letters of any command, Enter runs it.
#pragma once

#include <imgui.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headlight::ui {

struct PaletteEntry {
    std::string id;        // what is handed back
    std::string label;     // "Theme: light"
    std::string help;      // one dim line
    std::string shortcut;  // "Ctrl+P"
    bool is_enabled = true;
};

/// How well `pattern` matches `text` as a subsequence (ASCII letters without case): higher is better, nothing
/// when it does not. Matches at word starts and runs count more. `hits` receives the matched byte positions.
std::optional<int> fuzzy_score(std::string_view pattern, std::string_view text,
                               std::vector<std::size_t>* hits = nullptr);

class CommandPalette {
  public:
    void open(std::string filter = {});
    void close() { is_open_ = false; }
    bool is_open() const { return is_open_; }
    /// Draws while open. Returns the chosen entry's id, with what was typed in `typed` when it is not null
    /// (so that commands with arguments can be typed whole: text that matches nothing is handed back with id
    /// "").
    std::optional<std::string> draw(std::span<const PaletteEntry> entries, std::string* typed = nullptr);

  private:
    void rank(std::span<const PaletteEntry> entries);
    bool draw_entry(const PaletteEntry& entry, int rank, float width);
    bool is_open_ = false, takes_focus_ = false;
    std::string filter_;
    std::string ranked_filter_;  // what order_ was made for
    std::size_t ranked_count_ = 0;
    std::vector<int> order_;  // indices of matching entries, best first
    int cursor_ = 0;
};

}  // namespace headlight::ui
