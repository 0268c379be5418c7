// The dialogs of the window: palette, file browser, questions before a file is opened, lists and texts of
// help.
#pragma once

#include <optional>
#include <string>

#include "app/app_shell.h"
#include "app/dialogs/figure_dialog.h"
#include "session/session.h"
#include "ui/dialogs/dialogs.h"
#include "ui/dialogs/palette.h"
#include "views/actions.h"

namespace headlight {

class WindowDialogs {
  public:
    WindowDialogs(Session& session, bool has_gl) : session_(session), figure_(session, has_gl) {}

    bool is_any_open() const;
    /// Opens what commands asked for.
    void fulfil_wishes(AppShell& shell);
    /// Asks for the words that a command needs.
    void ask_for_words(std::string_view command);
    /// Draws what is open. Returns what the palette could not read, in words; empty: all is well.
    std::string draw(Actions& actions);

  private:
    std::string draw_palette(Actions& actions);
    void draw_words(Actions& actions);
    void ask_how_to_open(Actions& actions);

    Session& session_;
    ui::CommandPalette palette_;
    std::string palette_filter_;
    ui::FileBrowser browser_;
    std::string browser_command_;  // what the browser's choice is given to
    ui::ChoiceDialog question_;
    std::optional<OpenQuestion> asked_;  // what `question_` is about
    ui::InputDialog words_;
    std::string words_command_;  // that the words are for
    ui::ListDialog shortcuts_;
    ui::TextDialog about_;
    FigureDialog figure_;
};

}  // namespace headlight
