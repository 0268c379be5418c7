// Menus and palette entries out of the command registry, and the texts of the help dialogs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "session/snapshot.h"
#include "ui/dialogs/palette.h"
#include "views/actions.h"

namespace headlight {

/// The menu bar: one menu a group, commands that need no words; recent files under File, views under View.
/// Call where ui::top_bar asks for menus. Returns the id of a chosen command that needs words: the palette
/// opens with it.
std::string draw_menus(const Snapshot& snapshot, Actions& actions);

/// Every command, in registry order.
std::vector<ui::PaletteEntry> palette_entries();

/// What was chosen in the palette: a command to run, or (in `reopen_with`) the beginning of one that needs
/// words.
struct PaletteChoice {
    std::optional<CommandCall> call;
    std::string reopen_with;
    std::string error;
};
PaletteChoice resolve_palette(const std::string& id, const std::string& typed);

/// Keys and what they do, for a list dialog; a chosen command can be run.
std::vector<ui::PaletteEntry> shortcut_entries();
/// Version, graphics, compiler: for bug reports.
std::string about_text(const Snapshot& snapshot);

}  // namespace headlight
