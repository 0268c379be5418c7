// The line over the text that finds tokens and heads.
#pragma once

#include <string>

#include "session/find/find_state.h"
#include "ui/dialogs/find_bar.h"
#include "views/actions.h"
#include "views/find/found_marks.h"
#include "views/layout.h"

namespace headlight {

class FindLine {
  public:
    FindLine();
    void open(FindTarget target, const Snapshot& now);
    /// In the upper right corner of `middle`; nothing while it is closed or there is no text.
    void draw(const Snapshot& now, const FoundMarks& found, const LayoutRect& middle, Actions& actions);

  private:
    void take_typed(Actions& actions);
    ui::FindBar bar_;
    std::string problem_;  // why the expression is none yet
    std::string count_;    // of the last frame
};

/// "3 of 17" where the chosen one is among them, else "17 there"; "" while nothing is looked for.
std::string found_count(const Snapshot& now, const FoundMarks& found, FindTarget target);

}  // namespace headlight
