// One frame of the window.
#include "app/main_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "app/menus.h"
#include "app/shortcuts.h"
#include "base/log.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "ui/tabs.h"
#include "views/format.h"

namespace headlight {

namespace {

constexpr float kFoldedGapDp = 4;

std::string describe_path(const std::string& path, bool is_folder) {
    std::error_code error;
    if (is_folder) {
        if (std::filesystem::exists(path + "/config.json", error)) return "model";
        if (std::filesystem::exists(path + "/atlas.json", error)) return "atlas";
        return std::filesystem::exists(path + "/metrics.jsonl", error) ? "training run" : "";
    }
    if (path.ends_with("/atlas.json")) return "atlas";
    if (path.ends_with("/metrics.jsonl")) return "training run";
    if (path.ends_with(".npz") || path.ends_with(".npy")) return "attention";
    return path.ends_with(".safetensors") ? "weights or attention" : "";
}

std::string browse_start(const Snapshot& snapshot) {
    for (const std::string& recent : snapshot.settings.recent) {
        if (recent.starts_with('/')) return std::filesystem::path(recent).parent_path().string();
    }
    const char* home = std::getenv("HOME");
    return home ? home : "/";
}

}  // namespace

std::string run_words(const Snapshot& snapshot) {
    if (!snapshot.text) return {};
    const AnalyzedText& text = *snapshot.text;
    std::string out = format_count(static_cast<int>(text.tokens.tokens.size()), "token", "tokens");
    if (text.key_tokens)
        out = fmt::format("{} queries × {} keys", text.tokens.tokens.size(), text.key_tokens->tokens.size());
    if (snapshot.is_text_left_over()) out += " of the text before";
    if (!text.was_measured_now) return out + " · stored";
    out += " · " + format_duration(text.run_ms);
    if (text.num_reused > 0) out += fmt::format(" · {} reused", text.num_reused);
    return out;
}

std::string model_words(const Snapshot& snapshot) {
    if (!snapshot.model) return {};
    const ModelSpec& spec = snapshot.model->spec;
    const bool is_grouped = spec.num_kv_heads > 0 && spec.num_kv_heads != spec.num_heads;
    const std::string kv = is_grouped ? fmt::format(" ({} kv)", spec.num_kv_heads) : "";
    const std::string family = spec.family_label.empty() ? spec.family : spec.family_label;
    const std::string layers = spec.has_decoder
                                   ? fmt::format("{} + {} layers", spec.num_layers, spec.num_decoder_layers)
                                   : format_count(spec.num_layers, "layer", "layers");
    return fmt::format("{}{} · {} × {} heads{}{}{}", family.empty() ? "" : " · ", family, layers,
                       spec.num_heads, kv, spec.dtype.empty() ? "" : " · ", spec.dtype);
}

MainFrame::MainFrame(Session& session, AppShell& shell, gfx::ShaderLibrary& shaders)
    : session_(session), shell_(shell), shaders_(shaders), values_(session) {
    for (const ViewDescriptor* view : views())
        instances_.push_back({.view = view, .state = view->make_state()});
}

void MainFrame::take_notices() {
    const Snapshot& snapshot = session_.snapshot();
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

std::vector<ViewPlace> MainFrame::places(float height_px) const {
    std::vector<ViewPlace> out;
    const float column_dp = column_height(height_px / ui::kit().scale);
    for (const Instance& instance : instances_) {
        if (!is_active(*instance.view)) continue;
        HeightWish wish = instance.view->height(session_.snapshot(), *instance.state, column_dp);
        const bool has_tabs = group_members(instance.view->group).size() > 1;
        if (has_tabs && wish.preferred_dp > 0) wish.preferred_dp += ui::kTabRow;
        if (has_tabs) wish.minimum_dp += ui::kTabRow;
        out.push_back({instance.view->id, instance.view->column, wish});
    }
    return out;
}

/// A tab that has nothing to show stays away until somebody asks for it.
bool MainFrame::has_place(const ViewDescriptor& view) const {
    if (!view.has_content || view.has_content(session_.snapshot())) return true;
    const auto chosen = group_tabs_.find(view.group);
    return chosen != group_tabs_.end() && chosen->second == view.id;
}

std::vector<const ViewDescriptor*> MainFrame::group_members(const std::string& group) const {
    std::vector<const ViewDescriptor*> out;
    if (group.empty()) return out;
    for (const Instance& instance : instances_) {
        if (group == instance.view->group && has_place(*instance.view)) out.push_back(instance.view);
    }
    return out;
}

std::vector<const ViewDescriptor*> MainFrame::right_members() const {
    std::vector<const ViewDescriptor*> out;
    for (const Instance& instance : instances_) {
        if (instance.view->column == ViewColumn::Right && has_place(*instance.view))
            out.push_back(instance.view);
    }
    return out;
}

/// The one of its group that is shown; a view without a group always is.
bool MainFrame::is_active(const ViewDescriptor& view) const {
    if (!*view.group) return true;
    const auto chosen = group_tabs_.find(view.group);
    if (chosen != group_tabs_.end()) return chosen->second == view.id;
    return group_members(view.group).front() == &view;
}

void MainFrame::activate(const ViewDescriptor& view) {
    if (*view.group) group_tabs_[view.group] = view.id;
    if (view.column == ViewColumn::Right) right_tab_ = view.id;
}

/// What it showed was closed: its place goes back to the first of the group.
void MainFrame::leave(const ViewDescriptor& view) {
    const auto chosen = group_tabs_.find(view.group);
    if (chosen != group_tabs_.end() && chosen->second == view.id) group_tabs_.erase(chosen);
    if (right_tab_ == view.id) right_tab_ = "metrics";
}

/// What was just opened, or replaced for the first time, is shown.
void MainFrame::follow_news() {
    for (Instance& instance : instances_) {
        const ViewDescriptor& view = *instance.view;
        if (!view.subject) continue;
        std::string subject = view.subject(session_.snapshot());
        if (subject == instance.subject) continue;
        if (!subject.empty()) activate(view);
        if (subject.empty() && view.leaves_without_subject) leave(view);
        instance.subject = std::move(subject);
    }
}

void MainFrame::draw(float width_px, float height_px, Actions& actions) {
    // The window was cleared to its background; painting it again takes a third of a frame drawn in software.
    ImGui::GetStyle().Colors[ImGuiCol_WindowBg].w = 0;
    const Snapshot& snapshot = session_.snapshot();
    take_notices();
    follow_news();
    fulfil_wishes();
    shared_.update_freshness(snapshot.is_stale, ImGui::GetTime());
    shared_.is_dialog_open = palette_.is_open() || browser_.is_open() || shortcuts_.is_open() ||
                             about_.is_open() || question_.is_open();
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
    const WindowLayout layout = compute_layout(layout_input_, places(height_px));
    draw_top_bar(layout.header, actions);
    draw_views(layout, actions);
    draw_splitters(layout, width_px);
    draw_toasts(layout, actions);
    draw_dialogs(actions);
    move_query(actions);
    const bool is_editing = shared_.has_text_focus || shared_.is_dialog_open || ImGui::GetIO().WantTextInput;
    if (const CommandDescriptor* command = pressed_command(is_editing); command && !shared_.is_dialog_open)
        actions.run(command->id);
    if (shared_.finish_frame()) ui::request_redraw();
    // A text that could not be run stays stale: nothing more will come.
    is_settled_ = !ui::kit().wants_redraw && (!snapshot.is_stale || !session_.is_busy());
}

void MainFrame::fulfil_wishes() {
    if (std::exchange(shell_.wants_palette, false)) palette_filter_.clear(), palette_.open();
    if (std::exchange(shell_.wants_text_focus, false)) shared_.wants_text_focus = true;
    if (std::exchange(shell_.wants_open_dialog, false)) {
        ui::FileBrowser::Spec spec;
        spec.title = "Open a model (a path or org/name), an attention dump, an atlas or a training run";
        spec.extensions = {".safetensors", ".json", ".jsonl", ".npz", ".npy", ".gguf", ".bin", ".pt", ".pth"};
        spec.describe = describe_path;
        spec.takes_names = true;
        browser_command_ = "open";
        browser_.open(std::move(spec), browse_start(session_.snapshot()));
    }
    if (auto question = std::exchange(shell_.wanted_file, std::nullopt)) {
        ui::FileBrowser::Spec spec;
        spec.title = std::move(question->title);
        spec.button = std::move(question->button);
        spec.extensions = std::move(question->extensions);
        spec.picks_folders = false;
        browser_command_ = std::move(question->command);
        browser_.open(std::move(spec), browse_start(session_.snapshot()));
    }
    const std::string topic = std::exchange(shell_.wanted_help, {});
    if (topic == "shortcuts") shortcuts_.open("Keyboard and pointer", shortcut_entries());
    if (topic == "about") about_.open("About Headlight", about_text(session_.snapshot()));
    shared_.fit_requests = shell_.num_fits;
    const std::string view = std::exchange(shell_.wanted_view, {});
    if (const ViewDescriptor* wanted = find_view(view)) activate(*wanted);
    if (view == "text_box") shared_.wants_text_focus = true;
}

void MainFrame::draw_top_bar(const LayoutRect& rect, Actions& actions) {
    const Snapshot& snapshot = session_.snapshot();
    const std::string dim = model_words(snapshot), right = run_words(snapshot);
    std::string needs_words;
    ui::TopBarSpec spec;
    spec.name = "Headlight";
    spec.chip_strong =
        snapshot.model ? std::string_view(snapshot.model->spec.name) : std::string_view("Open a model …");
    spec.chip_dim = dim;
    spec.right = right;
    spec.right_button = "Ctrl P  commands##palette";
    spec.menus = [&] { needs_words = draw_menus(snapshot, actions); };
    const ui::TopBarResponse response = ui::top_bar(spec, {rect.x, rect.y}, rect.width);
    if (response.is_chip_clicked) actions.run("open_dialog");
    if (response.is_button_clicked) actions.run("palette");
    if (!needs_words.empty()) palette_.open(needs_words + " ");
}

void MainFrame::draw_view(Instance& instance, const LayoutRect& rect, Actions& actions) {
    ViewContext context{session_.snapshot(), values_,         actions,          shared_,
                        &shaders_,           *instance.state, {rect.x, rect.y}, {rect.width, rect.height}};
    instance.view->draw(context);
}

/// Tabs over the views that share a place; returns what is left for the chosen one.
LayoutRect MainFrame::draw_tabs(const char* id, const std::vector<const ViewDescriptor*>& members,
                                std::string& chosen, const LayoutRect& rect) {
    std::vector<ui::Segment> tabs;
    int selected = 0;
    for (const ViewDescriptor* view : members) {
        if (chosen == view->id) selected = static_cast<int>(tabs.size());
        tabs.push_back({view->title, view->help, true});
    }
    if (tabs.empty()) return rect;
    const float height = ui::tab_row(id, tabs, selected, {rect.x, rect.y}, rect.width);
    chosen = members[static_cast<std::size_t>(selected)]->id;
    return {rect.x, rect.y + height, rect.width, std::max(1.0f, rect.height - height)};
}

void MainFrame::draw_views(const WindowLayout& layout, Actions& actions) {
    const bool is_right_folded = layout.folds_right && layout.right.width > 0;
    LayoutRect folded = layout.right;
    if (is_right_folded) {
        folded = draw_tabs("##right_tabs", right_members(), right_tab_, layout.right);
        folded.y += ui::px(kFoldedGapDp);
        folded.height -= ui::px(kFoldedGapDp);
    }
    const ViewDescriptor* next_tab = nullptr;
    for (Instance& instance : instances_) {
        const ViewDescriptor& view = *instance.view;
        if (is_right_folded && view.column == ViewColumn::Right) {
            if (right_tab_ == view.id) draw_view(instance, folded, actions);
            continue;
        }
        const LayoutRect* rect = layout.find(view.id);
        if (!rect || !is_active(view)) continue;
        const auto members = group_members(view.group);
        if (members.size() < 2) {
            draw_view(instance, *rect, actions);
            continue;
        }
        // The view that was placed is drawn in this frame; another tab takes over in the next.
        std::string chosen = view.id;
        const LayoutRect rest = draw_tabs(view.group, members, chosen, *rect);
        draw_view(instance, rest, actions);
        if (chosen == view.id) continue;
        next_tab = find_view(chosen);
    }
    if (!next_tab) return;
    activate(*next_tab);
    ui::request_redraw();
}

/// The gaps beside the middle column can be dragged; a double click gives the width back to the layout.
void MainFrame::draw_splitters(const WindowLayout& layout, float width_px) {
    if (layout.left.width <= 0 || shared_.is_dialog_open) return;
    const auto splitter = [&](const char* label, float x, float& share, float now, float direction) {
        const auto response = ui::hot_area(label, {x, layout.middle.y}, {ui::px(8), layout.middle.height});
        if (ImGui::IsItemActive() && ImGui::GetIO().MouseDelta.x != 0) {
            share = std::clamp((now + direction * ImGui::GetIO().MouseDelta.x) / width_px, 0.05f, 0.6f);
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

void MainFrame::draw_dialogs(Actions& actions) {
    if (!palette_filter_.empty()) palette_.open(std::exchange(palette_filter_, {}));
    if (palette_.is_open()) {
        static const std::vector<ui::PaletteEntry> entries = palette_entries();
        std::string typed;
        if (const auto chosen = palette_.draw(entries, &typed)) {
            PaletteChoice choice = resolve_palette(*chosen, typed);
            if (choice.call) actions.run(choice.call->id, choice.call->arguments);
            if (!choice.error.empty()) toasts_.push(ui::ToastKind::Warning, choice.error);
            palette_filter_ = choice.reopen_with;
            ui::request_redraw();
        }
    }
    if (const auto path = browser_.draw()) actions.run(browser_command_, {*path});
    ask_how_to_open(actions);
    if (const auto command = shortcuts_.draw(); command && !command->empty()) actions.run(*command);
    about_.draw();
}

/// What the session will not open without the user's word.
void MainFrame::ask_how_to_open(Actions& actions) {
    const std::optional<OpenQuestion>& question = session_.snapshot().open_question;
    if (question && !question_.is_open()) {
        asked_ = question;
        const bool runs_code = question->kind == OpenQuestion::Kind::RunsCode;
        question_.open(runs_code ? "This file runs code" : "Which axes are these?", question->sentence,
                       runs_code ? std::vector<std::string>{"Run its code and open it"} : question->answers);
    }
    const auto answer = question_.draw();
    if (!answer || !asked_) return;
    const OpenQuestion asked = *std::exchange(asked_, std::nullopt);
    session_.drop_open_question();
    if (*answer < 0) return;
    if (asked.kind == OpenQuestion::Kind::RunsCode)
        return actions.run("open", {asked.path, "--trust-torchscript"});
    actions.run("open", {asked.path, "--axes", asked.answers[static_cast<std::size_t>(*answer)]});
}

const char* MainFrame::drop_command() const {
    for (const Instance& instance : instances_) {
        if (*instance.view->takes_files && is_active(*instance.view)) return instance.view->takes_files;
    }
    return "open";
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
