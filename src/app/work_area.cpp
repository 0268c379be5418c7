// The cards of the window.
#include "app/work_area.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "session/tasks/lesson.h"
#include "session/tasks/quiz.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/tabs.h"
#include "views/lessons/marks.h"

namespace headlight {

WorkArea::WorkArea(Session& session, gfx::ShaderLibrary* shaders)
    : session_(session), shaders_(shaders), values_(session) {
    for (const ViewDescriptor* view : views())
        instances_.push_back({.view = view, .state = view->make_state()});
    lesson_view_ = find(kLessonView);
    quiz_view_ = find(kQuizView);
    for (const WorkspaceDescriptor* workspace : workspaces())
        desks_.emplace_back(*workspace, instances_);
}

ViewInstance* WorkArea::find(std::string_view view) {
    for (ViewInstance& instance : instances_) {
        if (view == instance.view->id) return &instance;
    }
    return nullptr;
}

/// In front of its place in every workspace that holds it.
void WorkArea::activate(ViewInstance& instance) {
    for (Desk& desk : desks_)
        desk.bring_to_front(instance);
}

void WorkArea::show(std::string_view view, Actions& actions) {
    ViewInstance* instance = find(view);
    if (!instance) return;
    // What the scene of a step brings to the front does not take the step away.
    if (!session_.snapshot().part<LessonState>().is_setting) is_lesson_page_on_ = view == kLessonView;
    if (view == kLessonView && !session_.snapshot().part<LessonState>().is_open()) actions.run("lesson");
    if (view == kQuizView && !is_quiz()) actions.run("quiz");
    if (stands_apart(view)) return;
    activate(*instance);
    if (filling_ && filling_ != instance) filling_ = nullptr;
    const WorkspaceDescriptor* holder = workspace_of_view(view, workspace());
    if (holder && holder != &workspace()) actions.run("workspace", {holder->id});
}

void WorkArea::fill_window(std::string_view view) {
    ViewInstance* instance = find(view);
    filling_ = instance == filling_ || (instance && !desk().holds(*instance)) ? nullptr : instance;
}

void WorkArea::turn_page(int step) {
    if (layout_input_.fold != WindowFold::OneColumn) return;
    const auto& pages = desk().pages();
    const auto last = static_cast<std::ptrdiff_t>(pages.size());
    const std::ptrdiff_t count = last + (has_lesson_page_ ? 1 : 0);  // the lesson's is the last
    const auto now =
        is_lesson_page() ? last : std::find(pages.begin(), pages.end(), desk().page()) - pages.begin();
    const std::ptrdiff_t next = (now + step + count) % count;
    is_lesson_page_on_ = next == last;
    if (next < last) desk().turn_to(pages[static_cast<std::size_t>(next)]);
}

bool WorkArea::is_quiz() const {
    return session_.snapshot().part<QuizState>().is_on;
}

/// Makes room for a lesson, or for the line that invites to one.
void WorkArea::fit_dock(float width_px, float height_px) {
    constexpr float kInvitationDp = 48, kLeastWithInvitation = 560;
    const Snapshot& snapshot = session_.snapshot();
    const LessonState& lesson = snapshot.part<LessonState>();
    const float width = width_px / ui::kit().scale, height = height_px / ui::kit().scale;
    layout_input_.dock_width = layout_input_.dock_height = 0;
    has_lesson_page_ = false;
    if (is_quiz()) return;
    if (lesson.is_open()) {
        const DockPlace place = dock_place(width, height);
        layout_input_.dock_width = place.width_dp;
        layout_input_.dock_height = place.height_dp;
        has_lesson_page_ = place.side == DockSide::Page;
    } else if (snapshot.settings.invites_to_lessons && height >= kLeastWithInvitation) {
        layout_input_.dock_height = kInvitationDp;
    }
    const std::string step = lesson.lesson ? fmt::format("{}/{}", lesson.lesson->id, lesson.step)
                                           : std::string(lesson.shows_list ? "list" : "");
    if (step != lesson_step_) is_lesson_page_on_ = !step.empty();
    lesson_step_ = step;
}

void WorkArea::follow(Actions& actions) {
    const std::string& wanted = session_.snapshot().settings.workspace;
    for (std::size_t i = 0; i < desks_.size(); ++i) {
        if (wanted == desks_[i].workspace().id) open_desk_ = i;
    }
    if (filling_ && !desk().holds(*filling_)) filling_ = nullptr;
    follow_news(actions);
}

/// What was just opened, or replaced for the first time, is shown.
void WorkArea::follow_news(Actions& actions) {
    for (ViewInstance& instance : instances_) {
        const ViewDescriptor& view = *instance.view;
        if (!view.subject) continue;
        std::string subject = view.subject(session_.snapshot());
        if (subject == instance.subject) continue;
        instance.subject = subject;
        if (!subject.empty()) activate(instance);
        // A file that was opened must be seen. What is there always, such as the ablation, does not pull the
        // window away from its workspace: an undo would do so too.
        if (!subject.empty() && view.has_content) show(view.id, actions);
        if (!subject.empty() || !view.leaves_without_subject) continue;
        for (Desk& desk : desks_)
            desk.put_back(instance);
    }
}

LayoutRect WorkArea::header(float width_px, float height_px) const {
    LayoutInput input = layout_input_;
    input.width_px = width_px;
    input.height_px = height_px;
    input.scale = ui::kit().scale;
    return compute_layout(input, {}).header;
}

void WorkArea::fit_input(float width_px, float height_px) {
    const Snapshot& snapshot = session_.snapshot();
    layout_input_.width_px = width_px;
    layout_input_.height_px = height_px;
    layout_input_.scale = ui::kit().scale;
    layout_input_.left_share = static_cast<float>(snapshot.settings.left_share);
    layout_input_.right_share = static_cast<float>(snapshot.settings.right_share);
    fit_dock(width_px, height_px);
    layout_input_.fold = window_fold(width_px / ui::kit().scale - layout_input_.dock_width,
                                     height_px / ui::kit().scale - layout_input_.dock_height);
    if (has_lesson_page_) layout_input_.fold = WindowFold::OneColumn;
    if (snapshot.text && snapshot.text->trace) {
        layout_input_.num_layers = snapshot.text->trace->num_layers();
        layout_input_.num_heads = snapshot.text->trace->num_heads();
    } else if (snapshot.model) {
        layout_input_.num_layers = snapshot.model->spec.num_layers;
        layout_input_.num_heads = snapshot.model->spec.num_heads;
    }
}

std::vector<CardSlot> WorkArea::slots() const {
    const auto alone = [](ViewInstance* view) {
        return std::vector<CardSlot>{{ViewColumn::Middle, {view}, view, {0, 80}}};
    };
    if (is_quiz()) return alone(quiz_view_);
    if (is_lesson_page()) return alone(lesson_view_);
    if (filling_) return alone(filling_);
    const float height = layout_input_.height_px / layout_input_.scale - layout_input_.dock_height;
    return desk().slots(session_.snapshot(), layout_input_.fold, column_height(height, layout_input_.fold));
}

void WorkArea::draw(float width_px, float height_px, ViewShared& shared, Actions& actions) {
    fit_input(width_px, height_px);
    const std::vector<CardSlot> cards = slots();
    std::vector<ViewPlace> places;
    for (const CardSlot& slot : cards)
        places.push_back({slot.front->view->id, slot.column, slot.height});
    layout_ = compute_layout(layout_input_, places);
    draw_pages();
    for (const CardSlot& slot : cards)
        draw_slot(slot, *layout_.find(slot.front->view->id), shared, actions);
    draw_dock(shared, actions);
    draw_view(*find(kStatusView), layout_.status, shared, actions);
    draw_splitters(shared);
}

void WorkArea::draw_dock(ViewShared& shared, Actions& actions) {
    if (layout_.dock.height > 0) draw_view(*lesson_view_, layout_.dock, shared, actions);
}

/// The tabs of one column.
void WorkArea::draw_pages() {
    if (layout_.pages.height <= 0) return;
    const auto& pages = desk().pages();
    std::vector<ui::Segment> segments;
    int selected = 0;
    for (const std::string& page : pages) {
        if (page == desk().page()) selected = static_cast<int>(segments.size());
        segments.push_back({page.c_str(), nullptr, true});
    }
    if (has_lesson_page_) segments.push_back({"Lesson", nullptr, true});
    if (is_lesson_page()) selected = static_cast<int>(pages.size());
    const LayoutRect& rect = layout_.pages;
    if (!ui::segmented_over("##pages", segments, selected, {rect.x, rect.y}, {rect.width, rect.height}))
        return;
    filling_ = nullptr;
    is_lesson_page_on_ = selected == static_cast<int>(pages.size());
    if (!is_lesson_page_on_) desk().turn_to(pages[static_cast<std::size_t>(selected)]);
    ui::request_redraw();
}

/// The tab that is on after this frame; `rect` becomes what is left below the tabs.
ViewInstance* WorkArea::draw_tabs(const CardSlot& slot, LayoutRect& rect) const {
    std::vector<ui::Segment> tabs;
    int selected = 0;
    for (std::size_t i = 0; i < slot.tabs.size(); ++i) {
        if (slot.tabs[i] == slot.front) selected = static_cast<int>(i);
        tabs.push_back({slot.tabs[i]->view->title, slot.tabs[i]->view->help, true});
    }
    const std::string id = std::string("##tabs_") + slot.tabs.front()->view->id;
    const float used = ui::tab_row(id.c_str(), tabs, selected, {rect.x, rect.y}, rect.width);
    rect = {rect.x, rect.y + used, rect.width, std::max(1.0f, rect.height - used)};
    return slot.tabs[static_cast<std::size_t>(selected)];
}

/// The view that was placed is drawn in this frame; another tab takes over in the next.
void WorkArea::draw_slot(const CardSlot& slot, const LayoutRect& rect, ViewShared& shared, Actions& actions) {
    LayoutRect rest = rect;
    ViewInstance* next = slot.tabs.size() < 2 ? slot.front : draw_tabs(slot, rest);
    ui::kit().was_title_double_clicked = false;
    draw_view(*slot.front, rest, shared, actions);
    if (is_view_marked(session_.snapshot(), slot.front->view->id))
        draw_lesson_ring({rest.x, rest.y}, {rest.right(), rest.bottom()});
    if (ui::kit().was_title_double_clicked) fill_window(slot.front->view->id);
    if (next != slot.front) activate(*next);
    if (next != slot.front || ui::kit().was_title_double_clicked) ui::request_redraw();
}

void WorkArea::draw_view(ViewInstance& instance, const LayoutRect& rect, ViewShared& shared,
                         Actions& actions) {
    ViewContext context{
        session_.snapshot(),      values_, actions, shared, shaders_, *instance.state, {rect.x, rect.y},
        {rect.width, rect.height}};
    instance.view->draw(context);
}

/// The gaps beside the middle column can be dragged; a double click gives the width back to the layout.
void WorkArea::draw_splitters(const ViewShared& shared) {
    if (shared.is_dialog_open) return;
    const LayoutRect& middle = layout_.middle;
    const auto splitter = [&](const char* label, float x, double Settings::*share, float now,
                              float direction) {
        const auto set = [&](double value) {
            session_.update_settings([&](Settings& settings) { settings.*share = value; });
            ui::request_redraw();
        };
        const auto response = ui::hot_area(label, {x, middle.y}, {ui::px(8), middle.height});
        if (ImGui::IsItemActive() && ImGui::GetIO().MouseDelta.x != 0) {
            const float moved = now + direction * ImGui::GetIO().MouseDelta.x;
            set(static_cast<double>(std::clamp(moved / layout_input_.width_px, 0.05f, 0.6f)));
        }
        if (response.is_double_clicked) set(0);
        if (!response.is_hovered && !ImGui::IsItemActive()) return;
        ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
        ui::draw_vline(ImGui::GetWindowDrawList(), x + ui::px(4), middle.y + ui::px(8),
                       middle.bottom() - ui::px(8), ui::colors().dim);
    };
    if (layout_.left.width > 0)
        splitter("##split_left", layout_.left.right(), &Settings::left_share, layout_.left.width, 1);
    if (layout_.right.width > 0)
        splitter("##split_right", middle.right(), &Settings::right_share, layout_.right.width, -1);
}

const char* WorkArea::drop_command() const {
    for (const CardSlot& slot : slots()) {
        if (*slot.front->view->takes_files) return slot.front->view->takes_files;
    }
    return "open";
}

}  // namespace headlight
