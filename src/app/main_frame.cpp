// One frame of the window.
#include "app/main_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "app/menus.h"
#include "app/shortcuts.h"
#include "ui/controls.h"
#include "ui/kit.h"
#include "ui/plots.h"
#include "views/format.h"

namespace headlight {

namespace {

constexpr float kTabsDp = 32;

std::string describe_path(const std::string& path, bool is_folder) {
    std::error_code error;
    if (is_folder) return std::filesystem::exists(path + "/config.json", error) ? "model" : "";
    return path.ends_with(".safetensors") ? "weights or attention" : "";
}

std::string browse_start(const Snapshot& snapshot) {
    if (!snapshot.settings.recent.empty())
        return std::filesystem::path(snapshot.settings.recent.front()).parent_path().string();
    const char* home = std::getenv("HOME");
    return home ? home : "/";
}

}  // namespace

std::string run_words(const Snapshot& snapshot) {
    if (!snapshot.text) return {};
    const AnalyzedText& text = *snapshot.text;
    std::string out = format_count(static_cast<int>(text.tokens.tokens.size()), "token", "tokens");
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
    return fmt::format("{}{} · {} layers × {} heads{}{}{}", family.empty() ? "" : " · ", family,
                       spec.num_layers, spec.num_heads, kv, spec.dtype.empty() ? "" : " · ", spec.dtype);
}

MainFrame::MainFrame(Session& session, AppShell& shell, gfx::ShaderLibrary& shaders)
    : session_(session), shell_(shell), shaders_(shaders), values_(session) {
    for (const ViewDescriptor* view : views())
        instances_.push_back({view, view->make_state()});
}

void MainFrame::take_notices() {
    const Snapshot& snapshot = session_.snapshot();
    for (const Notice& notice : session_.take_notices()) {
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
        out.push_back({instance.view->id, instance.view->column,
                       instance.view->height(session_.snapshot(), *instance.state, column_dp)});
    }
    return out;
}

void MainFrame::draw(float width_px, float height_px, Actions& actions) {
    // The window was cleared to its background; painting it again takes a third of a frame drawn in software.
    ImGui::GetStyle().Colors[ImGuiCol_WindowBg].w = 0;
    const Snapshot& snapshot = session_.snapshot();
    take_notices();
    fulfil_wishes();
    shared_.update_freshness(snapshot.is_stale, ImGui::GetTime());
    shared_.is_dialog_open =
        palette_.is_open() || browser_.is_open() || shortcuts_.is_open() || about_.is_open();
    layout_input_.width_px = width_px;
    layout_input_.height_px = height_px;
    layout_input_.scale = ui::kit().scale;
    if (snapshot.text && snapshot.text->trace) {
        layout_input_.num_layers = snapshot.text->trace->num_layers();
        layout_input_.num_heads = snapshot.text->trace->num_heads();
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
    is_settled_ = !ui::kit().wants_redraw && !snapshot.is_stale;
}

void MainFrame::fulfil_wishes() {
    if (std::exchange(shell_.wants_palette, false)) palette_filter_.clear(), palette_.open();
    if (std::exchange(shell_.wants_text_focus, false)) shared_.wants_text_focus = true;
    if (std::exchange(shell_.wants_open_dialog, false)) {
        ui::FileBrowser::Spec spec;
        spec.title = "Open a model or an attention dump";
        spec.extensions = {".safetensors", ".json", ".npz", ".gguf", ".bin", ".pt"};
        spec.describe = describe_path;
        browser_.open(std::move(spec), browse_start(session_.snapshot()));
    }
    const std::string topic = std::exchange(shell_.wanted_help, {});
    if (topic == "shortcuts") shortcuts_.open("Keyboard and pointer", shortcut_entries());
    if (topic == "about") about_.open("About Headlight", about_text(session_.snapshot()));
    shared_.fit_requests = shell_.num_fits;
    const std::string view = std::exchange(shell_.wanted_view, {});
    int tab = 0;
    for (const Instance& instance : instances_) {
        if (view == instance.view->id && instance.view->column == ViewColumn::Right) tab_ = tab;
        if (view == "text_box") shared_.wants_text_focus = true;
        tab += instance.view->column == ViewColumn::Right ? 1 : 0;
    }
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

/// Tabs over the folded right column; returns what is left for the view.
LayoutRect MainFrame::draw_tabs(const LayoutRect& column) {
    std::vector<ui::Segment> segments;
    for (const Instance& instance : instances_) {
        if (instance.view->column == ViewColumn::Right)
            segments.push_back({instance.view->title, instance.view->help, true});
    }
    ImGui::SetCursorScreenPos({column.x, column.y});
    ui::segmented("##right_tabs", segments, tab_);
    const float height = ui::px(kTabsDp);
    return {column.x, column.y + height, column.width, column.height - height};
}

void MainFrame::draw_views(const WindowLayout& layout, Actions& actions) {
    LayoutRect folded = layout.right;
    if (layout.folds_right && layout.right.width > 0) folded = draw_tabs(layout.right);
    int tab = 0;
    for (Instance& instance : instances_) {
        const LayoutRect* rect = layout.find(instance.view->id);
        if (!rect) continue;
        const bool is_folded = layout.folds_right && instance.view->column == ViewColumn::Right;
        if (is_folded && tab++ != tab_) continue;
        draw_view(instance, is_folded ? folded : *rect, actions);
    }
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
    if (const auto path = browser_.draw()) actions.run("open", {*path});
    if (const auto command = shortcuts_.draw(); command && !command->empty()) actions.run(*command);
    about_.draw();
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
