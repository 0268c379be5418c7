// The dialogs of the window.
#include "app/window_dialogs.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "app/menus.h"
#include "io/checkpoint/model_path.h"
#include "io/identify_path.h"
#include "session/saved/saved_state.h"
#include "ui/kit.h"

namespace headlight {

namespace {

std::string describe_path(const std::string& path, bool is_folder) {
    std::error_code error;
    if (is_folder) {
        if (std::filesystem::exists(path + "/config.json", error)) return "model";
        if (std::filesystem::exists(path + "/atlas.json", error)) return "atlas";
        return std::filesystem::exists(path + "/metrics.jsonl", error) ? "training run" : "";
    }
    if (path.ends_with(kSessionEnding)) return "session";
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

bool WindowDialogs::is_any_open() const {
    return palette_.is_open() || browser_.is_open() || shortcuts_.is_open() || about_.is_open() ||
           question_.is_open() || words_.is_open() || figure_.is_open();
}

void WindowDialogs::fulfil_wishes(AppShell& shell) {
    if (std::exchange(shell.wants_palette, false)) {
        palette_filter_.clear();
        palette_.open(std::exchange(shell.palette_text, {}));
    }
    if (std::exchange(shell.wants_open_dialog, false)) {
        ui::FileBrowser::Spec spec;
        spec.title =
            "Open a model (a path or org/name), a session, an attention dump, an atlas or a training run";
        spec.extensions = {kSessionEnding, ".safetensors", ".json", ".jsonl", ".npz",
                           ".npy",         ".gguf",        ".bin",  ".pt",    ".pth"};
        spec.describe = describe_path;
        spec.takes_names = true;
        const SavedState& saved = session_.snapshot().part<SavedState>();
        if (!saved.offer.empty())
            spec.suggestions.push_back({saved.offer, "not saved: " + saved.offer_words});
        if (!saved.last.empty()) spec.suggestions.push_back({saved.last, "last session"});
        for (const std::string& recent : session_.snapshot().settings.recent)
            spec.suggestions.push_back({recent, "recent"});
        for (const std::string& name : cached_model_names())
            spec.suggestions.push_back({name, "Hugging Face cache"});
        browser_command_ = "open";
        browser_.open(std::move(spec), browse_start(session_.snapshot()));
    }
    if (auto question = std::exchange(shell.wanted_file, std::nullopt)) {
        ui::FileBrowser::Spec spec;
        spec.title = std::move(question->title);
        spec.button = std::move(question->button);
        spec.extensions = std::move(question->extensions);
        spec.picks_folders = false;
        spec.picks_new_file = question->is_new;
        browser_command_ = std::move(question->command);
        browser_.open(std::move(spec), browse_start(session_.snapshot()));
    }
    const std::string topic = std::exchange(shell.wanted_help, {});
    if (topic == "shortcuts") shortcuts_.open("Keyboard and pointer", shortcut_entries());
    if (topic == "about") about_.open("About Headlight", about_text(session_.snapshot()));
}

/// A command that needs words asks for them, and again when it cannot read them.
void WindowDialogs::ask_for_words(std::string_view command) {
    const CommandDescriptor* asked = find_command(command);
    if (!asked) return;
    words_command_ = asked->id;
    words_.open(asked->label, asked->help, asked->usage);
}

void WindowDialogs::draw_words(Actions& actions) {
    const auto typed = words_.draw();
    if (!typed) return;
    auto parsed = parse_command(words_command_ + " " + *typed);
    if (parsed && *parsed) actions.run((*parsed)->id, (*parsed)->arguments);
}

std::string WindowDialogs::draw(Actions& actions) {
    std::string problem = draw_palette(actions);
    draw_words(actions);
    if (const auto path = browser_.draw()) actions.run(browser_command_, {*path});
    ask_how_to_open(actions);
    if (const auto command = shortcuts_.draw(); command && !command->empty()) actions.run(*command);
    about_.draw();
    figure_.draw(actions);
    return problem;
}

std::string WindowDialogs::draw_palette(Actions& actions) {
    if (!palette_filter_.empty()) palette_.open(std::exchange(palette_filter_, {}));
    if (!palette_.is_open()) return {};
    static const std::vector<ui::PaletteEntry> entries = palette_entries();
    std::string typed;
    const auto chosen = palette_.draw(entries, &typed);
    if (!chosen) return {};
    PaletteChoice choice = resolve_palette(*chosen, typed);
    if (choice.call) actions.run(choice.call->id, choice.call->arguments);
    palette_filter_ = choice.reopen_with;
    ui::request_redraw();
    return choice.error;
}

/// What the session will not open without the user's word.
void WindowDialogs::ask_how_to_open(Actions& actions) {
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

}  // namespace headlight
