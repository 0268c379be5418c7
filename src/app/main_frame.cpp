// One frame of the window.
#include "app/main_frame.h"

#include <utility>

#include "app/menus.h"
#include "app/shortcuts.h"
#include "app/window_words.h"
#include "base/log.h"
#include "session/saved/saved_state.h"
#include "session/tasks/lesson.h"
#include "session/tasks/quiz.h"
#include "ui/kit.h"

namespace headlight {
namespace {

constexpr ui::Segment kAdapterSwitch[] = {
    {"Adapter##with_adapter", "Shows the base model with its adapter; the model is opened again"},
    {"Base##base_alone", "Shows the base model as it was before the adapter; the model is opened again"}};

}  // namespace

MainFrame::MainFrame(Session& session, AppShell& shell, gfx::ShaderLibrary* shaders)
    : session_(session), shell_(shell), area_(session, shaders), dialogs_(session, shaders != nullptr) {}

void MainFrame::take_notices() {
    const Snapshot& snapshot = session_.snapshot();
    // Another model or another run of a text is there: what went wrong before is past.
    const std::uint64_t model_id = snapshot.model ? snapshot.model->id : 0,
                        text_id = snapshot.base_text ? snapshot.base_text->id : 0;
    if (model_id != model_id_ || text_id != text_id_) toasts_.drop_errors();
    model_id_ = model_id;
    text_id_ = text_id;
    offer_left_session();
    for (const Notice& notice : session_.take_notices()) {
        if (notice.level == Notice::Level::Error) log::error("{}", notice.text);
        // With nothing else to show, the middle card says it in full.
        if (snapshot.open_error && snapshot.open_error->id == notice.id && !snapshot.text) continue;
        const auto kind = notice.level == Notice::Level::Error     ? ui::ToastKind::Error
                          : notice.level == Notice::Level::Warning ? ui::ToastKind::Warning
                                                                   : ui::ToastKind::Info;
        toasts_.push(kind, notice.details.empty() ? notice.text : notice.text + "\n" + notice.details);
    }
}

/// Of a window that ended without warning; never in the way.
void MainFrame::offer_left_session() {
    const SavedState& saved = session_.snapshot().part<SavedState>();
    if (saved.offer == offered_) return;
    offered_ = saved.offer;
    toasts_.drop_command("restore_session");
    if (!offered_.empty())
        toasts_.push(ui::ToastKind::Warning,
                     "A window ended without warning; its session is kept\n" + saved.offer_words,
                     "Bring it back", "restore_session");
}

void MainFrame::draw(float width_px, float height_px, Actions& actions) {
    // The window was cleared to its background; painting it again takes a third of a frame drawn in software.
    ImGui::GetStyle().Colors[ImGuiCol_WindowBg].w = 0;
    const Snapshot& snapshot = session_.snapshot();
    take_notices();
    area_.follow(actions);
    fulfil_wishes(actions);
    shared_.update_freshness(snapshot.is_stale, ImGui::GetTime());
    SessionValues values(session_);
    shared_.found.update(snapshot, values);
    const bool is_menu_open =
        ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
    shared_.is_dialog_open = dialogs_.is_any_open() || is_menu_open;
    draw_top_bar(area_.header(width_px, height_px), actions);
    area_.draw(width_px, height_px, shared_, actions);
    const WindowLayout& layout = area_.layout();
    const LayoutRect& column = layout.middle.width > 0 ? layout.middle
                               : layout.left.width > 0 ? layout.left
                                                       : layout.right;
    find_line_.draw(snapshot, shared_.found, column, actions);
    draw_toasts(area_.layout(), actions);
    if (!shared_.wanted_words.empty()) dialogs_.ask_for_words(std::exchange(shared_.wanted_words, {}));
    if (const std::string problem = dialogs_.draw(actions); !problem.empty())
        toasts_.push(ui::ToastKind::Warning, problem);
    move_query(actions);
    take_keys(actions);
    if (shared_.finish_frame()) ui::request_redraw();
    // A text that could not be run stays stale: nothing more will come.
    is_settled_ = !ui::kit().wants_redraw && (!snapshot.is_stale || !session_.is_busy());
}

void MainFrame::take_keys(Actions& actions) {
    if (shared_.is_dialog_open) return;
    const bool is_editing = shared_.has_text_focus || ImGui::GetIO().WantTextInput;
    const bool is_quiz = session_.snapshot().part<QuizState>().is_on;  // plain keys are guesses
    if (const CommandDescriptor* command = pressed_command(is_editing || is_quiz)) actions.run(command->id);
    take_lesson_keys(is_editing, actions);
    if (is_shortcut_pressed("F10")) ui::kit().focus.wish_menu(), ui::request_redraw();
    for (std::size_t i = 0; i < workspaces().size(); ++i) {
        if (is_shortcut_pressed(workspace_shortcut(i))) actions.run("workspace", {workspaces()[i]->id});
    }
}

/// Space goes on in a lesson or a quiz, unless it presses what is in focus or is typed.
void MainFrame::take_lesson_keys(bool is_editing, Actions& actions) {
    const ImGuiIO& io = ImGui::GetIO();
    if (is_editing || ui::kit().focus.is_shown() || io.KeyCtrl || io.KeyAlt) return;
    if (!ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Space), false)) return;
    const Snapshot& snapshot = session_.snapshot();
    const QuizState& quiz = snapshot.part<QuizState>();
    if (quiz.is_on) {
        if (quiz.is_ready && !io.KeyShift) actions.run(quiz.is_revealed ? "quiz_next" : "quiz_reveal");
    } else if (snapshot.part<LessonState>().lesson) {
        actions.run(io.KeyShift ? "lesson_back" : "lesson_next");
    }
}

void MainFrame::fulfil_wishes(Actions& actions) {
    dialogs_.fulfil_wishes(shell_);
    if (const auto target = std::exchange(shell_.wanted_find, std::nullopt))
        find_line_.open(*target, session_.snapshot());
    if (std::exchange(shell_.wants_text_focus, false)) shared_.wants_text_focus = true;
    shared_.fit_requests = shell_.num_fits;
    if (const int step = std::exchange(shell_.page_steps, 0); step != 0) area_.turn_page(step);
    if (const auto filling = std::exchange(shell_.wanted_filling, std::nullopt)) area_.fill_window(*filling);
    const std::string view = std::exchange(shell_.wanted_view, {});
    if (view.empty()) return;
    area_.show(view, actions);
    if (view == "text_box") shared_.wants_text_focus = true;
}

void MainFrame::draw_top_bar(const LayoutRect& rect, Actions& actions) {
    const Snapshot& snapshot = session_.snapshot();
    const std::string dim = model_words(snapshot), right = run_words(snapshot);
    std::string needs_words;
    std::vector<ui::Segment> segments;
    int selected = 0;
    for (const WorkspaceDescriptor* workspace : workspaces()) {
        if (workspace == &area_.workspace()) selected = static_cast<int>(segments.size());
        segments.push_back({workspace->title, workspace->help});
    }
    ui::TopBarSpec spec;
    spec.name = "Headlight";
    spec.chip_strong =
        snapshot.model ? std::string_view(snapshot.model->spec.name) : std::string_view("Open a model …");
    spec.chip_dim = dim;
    spec.right = right;
    spec.segments = segments;
    spec.selected = selected;
    spec.right_button = "Ctrl P  commands##palette";
    spec.short_button = "Ctrl P##palette";
    const bool has_adapter =
        snapshot.model && snapshot.model->is_live && !snapshot.model->spec.base_path.empty();
    if (has_adapter) spec.variants = kAdapterSwitch;
    spec.variant = has_adapter && snapshot.model->spec.adapter.shows_base ? 1 : 0;
    spec.menus = [&] { needs_words = draw_menus(snapshot, actions); };
    const ui::TopBarResponse response = ui::top_bar(spec, {rect.x, rect.y}, rect.width);
    if (response.is_chip_clicked) actions.run("open_dialog");
    if (response.is_button_clicked) actions.run("palette");
    if (response.chosen_variant != spec.variant)
        actions.run("adapter", {response.chosen_variant == 0 ? "on" : "off"});
    if (response.chosen_segment != selected)
        actions.run("workspace", {workspaces()[static_cast<std::size_t>(response.chosen_segment)]->id});
    if (!needs_words.empty()) dialogs_.ask_for_words(needs_words);
}

void MainFrame::draw_toasts(const WindowLayout& layout, Actions& actions) {
    const std::string command =
        toasts_.draw({layout.status.right() - ui::px(12), layout.status.y - ui::px(10)});
    if (!command.empty()) actions.run(command);
}

/// Shift with the arrow keys up and down walks through the query tokens.
void MainFrame::move_query(Actions& actions) {
    const Snapshot& snapshot = session_.snapshot();
    if (shared_.has_text_focus || shared_.is_dialog_open || !snapshot.text || !ImGui::GetIO().KeyShift ||
        ImGui::IsAnyItemActive())
        return;
    const int count = static_cast<int>(snapshot.text->tokens.tokens.size());
    int query = snapshot.selection.query;
    if (ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_UpArrow))) --query;
    if (ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_DownArrow))) ++query;
    if (query != snapshot.selection.query && query >= 0 && query < count) actions.choose_query(query);
}

}  // namespace headlight
