// One frame of the window: top bar, cards, dialogs, toasts. Draws from the snapshot and collects commands.
#pragma once

#include "app/app_shell.h"
#include "app/window_dialogs.h"
#include "app/work_area.h"
#include "gfx/shader_library.h"
#include "session/session.h"
#include "ui/toasts.h"
#include "views/find/find_line.h"
#include "views/view.h"

namespace headlight {

class MainFrame {
  public:
    /// `shaders` null: pictures are left out (tests without GL).
    MainFrame(Session& session, AppShell& shell, gfx::ShaderLibrary* shaders);

    /// Inside a frame of the window. `actions` receives what the user asked for; run it after the frame.
    void draw(float width_px, float height_px, Actions& actions);
    /// Notices of the session become toasts.
    void take_notices();
    /// True while something moves or is under way that a screenshot should wait for.
    bool is_settled() const { return is_settled_; }
    const ViewShared& shared() const { return shared_; }
    /// The command that a dropped file is for: that of a view which is in front, else "open".
    const char* drop_command() const { return area_.drop_command(); }

  private:
    void draw_top_bar(const LayoutRect& rect, Actions& actions);
    void draw_toasts(const WindowLayout& layout, Actions& actions);
    void fulfil_wishes(Actions& actions);
    void take_keys(Actions& actions);
    void offer_left_session();
    void take_lesson_keys(bool is_editing, Actions& actions);
    void move_query(Actions& actions);

    Session& session_;
    AppShell& shell_;
    ViewShared shared_;
    WorkArea area_;
    WindowDialogs dialogs_;
    FindLine find_line_;
    ui::ToastStack toasts_;
    std::uint64_t model_id_ = 0, text_id_ = 0;  // that the errors on screen came before or with
    std::string offered_;                       // SavedState::offer that a toast was shown for
    bool is_settled_ = false;
};

}  // namespace headlight
