// Menus and palette entries out of the command registry.
#include "app/menus.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include "app/shortcuts.h"
#include "gfx/gl_handles.h"
#include "ui/dialogs/dialogs.h"
#include "views/format.h"
#include "views/view.h"
#include "views/workspaces/workspace.h"

namespace headlight {

namespace {

constexpr const char* kGroups[] = {"File", "Edit", "View", "Analyse", "Write", "Help"};

std::string file_name(const std::string& path) {
    const auto end = path.find_last_not_of('/');
    if (end == std::string::npos) return path;
    const auto slash = path.find_last_of('/', end);
    return path.substr(slash == std::string::npos ? 0 : slash + 1,
                       end - (slash == std::string::npos ? 0 : slash + 1) + 1);
}

constexpr std::size_t kMostRecent = 6;

void draw_recent(const Snapshot& snapshot, Actions& actions) {
    if (snapshot.settings.recent.empty()) return;
    ui::menu_separator();
    for (std::size_t i = 0; i < snapshot.settings.recent.size() && i < kMostRecent; ++i) {
        const std::string& path = snapshot.settings.recent[i];
        const std::string label = fmt::format("{}##recent_{}", file_name(path), path);
        if (ui::menu_item(label.c_str(), path.size() > 44 ? "…" + path.substr(path.size() - 42) : path))
            actions.run("open", {path});
    }
}

/// Of a model with several, one item each.
void draw_tokenizers(const Snapshot& snapshot, Actions& actions) {
    if (!snapshot.model || snapshot.model->tokenizers.size() < 2) return;
    ui::menu("Tokenizer", [&] {
        const ModelInfo& model = *snapshot.model;
        for (std::size_t i = 0; i < model.tokenizers.size(); ++i) {
            const TokenizerChoice& choice = model.tokenizers[i];
            const std::string label = fmt::format("{}##tokenizer_{}", choice.label, i);
            const bool is_used = model.tokenizer && model.tokenizer->source() == choice.file;
            if (ui::menu_item(label.c_str(), choice.is_default ? "as the reference" : "", model.is_live,
                              is_used))
                actions.run("tokenizer", {std::to_string(i)});
        }
    });
}

void draw_view_list(const Snapshot& snapshot, Actions& actions) {
    ui::menu_separator();
    for (std::size_t i = 0; i < workspaces().size(); ++i) {
        const WorkspaceDescriptor& workspace = *workspaces()[i];
        const std::string label = fmt::format("{}##workspace_{}", workspace.title, workspace.id);
        if (ui::menu_item(label.c_str(), workspace_shortcut(i), true,
                          snapshot.settings.workspace == workspace.id))
            actions.run("workspace", {workspace.id});
    }
    ui::menu_separator();
    for (const ViewDescriptor* view : views()) {
        if (stands_apart(view->id)) continue;
        const std::string label = fmt::format("{}##view_{}", view->title, view->id);
        if (ui::menu_item(label.c_str())) actions.run("view", {view->id});
    }
}

/// The choices of a command, with a mark at the one that is on.
void draw_choices(const CommandDescriptor& command, const Snapshot& snapshot, Actions& actions) {
    ui::submenu(fmt::format("{}##menu_{}", command.label, command.id).c_str(), [&] {
        const std::string now = command.current(snapshot);
        std::istringstream words(command.choices);
        for (std::string word; words >> word;) {
            std::string visible = word;
            std::replace(visible.begin(), visible.end(), '_', ' ');
            const std::string label = fmt::format("{}##{}_{}", visible, command.id, word);
            if (ui::menu_item(label.c_str(), {}, true, word == now)) actions.run(command.id, {word});
        }
    });
}

void draw_group(std::string_view group, const Snapshot& snapshot, Actions& actions,
                std::string& needs_words) {
    bool is_first_with_words = true;
    for (const bool wants_words : {false, true}) {
        for (const CommandDescriptor* command : commands()) {
            if (group != command->group || command->needs_arguments != wants_words) continue;
            const std::string_view id = command->id;
            if (id == "view" || id == "workspace" || id == "wait" || id == "open" ||
                (id == "quit" && !wants_words))
                continue;
            if (wants_words && is_first_with_words) ui::menu_separator();
            is_first_with_words = is_first_with_words && !wants_words;
            const std::string label =
                fmt::format("{}{}##menu_{}", command->label, wants_words ? " …" : "", command->id);
            const bool is_enabled = !command->is_enabled || command->is_enabled(snapshot);
            if (*command->choices) {
                if (is_enabled) draw_choices(*command, snapshot, actions);
                continue;
            }
            const bool is_checked = command->is_checked && command->is_checked(snapshot);
            if (!ui::menu_item(label.c_str(), command->shortcut, is_enabled, is_checked)) continue;
            if (wants_words) needs_words = command->id;
            if (!wants_words) actions.run(command->id);
        }
    }
}

}  // namespace

std::string draw_menus(const Snapshot& snapshot, Actions& actions) {
    std::string needs_words;
    for (const char* group : kGroups) {
        ui::menu(group, [&] {
            const std::string_view name = group;
            draw_group(name, snapshot, actions, needs_words);
            if (name == "View") draw_view_list(snapshot, actions);
            if (name != "File") return;
            draw_recent(snapshot, actions);
            ui::menu_separator();
            if (ui::menu_item("Quit##menu_quit", "Ctrl+Q")) actions.run("quit");
        });
    }
    draw_tokenizers(snapshot, actions);
    return needs_words;
}

std::vector<ui::PaletteEntry> palette_entries() {
    std::vector<ui::PaletteEntry> entries;
    for (const CommandDescriptor* command : commands()) {
        const bool has_words = std::string_view(command->usage).find(' ') != std::string_view::npos;
        std::string help =
            has_words ? fmt::format("{}  ·  {}", command->usage, command->help) : command->help;
        entries.push_back({command->id, command->label, std::move(help), command->shortcut, true});
    }
    return entries;
}

PaletteChoice resolve_palette(const std::string& id, const std::string& typed) {
    PaletteChoice choice;
    const auto space = typed.find(' ');
    const bool has_words =
        space != std::string::npos && typed.find_first_not_of(' ', space) != std::string::npos;
    const bool is_typed_whole = find_command(typed.substr(0, space)) && has_words;
    if (id.empty() || is_typed_whole) {
        auto parsed = parse_command(typed);
        if (!parsed) choice.error = parsed.error().message;
        if (parsed && *parsed) choice.call = **parsed;
        return choice;
    }
    const CommandDescriptor* command = find_command(id);
    if (command && command->needs_arguments) choice.reopen_with = id + " ";
    if (command && !command->needs_arguments) choice.call = CommandCall{id, {}};
    return choice;
}

std::vector<ui::PaletteEntry> shortcut_entries() {
    std::vector<ui::PaletteEntry> out;
    for (const CommandDescriptor* command : commands()) {
        if (*command->shortcut)
            out.push_back({command->id, command->label, command->help, command->shortcut, true});
    }
    for (std::size_t i = 0; i < workspaces().size(); ++i) {
        const WorkspaceDescriptor& workspace = *workspaces()[i];
        out.push_back({"", workspace.title, workspace.help, workspace_shortcut(i), false});
    }
    const auto pointer = [&out](const char* label, const char* help) {
        out.push_back({"", label, help, "", false});
    };
    pointer("Shift+Up, Shift+Down", "Previous and next query token.");
    pointer("Click, Shift+click a head", "Chooses it; adds it to the chosen ones, whose mean is shown.");
    pointer("Wheel, drag, double-click", "Zooms, pans and fits the heatmap.");
    pointer("Ctrl+wheel", "Zooms the head grid.");
    pointer("Drop a folder or file", "Opens it.");
    return out;
}

std::string about_text(const Snapshot& snapshot) {
    std::string out =
        "Headlight shows where a transformer looks: the attention of every layer and head, as it was "
        "computed.\n\n";
    out += fmt::format("graphics: {}\n", gfx::gl_description());
    out += fmt::format("compiler: {}\n", __VERSION__);
    if (snapshot.model) {
        const ModelSpec& spec = snapshot.model->spec;
        out += fmt::format("model: {} ({}), {} parameters, {}\n", spec.name, spec.family_label,
                           format_parameters(spec.num_parameters), spec.path);
        if (!snapshot.model->tokenizer_note.empty())
            out += fmt::format("tokenizer: {}\n", snapshot.model->tokenizer_note);
    }
    return out;
}

}  // namespace headlight
