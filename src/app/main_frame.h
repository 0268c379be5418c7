// One frame of the window: top bar, cards, dialogs, toasts. Draws from the snapshot and collects commands.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/app_shell.h"
#include "gfx/shader_library.h"
#include "session/session.h"
#include "ui/dialogs/dialogs.h"
#include "ui/dialogs/palette.h"
#include "ui/toasts.h"
#include "views/view.h"

namespace headlight {

class MainFrame {
  public:
    MainFrame(Session& session, AppShell& shell, gfx::ShaderLibrary& shaders);

    /// Inside a frame of the window. `actions` receives what the user asked for; run it after the frame.
    void draw(float width_px, float height_px, Actions& actions);
    /// Notices of the session become toasts.
    void take_notices();
    /// True while something moves or is under way that a screenshot should wait for.
    bool is_settled() const { return is_settled_; }
    const ViewShared& shared() const { return shared_; }
    /// The command that a dropped file is for: that of a view which is in front, else "open".
    const char* drop_command() const;

  private:
    struct Instance {
        const ViewDescriptor* view = nullptr;
        std::unique_ptr<ViewState> state;
        std::string subject = {};  // of the last frame: a new one comes to the front
    };
    void draw_top_bar(const LayoutRect& rect, Actions& actions);
    void draw_views(const WindowLayout& layout, Actions& actions);
    void draw_view(Instance& instance, const LayoutRect& rect, Actions& actions);
    LayoutRect draw_tabs(const char* id, const std::vector<const ViewDescriptor*>& members,
                         std::string& chosen, const LayoutRect& rect);
    std::vector<const ViewDescriptor*> right_members() const;
    std::vector<const ViewDescriptor*> group_members(const std::string& group) const;
    bool has_place(const ViewDescriptor& view) const;
    bool is_active(const ViewDescriptor& view) const;
    void activate(const ViewDescriptor& view);
    void leave(const ViewDescriptor& view);
    void follow_news();
    void draw_splitters(const WindowLayout& layout, float width_px);
    void draw_dialogs(Actions& actions);
    void ask_how_to_open(Actions& actions);
    void draw_toasts(const WindowLayout& layout, Actions& actions);
    void fulfil_wishes();
    void move_query(Actions& actions);
    std::vector<ViewPlace> places(float height_px) const;

    Session& session_;
    AppShell& shell_;
    gfx::ShaderLibrary& shaders_;
    SessionValues values_;
    ViewShared shared_;
    std::vector<Instance> instances_;
    ui::CommandPalette palette_;
    ui::FileBrowser browser_;
    std::string browser_command_;  // what the browser's choice is given to
    ui::ChoiceDialog question_;
    std::optional<OpenQuestion> asked_;  // what `question_` is about
    ui::ListDialog shortcuts_;
    ui::TextDialog about_;
    ui::ToastStack toasts_;
    LayoutInput layout_input_;
    std::string right_tab_ = "metrics";              // of the folded right column
    std::map<std::string, std::string> group_tabs_;  // view that a group shows
    bool is_settled_ = false;
    std::string palette_filter_;  // the palette opens with it at the next frame
};

/// "27 tokens · 148 ms · 26 reused".
std::string run_words(const Snapshot& snapshot);
/// "llama · 30 layers × 9 heads (3 kv) · float32".
std::string model_words(const Snapshot& snapshot);

}  // namespace headlight
