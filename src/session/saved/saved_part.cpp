// Saving: what changed, where it goes, and the commands.
#include "session/saved/saved_part.h"

#include <filesystem>

#include "io/identify_path.h"
#include "run/open_source.h"
#include "run/saved/session_file.h"
#include "session/command_arguments.h"
#include "session/saved/restore.h"

namespace headlight {
namespace {

/// Is there anything that could be opened again?
bool is_worth_keeping(const SavedSession& session) {
    return !session.path.empty() || !session.atlas.empty() || !session.training.empty();
}

}  // namespace

SavedPart::SavedPart(const TaskSetting& setting) : core_(setting.core) {
    const std::string& folder = core_.options.autosave_folder;
    if (folder.empty()) return;
    SessionCore* core = &core_;
    autosave_ = std::make_unique<Autosave>(folder, [core](const Error& error) {
        core->mailbox.post(
            [core, error] { core->notify_error("What is open could not be saved by itself", error); });
    });
    core->pool.submit(
        std::make_shared<JobControl>(), [this, core, look = autosave_->look()](const JobContext&) {
            auto left = guarded(look);
            core->mailbox.post([this, core, left = std::move(left)] {
                if (!left) return core->notify_error("What is open cannot be saved by itself", left.error());
                change([&](SavedState& next) {
                    next.offer = left->crashed;
                    next.offer_words = left->crashed_words;
                    next.last = left->last;
                });
            });
        });
}

void SavedPart::note(SavedSession now) {
    const bool is_same = are_same(now, last_);
    if (is_same && saved_ == nullptr) return;
    const bool is_changed = saved_ && (was_restored_changed_ || !are_same(now, *saved_));
    if (!state().path.empty() && is_changed != state().is_changed)
        change([&](SavedState& next) { next.is_changed = is_changed; });
    if (is_same) return;
    keep(now);
    keep_notes(now);
    last_ = std::move(now);
}

void SavedPart::take_as_beginning(SavedSession now) {
    last_ = std::move(now);
}

void SavedPart::keep(const SavedSession& now) {
    if (!autosave_ || !is_worth_keeping(now)) return;
    SavedSession session = now;
    session.saved_as = state().path;
    session.is_changed = state().is_changed;
    autosave_->keep(std::move(session));
}

/// Those of a session that is saved are in its file.
void SavedPart::keep_notes(const SavedSession& now) {
    const std::uint64_t model_id = core_.open_now().model_id;
    const bool is_same_model = model_id == std::exchange(noted_model_id_, model_id);
    if (!is_same_model) known_notes_ = now.notes ? *now.notes : Notes();
    if (!autosave_ || !state().path.empty() || model_id == 0 || !is_same_model || now.notes == last_.notes)
        return;
    SavedSession notes;
    notes.path = now.path;
    notes.model_name = now.model_name;
    notes.config_hash = now.config_hash;
    notes.notes = now.notes;
    for (const Note& note : now.notes ? *now.notes : Notes())
        if (!has_note_on(known_notes_, note)) known_notes_.push_back(note);
    const std::string path = notes_path(autosave_->folder(), core_.snapshot.model->spec);
    change([&](SavedState& next) { next.kept_notes[path] = now.notes; });
    autosave_->keep_notes(std::move(notes), known_notes_, path);
}

/// Nothing that was changed is lost when something else is opened.
void SavedPart::leave() {
    if (state().is_changed && autosave_) {
        const std::string path = autosave_->set_aside(last_);
        core_.notify({Notice::Level::Info, "The session that was not saved is kept", path, 0});
    }
    saved_ = nullptr;
    was_restored_changed_ = false;
    ++serial_;
    change([](SavedState& next) {
        next.path.clear();
        next.is_changed = false;
    });
}

void SavedPart::drop_strangers() {
    const std::uint64_t model_id = core_.open_now().model_id;
    if (model_id == std::exchange(model_id_, model_id)) return;
    if (!state().path.empty()) leave();
}

void SavedPart::take_opened(const OpenedSession& opened, SavedSession now) {
    if (!state().path.empty()) leave();
    const bool is_own = is_own_file(opened.path);
    model_id_ = core_.open_now().model_id;
    saved_ = std::make_shared<const SavedSession>(now);
    was_restored_changed_ = is_own && opened.session->is_changed;
    change([&](SavedState& next) {
        next.path = is_own ? opened.session->saved_as : opened.path;
        next.is_changed = was_restored_changed_;
        next.waiting = nullptr;
        next.waiting_path.clear();
        if (next.offer == opened.path) next.offer.clear();
    });
    if (state().path.empty()) saved_ = nullptr;
    last_ = std::move(now);
    if (is_own && std::filesystem::path(opened.path).filename() != kLastSessionName)
        autosave_->take_over(opened.path);
    keep(last_);
    keep_notes(last_);
}

void SavedPart::save(SavedSession now, std::string path) {
    const auto written = std::make_shared<const SavedSession>(std::move(now));
    const std::uint64_t serial = ++serial_;
    core_.pool.submit(std::make_shared<JobControl>(),
                      [this, core = &core_, written, path, serial](const JobContext&) {
                          Status status = guarded([&] { return write_session(*written, path); });
                          core->mailbox.post([this, serial, path, written, status = std::move(status)] {
                              take_saved(serial, path, written, status);
                          });
                      });
}

void SavedPart::take_saved(std::uint64_t serial, const std::string& path, const SavedSessionPtr& written,
                           Status status) {
    if (!status) return core_.notify_error("The session was not saved", status.error());
    core_.notify(Notice::Level::Info, "Saved to " + path);
    if (serial != serial_) return;  // something else was opened meanwhile, or saved elsewhere
    saved_ = written;
    was_restored_changed_ = false;
    change([&](SavedState& next) {
        next.path = path;
        next.is_changed = !are_same(last_, *saved_);
    });
    keep(last_);
    auto& recent = core_.snapshot.settings.recent;
    std::erase(recent, path);
    recent.insert(recent.begin(), path);
    if (recent.size() > kMostRecentPaths) recent.resize(kMostRecentPaths);
    core_.settings_changed();
}

void note_session(Session& session) {
    task_of<SavedPart>(session).note(capture_session(session));
}

void take_as_beginning(Session& session) {
    task_of<SavedPart>(session).take_as_beginning(capture_session(session));
}

void take_saved_session(Session& session, const OpenedSession& opened) {
    task_of<SavedPart>(session).take_opened(opened, capture_session(session));
}

namespace {

Status ask_where_to_save(CommandContext& context) {
    context.shell.ask_for_file(
        {.title = "Save the session: model, text, what was chosen, asked, changed and noted",
         .button = "Save",
         .extensions = {kSessionEnding},
         .command = "save_session",
         .is_new = true});
    return {};
}

Status check_saveable(const CommandContext& context) {
    if (is_worth_keeping(capture_session(context.session))) return {};
    return fail(ErrorKind::Missing, "nothing is open that a session could bring back; open a model first");
}

Status run_save_session(CommandContext& context, Arguments arguments) {
    HEADLIGHT_CHECK(check_saveable(context));
    const SavedState& state = context.session.snapshot().part<SavedState>();
    if (arguments.empty() && state.path.empty()) return ask_where_to_save(context);
    std::string path = arguments.empty() ? state.path : with_home(arguments[0]);
    if (path.empty() || path.ends_with('/'))
        return fail(ErrorKind::InvalidInput, "a session needs the name of a file: {}", context.usage);
    if (!arguments.empty() && !path.ends_with(kSessionEnding)) path += kSessionEnding;
    path = std::filesystem::absolute(path).lexically_normal().string();
    task_of<SavedPart>(context.session).save(capture_session(context.session), path);
    return {};
}

Status run_restore_session(CommandContext& context, Arguments) {
    const SavedState& state = context.session.snapshot().part<SavedState>();
    const std::string& path = state.offer.empty() ? state.last : state.offer;
    if (path.empty()) return fail(ErrorKind::Missing, "no earlier window left a session");
    context.session.open(path);
    return {};
}

}  // namespace

extern const TaskDescriptor k_task_saved = {[](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
    return std::make_unique<SavedPart>(setting);
}};

extern const CommandDescriptor k_command_save_session = {
    .id = "save_session",
    .label = "Save the session",
    .help =
        "Writes what is open, chosen, asked, changed and noted to one file, which opens as a model does; "
        "asks for a "
        "name the first time.",
    .usage = "save_session [PATH]",
    .shortcut = "Ctrl+S",
    .group = "File",
    .arguments = {0, 1},
    .run = run_save_session,
};

extern const CommandDescriptor k_command_save_session_as = {
    .id = "save_session_as",
    .label = "Save the session as ...",
    .help = "Saves the session under another name, which Ctrl+S then writes to.",
    .usage = "save_session_as",
    .shortcut = "Ctrl+Shift+S",
    .group = "File",
    .run = [](CommandContext& context, Arguments) -> Status {
        HEADLIGHT_CHECK(check_saveable(context));
        return ask_where_to_save(context);
    },
};

extern const CommandDescriptor k_command_restore_session = {
    .id = "restore_session",
    .label = "Bring the last session back",
    .help =
        "Opens what a window that ended without warning left, else the session of the one that was closed "
        "last.",
    .usage = "restore_session",
    .group = "File",
    .is_enabled =
        [](const Snapshot& now) {
            const SavedState& state = now.part<SavedState>();
            return !state.offer.empty() || !state.last.empty();
        },
    .run = run_restore_session,
};

}  // namespace headlight
