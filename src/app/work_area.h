// The cards of the window: which view stands in which place of the open workspace, its tabs, the splitters.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gfx/shader_library.h"
#include "session/session.h"
#include "views/view.h"
#include "views/workspaces/workspace.h"

namespace headlight {

class WorkArea {
  public:
    /// `shaders` null: pictures are left out (tests without GL).
    WorkArea(Session& session, gfx::ShaderLibrary* shaders);

    /// At the start of a frame: turns to the workspace of the settings, and to what was just opened.
    void follow(Actions& actions);
    /// Brings a view to the front, in the open workspace or in one that holds it.
    void show(std::string_view view, Actions& actions);
    WindowLayout layout(float width_px, float height_px);
    void draw(const WindowLayout& layout, ViewShared& shared, Actions& actions);
    const WorkspaceDescriptor& workspace() const { return *desk().workspace; }
    /// The command that a dropped file is for: that of a view which is in front, else "open".
    const char* drop_command() const;

  private:
    struct Instance {
        const ViewDescriptor* view = nullptr;
        std::unique_ptr<ViewState> state;
        std::string subject = {};  // of the last frame: a new one comes to the front
    };
    /// A place of a workspace with the views that there are.
    struct Place {
        ViewColumn column = ViewColumn::Middle;
        std::vector<Instance*> views;
        Instance* chosen = nullptr;  // by a click or a command; null: the first
    };
    struct Desk {
        const WorkspaceDescriptor* workspace = nullptr;
        std::vector<Place> places;
        std::string right_tab;  // id of the view that the folded right column shows; "": its first
    };
    const Desk& desk() const { return desks_[open_desk_]; }
    Desk& desk() { return desks_[open_desk_]; }
    Desk make_desk(const WorkspaceDescriptor& workspace);
    std::vector<Instance*> members(const Place& place) const;
    Instance& front(const Place& place) const;
    Place* place_of(const Instance& instance, Desk& desk) const;
    void activate(Instance& instance);
    void leave(Instance& instance);
    void follow_news(Actions& actions);
    std::vector<ViewPlace> view_places(float height_px) const;
    /// The tab that is on after this frame; `rect` becomes what is left below the tabs.
    Instance* draw_tabs(const char* id, const std::vector<Instance*>& members, Instance* on,
                        LayoutRect& rect) const;
    void draw_place(Place& place, const LayoutRect& rect, ViewShared& shared, Actions& actions);
    void draw_folded_right(const LayoutRect& rect, ViewShared& shared, Actions& actions);
    void draw_view(Instance& instance, const LayoutRect& rect, ViewShared& shared, Actions& actions);
    void draw_splitters(const WindowLayout& layout, const ViewShared& shared);

    Session& session_;
    gfx::ShaderLibrary* shaders_;
    SessionValues values_;
    std::vector<Instance> instances_;  // never changes: places point into it
    std::vector<Desk> desks_;
    std::size_t open_desk_ = 0;
    LayoutInput layout_input_;
};

}  // namespace headlight
