// The cards of the window.
#include "app/work_area.h"

#include <algorithm>

#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/tabs.h"

namespace headlight {

namespace {

constexpr float kFoldedGapDp = 4;

LayoutRect below(const LayoutRect& rect, float height) {
    return {rect.x, rect.y + height, rect.width, std::max(1.0f, rect.height - height)};
}

}  // namespace

WorkArea::WorkArea(Session& session, gfx::ShaderLibrary* shaders)
    : session_(session), shaders_(shaders), values_(session) {
    for (const ViewDescriptor* view : views())
        instances_.push_back({.view = view, .state = view->make_state()});
    for (const WorkspaceDescriptor* workspace : workspaces())
        desks_.push_back(make_desk(*workspace));
}

WorkArea::Desk WorkArea::make_desk(const WorkspaceDescriptor& workspace) {
    Desk desk{.workspace = &workspace, .places = {}, .right_tab = {}};
    for (const WorkspacePlace& described : workspace.places) {
        Place place{.column = described.column, .views = {}};
        for (const std::string& id : described.views) {
            for (Instance& instance : instances_) {
                if (id == instance.view->id) place.views.push_back(&instance);
            }
        }
        if (!place.views.empty()) desk.places.push_back(std::move(place));
    }
    return desk;
}

/// Its tabs. One that has nothing to show stays away until somebody asks for it.
std::vector<WorkArea::Instance*> WorkArea::members(const Place& place) const {
    std::vector<Instance*> out;
    for (Instance* instance : place.views) {
        const ViewDescriptor& view = *instance->view;
        const bool is_there = instance == place.views.front() || instance == place.chosen ||
                              !view.has_content || view.has_content(session_.snapshot());
        if (is_there) out.push_back(instance);
    }
    return out;
}

WorkArea::Instance& WorkArea::front(const Place& place) const {
    return place.chosen ? *place.chosen : *place.views.front();
}

WorkArea::Place* WorkArea::place_of(const Instance& instance, Desk& desk) const {
    for (Place& place : desk.places) {
        if (std::find(place.views.begin(), place.views.end(), &instance) != place.views.end()) return &place;
    }
    return nullptr;
}

/// In front of its place in every workspace that holds it.
void WorkArea::activate(Instance& instance) {
    for (Desk& desk : desks_) {
        Place* place = place_of(instance, desk);
        if (!place) continue;
        place->chosen = &instance;
        if (place->column == ViewColumn::Right) desk.right_tab = instance.view->id;
    }
}

/// What it showed was closed: its places go back to their first views.
void WorkArea::leave(Instance& instance) {
    for (Desk& desk : desks_) {
        Place* place = place_of(instance, desk);
        if (place && place->chosen == &instance) place->chosen = nullptr;
        if (desk.right_tab == instance.view->id) desk.right_tab.clear();
    }
}

void WorkArea::show(std::string_view view, Actions& actions) {
    for (Instance& instance : instances_) {
        if (view != instance.view->id) continue;
        activate(instance);
        const WorkspaceDescriptor* holder = workspace_of_view(view, workspace());
        if (holder && holder != &workspace()) actions.run("workspace", {holder->id});
    }
}

void WorkArea::follow(Actions& actions) {
    const std::string& wanted = session_.snapshot().settings.workspace;
    for (std::size_t i = 0; i < desks_.size(); ++i) {
        if (wanted == desks_[i].workspace->id) open_desk_ = i;
    }
    follow_news(actions);
}

/// What was just opened, or replaced for the first time, is shown.
void WorkArea::follow_news(Actions& actions) {
    for (Instance& instance : instances_) {
        const ViewDescriptor& view = *instance.view;
        if (!view.subject) continue;
        std::string subject = view.subject(session_.snapshot());
        if (subject == instance.subject) continue;
        if (subject.empty() && view.leaves_without_subject) leave(instance);
        instance.subject = subject;
        if (subject.empty()) continue;
        activate(instance);
        // A file that was opened must be seen. What is there always, such as the ablation, does not pull the
        // window away from its workspace: an undo would do so too.
        if (view.has_content) show(view.id, actions);
    }
}

std::vector<ViewPlace> WorkArea::view_places(float height_px) const {
    std::vector<ViewPlace> out;
    const float column_dp = column_height(height_px / ui::kit().scale);
    for (const Place& place : desk().places) {
        const Instance& instance = front(place);
        HeightWish wish = instance.view->height(session_.snapshot(), *instance.state, column_dp);
        const bool has_tabs = members(place).size() > 1;
        if (has_tabs && wish.preferred_dp > 0) wish.preferred_dp += ui::kTabRow;
        if (has_tabs) wish.minimum_dp += ui::kTabRow;
        out.push_back({instance.view->id, place.column, wish});
    }
    out.push_back({kStatusView, ViewColumn::Bottom, {}});
    return out;
}

WindowLayout WorkArea::layout(float width_px, float height_px) {
    const Snapshot& snapshot = session_.snapshot();
    layout_input_.width_px = width_px;
    layout_input_.height_px = height_px;
    layout_input_.scale = ui::kit().scale;
    if (snapshot.text && snapshot.text->trace) {
        layout_input_.num_layers = snapshot.text->trace->num_layers();
        layout_input_.num_heads = snapshot.text->trace->num_heads();
    } else if (snapshot.model) {
        layout_input_.num_layers = snapshot.model->spec.num_layers;
        layout_input_.num_heads = snapshot.model->spec.num_heads;
    }
    return compute_layout(layout_input_, view_places(height_px));
}

void WorkArea::draw_view(Instance& instance, const LayoutRect& rect, ViewShared& shared, Actions& actions) {
    ViewContext context{
        session_.snapshot(),      values_, actions, shared, shaders_, *instance.state, {rect.x, rect.y},
        {rect.width, rect.height}};
    instance.view->draw(context);
}

WorkArea::Instance* WorkArea::draw_tabs(const char* id, const std::vector<Instance*>& members, Instance* on,
                                        LayoutRect& rect) const {
    std::vector<ui::Segment> tabs;
    int selected = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (members[i] == on) selected = static_cast<int>(i);
        tabs.push_back({members[i]->view->title, members[i]->view->help, true});
    }
    rect = below(rect, ui::tab_row(id, tabs, selected, {rect.x, rect.y}, rect.width));
    return members[static_cast<std::size_t>(selected)];
}

/// The view that was placed is drawn in this frame; another tab takes over in the next.
void WorkArea::draw_place(Place& place, const LayoutRect& rect, ViewShared& shared, Actions& actions) {
    Instance& shown = front(place);
    const auto tabs = members(place);
    LayoutRect rest = rect;
    Instance* next = tabs.size() < 2 ? &shown : draw_tabs(place.views.front()->view->id, tabs, &shown, rest);
    draw_view(shown, rest, shared, actions);
    if (next == &shown) return;
    activate(*next);
    ui::request_redraw();
}

/// One view of the right column at a time.
void WorkArea::draw_folded_right(const LayoutRect& rect, ViewShared& shared, Actions& actions) {
    std::vector<Instance*> tabs;
    for (const Place& place : desk().places) {
        if (place.column != ViewColumn::Right) continue;
        for (Instance* instance : members(place))
            tabs.push_back(instance);
    }
    if (tabs.empty()) return;
    const auto is_on = [&](const Instance* tab) { return desk().right_tab == tab->view->id; };
    const auto found = std::find_if(tabs.begin(), tabs.end(), is_on);
    LayoutRect rest = rect;
    Instance* shown = draw_tabs("##right_tabs", tabs, found == tabs.end() ? tabs.front() : *found, rest);
    desk().right_tab = shown->view->id;
    draw_view(*shown, below(rest, ui::px(kFoldedGapDp)), shared, actions);
}

void WorkArea::draw(const WindowLayout& layout, ViewShared& shared, Actions& actions) {
    const bool is_right_folded = layout.folds_right && layout.right.width > 0;
    if (is_right_folded) draw_folded_right(layout.right, shared, actions);
    for (Place& place : desk().places) {
        if (is_right_folded && place.column == ViewColumn::Right) continue;
        if (const LayoutRect* rect = layout.find(front(place).view->id))
            draw_place(place, *rect, shared, actions);
    }
    for (Instance& instance : instances_) {
        if (instance.view->id == std::string_view(kStatusView))
            draw_view(instance, layout.status, shared, actions);
    }
    draw_splitters(layout, shared);
}

/// The gaps beside the middle column can be dragged; a double click gives the width back to the layout.
void WorkArea::draw_splitters(const WindowLayout& layout, const ViewShared& shared) {
    if (layout.left.width <= 0 || shared.is_dialog_open) return;
    const auto splitter = [&](const char* label, float x, float& share, float now, float direction) {
        const auto response = ui::hot_area(label, {x, layout.middle.y}, {ui::px(8), layout.middle.height});
        if (ImGui::IsItemActive() && ImGui::GetIO().MouseDelta.x != 0) {
            const float moved = now + direction * ImGui::GetIO().MouseDelta.x;
            share = std::clamp(moved / layout_input_.width_px, 0.05f, 0.6f);
            ui::request_redraw();
        }
        if (response.is_double_clicked) share = 0;
        if (!response.is_hovered && !ImGui::IsItemActive()) return;
        ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
        ui::draw_vline(ImGui::GetWindowDrawList(), x + ui::px(4), layout.middle.y + ui::px(8),
                       layout.middle.bottom() - ui::px(8), ui::colors().dim);
    };
    splitter("##split_left", layout.left.right(), layout_input_.left_share, layout.left.width, 1);
    splitter("##split_right", layout.middle.right(), layout_input_.right_share, layout.right.width, -1);
}

const char* WorkArea::drop_command() const {
    for (const Place& place : desk().places) {
        const ViewDescriptor& view = *front(place).view;
        if (*view.takes_files) return view.takes_files;
    }
    return "open";
}

}  // namespace headlight
