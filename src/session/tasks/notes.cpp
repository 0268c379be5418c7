// Notes: the part that keeps those on the open model, and their commands.
#include "session/tasks/notes.h"

#include <algorithm>

#include "base/atomic_file.h"
#include "base/utf8.h"
#include "run/saved/notes_export.h"
#include "run/saved/saved_session.h"
#include "session/command_arguments.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

class NotesPart final : public SessionPart {
  public:
    explicit NotesPart(const TaskSetting& setting) : core_(setting.core), choice_(setting.choice) {}

    const NotesState& state() const { return core_.snapshot.part<NotesState>(); }

    void use(NotesPtr notes) {
        NotesState next = state();
        next.notes = std::move(notes);
        next.model_id = core_.open_now().model_id;
        put(std::move(next));
    }
    /// As a step of undo.
    void change(Notes notes) {
        use(notes.empty() ? nullptr : std::make_shared<const Notes>(std::move(notes)));
        choice_.record();
    }
    void write_file(const std::string& path) const;

    void drop_strangers() override {
        const Belonging open = core_.open_now();
        NotesState next = state();
        if (next.model_id != open.model_id) next = {nullptr, open.model_id, {}, 0};
        const auto& text = core_.snapshot.base_text;
        const std::uint64_t base_id = text && text->trace ? text->id : 0;
        if (next.base_id != base_id) {
            next.base_id = base_id;
            next.text_id.clear();
            if (base_id != 0)
                next.text_id =
                    note_text_id(text->tokens.ids(),
                                 text->key_tokens ? text->key_tokens->ids() : std::vector<std::int32_t>());
        }
        if (next.model_id != state().model_id || next.base_id != state().base_id) put(std::move(next));
    }

  private:
    void put(NotesState next) {
        core_.snapshot.parts.put(std::move(next));
        core_.is_changed = true;
    }

    SessionCore& core_;
    Choice& choice_;
};

void NotesPart::write_file(const std::string& path) const {
    const ModelSpec& spec = core_.snapshot.model->spec;
    core_.pool.submit(
        std::make_shared<JobControl>(), [core = &core_, notes = state().notes, path, name = spec.name,
                                         hash = model_config_hash(spec)](const JobContext&) {
            const Status end = guarded([&] {
                return write_file_atomic(path, path.ends_with(".csv") ? notes_to_csv(*notes, name)
                                                                      : notes_to_json(*notes, name, hash));
            });
            core->mailbox.post([core, path, end, count = notes->size()] {
                if (!end) return core->notify_error("The notes were not exported", end.error());
                core->notify(Notice::Level::Info,
                             fmt::format("{} {} to {}", count, count == 1 ? "note" : "notes", path));
            });
        });
}

NotesPart& notes_of(CommandContext& context) {
    return task_of<NotesPart>(context.session);
}

AttentionKind shown_attention(const Snapshot& now) {
    return now.base_text ? now.base_text->kind() : AttentionKind::Self;
}

/// Words, and a colour where the last of several is one.
Status read_words(Arguments arguments, Note& note) {
    if (arguments.size() > 1) {
        if (const auto color = note_color(arguments.back())) {
            note.color = *color;
            arguments = arguments.first(arguments.size() - 1);
        }
    }
    note.words = utf8::replace_invalid(join(arguments));
    std::replace(note.words.begin(), note.words.end(), '\n', ' ');
    const bool is_blank = note.words.find_first_not_of(" \t") == std::string::npos;
    if (is_blank) return fail(ErrorKind::InvalidInput, "a note has a word at least");
    if (note.words.size() <= kMostNoteBytes) return {};
    return fail(ErrorKind::InvalidInput, "a note has at most {} bytes, this one {}", kMostNoteBytes,
                note.words.size());
}

/// In place of what was on the same head or cell, whose colour stays where none is named.
Status write_note(CommandContext& context, Arguments arguments, Note target) {
    const Notes& now = notes_of(context).state().all();
    const auto same =
        std::find_if(now.begin(), now.end(), [&](const Note& other) { return other.has_target_of(target); });
    if (same != now.end()) target.color = same->color;
    if (same == now.end() && now.size() >= kMostNotes)
        return fail(ErrorKind::InvalidInput, "a model has at most {} notes; remove one", kMostNotes);
    HEADLIGHT_CHECK(read_words(arguments, target));
    notes_of(context).change(with_note(now, std::move(target)));
    return {};
}

Status run_note(CommandContext& context, Arguments arguments) {
    const Snapshot& now = context.session.snapshot();
    if (!now.model)
        return fail(ErrorKind::Missing, "no model is open, so there is no head to write a note on");
    Note note;
    note.kind = shown_attention(now);
    note.head = now.selection.head;
    return write_note(context, arguments, std::move(note));
}

/// The chosen cell of the chosen head, without words.
Result<Note> chosen_cell(const Snapshot& now) {
    const auto& text = now.base_text;
    if (!text || !text->trace) return fail(ErrorKind::Missing, "no text was run yet, so there is no cell");
    const Selection& chosen = now.token_selection;
    if (chosen.query < 0 || chosen.key < 0)
        return fail(ErrorKind::Missing, "no key is chosen: click a cell, or name it with `query` and `key`");
    Note note;
    note.kind = text->kind();
    note.head = chosen.head;
    note.query = chosen.query;
    note.key = chosen.key;
    note.text_id = now.part<NotesState>().text_id;
    note.query_token = text->tokens.tokens[static_cast<std::size_t>(note.query)].display;
    note.key_token = text->keys().tokens[static_cast<std::size_t>(note.key)].display;
    const std::string typed = text->input_tokens ? text->input_tokens->text
                              : text->key_tokens ? text->key_tokens->text
                                                 : text->tokens.first_text();
    const std::string decoder = text->input_tokens ? text->tokens.text : text->tokens.second_text();
    if (typed.size() + decoder.size() <= kMostNotedTextBytes) {
        note.text = typed;
        note.decoder_text = decoder;
    }
    return note;
}

Status run_note_cell(CommandContext& context, Arguments arguments) {
    HEADLIGHT_TRY(Note note, chosen_cell(context.session.snapshot()));
    return write_note(context, arguments, std::move(note));
}

Result<std::size_t> parse_note(CommandContext& context, const std::string& word) {
    HEADLIGHT_TRY(const int number, parse_integer(word, "NUMBER"));
    const Notes& now = notes_of(context).state().all();
    if (number >= 0 && number < static_cast<int>(now.size())) return static_cast<std::size_t>(number);
    return fail(ErrorKind::InvalidInput, "there is no note {}; there are {}", number, now.size());
}

Status run_change_note(CommandContext& context, Arguments arguments) {
    HEADLIGHT_TRY(const std::size_t index, parse_note(context, arguments[0]));
    Notes notes = notes_of(context).state().all();
    if (arguments.size() == 2 && note_color(arguments[1]))
        notes[index].color = *note_color(arguments[1]);
    else
        HEADLIGHT_CHECK(read_words(arguments.subspan(1), notes[index]));
    notes_of(context).change(std::move(notes));
    return {};
}

/// Of the chosen cell where it has one, else of the chosen head.
Result<std::size_t> chosen_note(CommandContext& context) {
    const Snapshot& now = context.session.snapshot();
    const NotesState& state = now.part<NotesState>();
    const AttentionKind kind = shown_attention(now);
    const Selection& chosen = now.token_selection;
    const Note* note = state.of_cell(kind, chosen.head, chosen.query, chosen.key);
    if (!note) note = state.of_head(kind, chosen.head);
    if (note) return static_cast<std::size_t>(note - state.all().data());
    return fail(ErrorKind::Missing, "there is no note on {}, nor on the chosen cell",
                chosen.head.to_string());
}

Status run_remove_note(CommandContext& context, Arguments arguments) {
    HEADLIGHT_TRY(const std::size_t index,
                  arguments.empty() ? chosen_note(context) : parse_note(context, arguments[0]));
    Notes notes = notes_of(context).state().all();
    notes.erase(notes.begin() + static_cast<std::ptrdiff_t>(index));
    notes_of(context).change(std::move(notes));
    return {};
}

/// Its head, and its cell in its text.
Status run_go_to_note(CommandContext& context, Arguments arguments) {
    HEADLIGHT_TRY(const std::size_t index, parse_note(context, arguments[0]));
    Session& session = context.session;
    const Note note = notes_of(context).state().all()[index];
    const Snapshot& now = session.snapshot();
    const bool is_decoder = note.kind == AttentionKind::Decoder || note.kind == AttentionKind::Cross;
    const ModelSpec& spec = now.model->spec;
    if (note.head.layer >= (is_decoder ? spec.num_decoder_layers : spec.num_layers) ||
        note.head.head >= (is_decoder ? spec.num_decoder_heads : spec.num_heads))
        return fail(ErrorKind::Missing, "{} has no head {}", spec.name, note.head.to_string());
    const bool is_shown = note.text_id == now.part<NotesState>().text_id;
    if (note.is_of_cell() && !is_shown) {
        if (note.text.empty() && note.decoder_text.empty())
            return fail(ErrorKind::Missing,
                        "the note is on another text, which was too long to be kept with it");
        if (!now.model->is_live)
            return fail(ErrorKind::Missing,
                        "the note is on another text, and stored attention runs none; load the model");
        session.set_texts(note.text, note.decoder_text, nullptr);
    }
    if (now.has_kinds() || now.has_decoder()) session.set_kind(note.kind);
    Selection chosen = session.wanted_selection();
    chosen.head = note.head;
    chosen.others.clear();
    if (note.is_of_cell()) {
        chosen.query = note.query;
        chosen.key = note.key;
        chosen.queries.clear();
    }
    session.set_selection(std::move(chosen));
    return {};
}

Status run_export_notes(CommandContext& context, Arguments arguments) {
    if (notes_of(context).state().all().empty())
        return fail(ErrorKind::Missing, "there are no notes on this model yet");
    if (arguments.empty()) {
        context.shell.ask_for_file({.title = "Export the notes as .csv or .json",
                                    .button = "Export",
                                    .extensions = {".csv", ".json"},
                                    .command = "export_notes",
                                    .is_new = true});
        return {};
    }
    const std::string path = with_home(arguments[0]);
    if (!path.ends_with(".csv") && !path.ends_with(".json"))
        return fail(ErrorKind::InvalidInput,
                    "notes are exported as .csv or .json, and '{}' ends with neither",
                    path.substr(path.find_last_of('/') + 1).substr(0, 60));
    notes_of(context).write_file(path);
    return {};
}

bool has_model(const Snapshot& now) {
    return now.model != nullptr;
}
bool has_notes(const Snapshot& now) {
    return !now.part<NotesState>().all().empty();
}

}  // namespace

void restore_notes(Session& session, NotesPtr notes) {
    task_of<NotesPart>(session).use(std::move(notes));
}

extern const TaskDescriptor k_task_notes = {[](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
    return std::make_unique<NotesPart>(setting);
}};

extern const CommandDescriptor k_command_note = {
    .id = "note",
    .label = "Write a note on the head",
    .help =
        "Writes a note on the chosen head, in place of an older one; colours are yellow, orange, red, pink, "
        "violet, "
        "blue, teal and green.",
    .usage = "note TEXT [COLOUR]",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .is_enabled = has_model,
    .run = run_note,
};

extern const CommandDescriptor k_command_note_cell = {
    .id = "note_cell",
    .label = "Write a note on the cell",
    .help = "Writes a note on the chosen cell: query and key of the chosen head in this text.",
    .usage = "note_cell TEXT [COLOUR]",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .is_enabled = [](const Snapshot& now) { return now.text && now.token_selection.key >= 0; },
    .run = run_note_cell,
};

extern const CommandDescriptor k_command_change_note = {
    .id = "change_note",
    .label = "Change a note",
    .help = "Gives a note of the list, by its number, other words or another colour.",
    .usage = "change_note NUMBER TEXT|COLOUR [COLOUR]",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {2, kAnyNumber},
    .is_enabled = has_notes,
    .run = run_change_note,
};

extern const CommandDescriptor k_command_remove_note = {
    .id = "remove_note",
    .label = "Remove a note",
    .help =
        "Removes the note on the chosen cell, else that on the chosen head, or one of the list by its "
        "number.",
    .usage = "remove_note [NUMBER]",
    .group = "Edit",
    .arguments = {0, 1},
    .is_enabled = has_notes,
    .run = run_remove_note,
};

extern const CommandDescriptor k_command_go_to_note = {
    .id = "go_to_note",
    .label = "Go to a note",
    .help = "Chooses the head of a note and, of a note on a cell, its text, query and key.",
    .usage = "go_to_note NUMBER",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, 1},
    .is_enabled = has_notes,
    .run = run_go_to_note,
};

extern const CommandDescriptor k_command_export_notes = {
    .id = "export_notes",
    .label = "Export the notes",
    .help = "Writes the notes on this model as .csv or .json, as the name ends.",
    .usage = "export_notes [PATH]",
    .group = "File",
    .arguments = {0, 1},
    .is_enabled = has_notes,
    .run = run_export_notes,
};

}  // namespace headlight
