// Every user action is a text command: menus, keys, palette, scripts and tests share this registry.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "session/find/find_state.h"
#include "session/session.h"

namespace headlight {

/// Asks for a file that `command` is then run with.
struct FileQuestion {
    std::string title, button;
    std::vector<std::string> extensions;  // that are listed: ".safetensors"
    std::string command;                  // id
    bool is_new = false;                  // it need not be there yet: to be written
};

/// What only a window can do. The app implements it; tests and scripts without a window hand in a recorder.
class Shell {
  public:
    virtual ~Shell() = default;
    /// Writes the window's picture after the next drawn frame.
    virtual Status screenshot(const std::string& path) = 0;
    virtual void quit() = 0;
    /// Shows and focuses a view by id; unknown ids are InvalidInput.
    virtual Status show_view(const std::string& id) = 0;
    /// Whether the window has a workspace of that id; unknown ids are InvalidInput.
    virtual Status check_workspace(const std::string& id) = 0;
    /// The next tab of a window that is too small for columns, or with -1 the one before.
    virtual void turn_page(int step) = 0;
    /// One card in place of all others, and back; "none": all again. Unknown ids are InvalidInput.
    virtual Status fill_window(const std::string& view) = 0;
    virtual void toggle_full_screen() = 0;
    /// With the beginning of a command typed already, or empty.
    virtual void open_palette(const std::string& typed) = 0;
    virtual void show_open_dialog() = 0;
    virtual void ask_for_file(const FileQuestion& question) = 0;
    virtual void fit_heatmap() = 0;
    virtual void show_help(const std::string& topic) = 0;  // "shortcuts", "about"
    virtual Status resize(int width_px, int height_px) = 0;
    virtual void focus_text() = 0;
    /// The line that finds tokens or heads.
    virtual void open_find(FindTarget target) = 0;
};

using Arguments = std::span<const std::string>;
inline constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

struct CommandContext {
    Session& session;
    Shell& shell;
    const char* usage = "";  // of the command that runs
};

/// How many words may follow the command.
struct ArgumentCount {
    std::size_t least = 0, most = 0;
};

struct CommandDescriptor {
    const char* id;                // first word of the line: "select"
    const char* label;             // menu and palette: "Select head"
    const char* help;              // one sentence
    const char* usage;             // "select LAYER HEAD"
    const char* shortcut = "";     // "Ctrl+P" (arrow keys and such are listed too, the views handle them)
    const char* group;             // menu: "File", "Edit", "View", "Analyse", "Help"
    bool needs_arguments = false;  // palette opens with the id typed and waits
    ArgumentCount arguments = {};  // what `run` can rely on
    bool (*is_enabled)(const Snapshot& now) = nullptr;  // in the menu; null: always
    bool (*is_checked)(const Snapshot& now) = nullptr;  // the menu shows a mark; null: never
    Status (*run)(CommandContext& context, Arguments arguments);
    /// What the first argument can be, for a menu with a mark at the one that is on: "linear log". "": no
    /// such list.
    const char* choices = "";
    std::string (*current)(const Snapshot& now) = nullptr;  // the choice that is on
};

std::span<const CommandDescriptor* const> commands();
const CommandDescriptor* find_command(std::string_view id);

struct CommandCall {
    std::string id;
    std::vector<std::string> arguments;
};

/// The words of a line as parse_command() splits it. Errors: InvalidInput (unclosed quote).
Result<std::vector<std::string>> split_words(std::string_view line);

/// Splits a line: words, "double quoted" with \" \\ \n \t escapes; `#` starts a comment. nullopt for an empty
/// line. Errors: InvalidInput (unclosed quote, unknown command with the nearest name).
Result<std::optional<CommandCall>> parse_command(std::string_view line);

/// The line that parse_command() reads as this call; carriage returns are left out.
std::string command_line(const CommandCall& call);

/// Errors: InvalidInput (no such command, too few or too many arguments), and those of the command.
Status run_command(CommandContext& context, const CommandCall& call);

}  // namespace headlight
