// Menu Edit: the texts, undo and redo.
#include "session/command_arguments.h"

namespace headlight {
namespace {

Status run_decoder_text(CommandContext& context, Arguments arguments) {
    const Snapshot& now = context.session.snapshot();
    if (now.model && !now.has_decoder()) {
        return fail(ErrorKind::InvalidInput, "{} has no decoder with a text of its own; 'text' sets its text",
                    now.model->spec.name);
    }
    if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
    context.session.set_decoder_text(join(arguments));
    return {};
}

Status run_text_pair(CommandContext& context, Arguments arguments) {
    const Snapshot& now = context.session.snapshot();
    if (now.model && (now.has_decoder() || !now.has_second_text())) {
        return fail(ErrorKind::InvalidInput,
                    "{} reads one text, not two sentences together; 'text' sets its text",
                    now.model->spec.name);
    }
    if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
    context.session.set_decoder_text(join(arguments));
    return {};
}

}  // namespace

extern const CommandDescriptor k_command_text = {
    .id = "text",
    .label = "Set the text",
    .help = "Puts a text in the box and runs it; quote it to keep spaces and \\n.",
    .usage = "text \"TEXT\"",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
        context.session.set_text(join(arguments));
        return {};
    },
};

extern const CommandDescriptor k_command_decoder_text = {
    .id = "decoder_text",
    .label = "Set the decoder's text",
    .help = "Puts a text in the decoder's box of an encoder-decoder and runs it; its start token is added.",
    .usage = "decoder_text \"TEXT\"",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .run = run_decoder_text,
};

extern const CommandDescriptor k_command_text_pair = {
    .id = "text_pair",
    .label = "Set sentence B",
    .help = "Puts a second sentence in the box of B and runs both as one text: [CLS] A [SEP] B [SEP].",
    .usage = "text_pair \"TEXT\"",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .run = run_text_pair,
};

extern const CommandDescriptor k_command_insert = {
    .id = "insert",
    .label = "Append to the text",
    .help = "Appends to the text in the box and runs it.",
    .usage = "insert \"TEXT\"",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, kAnyNumber},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
        context.session.set_text(context.session.snapshot().typed_text + join(arguments));
        return {};
    },
};

extern const CommandDescriptor k_command_fitting_text = {
    .id = "fitting_text",
    .label = "Run a text that fits",
    .help =
        "Runs the text that is offered when the model does not take the typed one; undo brings that back.",
    .usage = "fitting_text",
    .group = "Edit",
    .run = [](CommandContext& context, Arguments) -> Status {
        if (context.session.use_fitting_text()) return {};
        return fail(ErrorKind::Missing, "no other text is offered: the typed one was not refused");
    },
};

extern const CommandDescriptor k_command_cut = {
    .id = "cut",
    .label = "Cut the text to what the model takes",
    .help =
        "Cuts a text of more tokens than the model was made for, at its end or its start, and runs what is "
        "left. Undo brings it back.",
    .usage = "cut end|start",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        const std::string& word = arguments[0];
        if (word != "end" && word != "start")
            return fail(ErrorKind::InvalidInput, "expected 'cut end' or 'cut start', found '{}'",
                        word.substr(0, 60));
        if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
        context.session.cut_text(word == "end" ? CutEnd::End : CutEnd::Start);
        return {};
    },
};

extern const CommandDescriptor k_command_beyond = {
    .id = "beyond",
    .label = "Texts longer than the model was made for",
    .help =
        "Runs texts of more tokens than the open model was made for, where its positions have no end (on), "
        "or refuses them (off).",
    .usage = "beyond on|off",
    .group = "Edit",
    .needs_arguments = true,
    .arguments = {1, 1},
    .is_enabled = [](const Snapshot& now) { return now.model && now.model->is_live; },
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        const std::string& word = arguments[0];
        if (word != "on" && word != "off")
            return fail(ErrorKind::InvalidInput, "expected 'beyond on' or 'beyond off', found '{}'",
                        word.substr(0, 60));
        if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
        context.session.set_runs_beyond(word == "on");
        return {};
    },
    .choices = "on off",
    .current = [](const Snapshot& now) -> std::string {
        return !now.model ? "" : now.model->runs_beyond ? "on" : "off";
    },
};

extern const CommandDescriptor k_command_chat = {
    .id = "chat",
    .label = "Apply the chat template",
    .help =
        "Puts the box's turns (lines 'user: ...', 'assistant: ...', JSON, or one question) into the model's "
        "chat "
        "template and runs that; with 'reply' up to where the model would answer. Undo brings the turns "
        "back.",
    .usage = "chat [reply]",
    .group = "Edit",
    .arguments = {0, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        if (!arguments.empty() && arguments[0] != "reply")
            return fail(ErrorKind::InvalidInput, "expected 'chat' or 'chat reply', found '{}'", arguments[0]);
        if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
        context.session.apply_chat_template(!arguments.empty());
        return {};
    },
};

extern const CommandDescriptor k_command_focus_text = {
    .id = "focus_text",
    .label = "Edit the text",
    .help = "Puts the keyboard in the text box.",
    .usage = "focus_text",
    .shortcut = "Ctrl+L",
    .group = "Edit",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.shell.focus_text();
        return {};
    },
};

extern const CommandDescriptor k_command_undo = {
    .id = "undo",
    .label = "Undo",
    .help = "Takes back the last change of text, selection, replaced attention or notes.",
    .usage = "undo",
    .shortcut = "Ctrl+Z",
    .group = "Edit",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.session.undo();
        return {};
    },
};

extern const CommandDescriptor k_command_redo = {
    .id = "redo",
    .label = "Redo",
    .help = "Does again what was taken back.",
    .usage = "redo",
    .shortcut = "Ctrl+Shift+Z",
    .group = "Edit",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.session.redo();
        return {};
    },
};

}  // namespace headlight
