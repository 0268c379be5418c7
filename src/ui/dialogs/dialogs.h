// Dialogs: choose from a list, browse folders for something to open, and the menu bar's helpers.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ui/controls.h"
#include "ui/dialogs/palette.h"

namespace headlight::ui {

/// One line of a folder listing.
struct FolderEntry {
    std::string name;
    bool is_folder = false;
    std::uint64_t size_bytes = 0;
    std::string note;  // dim, e.g. "model"; from FileBrowser::Spec::describe
};
/// Folders first, then by name without case; hidden ones left out; at most 5000. Errors: Missing;
/// Unsupported.
Result<std::vector<FolderEntry>> list_folder(const std::string& path);

/// What was typed, completed as far as all names of its folder that begin so agree; a folder that is the only
/// one gets its "/". Relative paths are of `dir`, "~" is the home folder.
std::string complete_path(const std::string& typed, const std::string& dir);
/// The path that was meant: of `dir` where it is relative, "~" replaced.
std::string absolute_path(const std::string& typed, const std::string& dir);

/// A folder browser: typed path, places, folders and files; a folder can itself be the choice.
class FileBrowser {
  public:
    struct Spec {
        std::string title = "Open";
        std::string button = "Open";
        std::vector<std::string> extensions;  // shown files, with dots; empty: all
        bool picks_folders = true;
        bool picks_new_file = false;  // save: the typed name need not exist
        bool takes_names = false;     // what is typed may be no path, such as org/name: handed on as it is
        std::function<std::string(const std::string& path, bool is_folder)>
            describe;  // note for a line, may be empty: a folder with one can be opened
        /// Stand above the first folder's listing: what is likely meant. `path` may be a name.
        struct Suggestion {
            std::string path, note;
        };
        std::vector<Suggestion> suggestions;
    };
    void open(Spec spec, const std::string& start_dir);
    bool is_open() const { return is_open_; }
    /// Draws while open. Returns the chosen path once.
    std::optional<std::string> draw();

  private:
    void go_to(const std::string& dir);
    void draw_places();
    std::optional<std::string> draw_suggestions();
    std::optional<std::string> draw_list();
    std::optional<std::string> draw_footer();
    bool draw_path(float width);
    std::optional<std::string> take_typed(bool is_entered);
    Spec spec_;
    bool is_open_ = false, takes_focus_ = false, has_moved_ = false;  // has_moved_: to another folder
    std::string dir_, typed_, error_;
    std::vector<FolderEntry> entries_;
    int selected_ = -1;
};

/// A modal list with a filter line ("Sessions", "Lessons"). Returns the chosen entry's id.
class ListDialog {
  public:
    void open(std::string title, std::vector<PaletteEntry> entries);
    bool is_open() const { return is_open_; }
    std::optional<std::string> draw();

  private:
    bool is_open_ = false;
    std::string title_, filter_;
    std::vector<PaletteEntry> entries_;
};

/// A modal text ("About", the whole of an error, keyboard shortcuts) with one button.
class TextDialog {
  public:
    void open(std::string title, std::string body);
    bool is_open() const { return is_open_; }
    void draw();

  private:
    bool is_open_ = false;
    std::string title_, body_;
};

/// A line of words for something. Returns what was typed once, when Enter or the button was pressed.
class InputDialog {
  public:
    void open(std::string title, std::string body, std::string usage);
    bool is_open() const { return is_open_; }
    std::optional<std::string> draw();

  private:
    bool is_open_ = false, takes_focus_ = false;
    std::string title_, body_, usage_, typed_;
};

/// A question with a few answers. Returns the chosen answer's index once, -1 when it was closed without one.
class ChoiceDialog {
  public:
    void open(std::string title, std::string body, std::vector<std::string> answers);
    bool is_open() const { return is_open_; }
    std::optional<int> draw();

  private:
    bool is_open_ = false;
    std::string title_, body_;
    std::vector<std::string> answers_;
};

/// The top bar: name, menus, a chip in the middle; dim text, a switch of segments and a pill at the right.
/// `menus` is called with the menu bar open: use menu() and menu_item() in it.
struct TopBarSpec {
    std::string_view name;
    std::string_view chip_strong, chip_dim;  // "SmolLM2-135M", "llama, 30 layers"
    std::string_view right;
    std::span<const Segment> segments;   // a switch left of the button; empty: none
    int selected = 0;                    // of the segments
    const char* right_button = nullptr;  // "Ctrl P  commands##palette"
    const char* short_button = nullptr;  // the same where there is little room
    std::function<void()> menus;
    std::span<const Segment> variants = {};  // of what is open, a switch beside the chip; empty: there is one
    int variant = 0;                         // the chosen one
};
struct TopBarResponse {
    bool is_chip_clicked = false, is_button_clicked = false;
    int chosen_segment = 0, chosen_variant = 0;
};
/// In a narrow bar the dim texts go first, then the segments become a chip, the menus one button with all of
/// them, and the other words get short. Height of the bar at the current scale:
float top_bar_height();
TopBarResponse top_bar(const TopBarSpec& spec, ImVec2 pos, float width);
/// A popup that opens at `pos` and scrolls where it is higher than the window. False: it is closed;
/// ImGui::EndPopup() is due when true. `pivot_x` 1: `pos` is its right end.
bool begin_menu_popup(const char* id, ImVec2 pos, float pivot_x = 0);
/// `body` draws the items while the menu is open.
void menu(const char* label, const std::function<void()>& body);
/// A line of a menu that opens another one.
void submenu(const char* label, const std::function<void()>& body);
/// `closes`: the menu closes when it is pressed.
bool menu_item(const char* label, std::string_view shortcut = {}, bool is_enabled = true,
               bool is_checked = false, bool closes = true);
void menu_separator();

}  // namespace headlight::ui
