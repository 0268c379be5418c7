// The cards of the window: those of the open workspace in their columns, tabs, splitters, and one that fills
// the window.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/desk.h"
#include "gfx/shader_library.h"
#include "session/session.h"
#include "views/view.h"

namespace headlight {

class WorkArea {
  public:
    /// `shaders` null: pictures are left out (tests without GL).
    WorkArea(Session& session, gfx::ShaderLibrary* shaders);

    /// At the start of a frame: turns to the workspace of the settings, and to what was just opened.
    void follow(Actions& actions);
    /// Brings a view to the front, in the open workspace or in one that holds it.
    void show(std::string_view view, Actions& actions);
    /// One card in place of all, by the id of its view; the same again, or one that is not there: all.
    void fill_window(std::string_view view);
    /// The next tab (or the one before) of a window of one column; nothing in wider ones.
    void turn_page(int step);
    void draw(float width_px, float height_px, ViewShared& shared, Actions& actions);
    /// Of the last draw(); the header is left to others.
    const WindowLayout& layout() const { return layout_; }
    /// Where the header of a window of that size lies.
    LayoutRect header(float width_px, float height_px) const;
    const WorkspaceDescriptor& workspace() const { return desk().workspace(); }
    /// The command that a dropped file is for: that of a view which is in front, else "open".
    const char* drop_command() const;

  private:
    const Desk& desk() const { return desks_[open_desk_]; }
    Desk& desk() { return desks_[open_desk_]; }
    ViewInstance* find(std::string_view view);
    void activate(ViewInstance& instance);
    void follow_news(Actions& actions);
    void fit_input(float width_px, float height_px);
    std::vector<CardSlot> slots() const;
    ViewInstance* draw_tabs(const CardSlot& slot, LayoutRect& rect) const;
    void draw_pages();
    void draw_slot(const CardSlot& slot, const LayoutRect& rect, ViewShared& shared, Actions& actions);
    void draw_view(ViewInstance& instance, const LayoutRect& rect, ViewShared& shared, Actions& actions);
    void draw_splitters(const ViewShared& shared);
    void fit_dock(float width_px, float height_px);
    void draw_dock(ViewShared& shared, Actions& actions);
    bool is_quiz() const;
    bool is_lesson_page() const { return has_lesson_page_ && is_lesson_page_on_; }

    Session& session_;
    gfx::ShaderLibrary* shaders_;
    SessionValues values_;
    std::vector<ViewInstance> instances_;  // never changes: desks point into it
    std::vector<Desk> desks_;
    std::size_t open_desk_ = 0;
    ViewInstance *lesson_view_ = nullptr, *quiz_view_ = nullptr;
    ViewInstance* filling_ = nullptr;  // the card that fills the window
    // A lesson in a window of one column is one of its tabs.
    bool has_lesson_page_ = false, is_lesson_page_on_ = false;
    std::string lesson_step_;  // that it showed last: a new one comes to the front
    LayoutInput layout_input_;
    WindowLayout layout_;
};

}  // namespace headlight
