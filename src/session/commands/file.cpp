// Menu File: opening, pictures, scripts, the end.
#include "io/picture/raster.h"
#include "run/picture/picture_tokenizer.h"
#include "session/command_arguments.h"
#include "session/script.h"

namespace headlight {
namespace {

/// A picture is what the open model reads, no model itself.
Status show_picture(CommandContext& context, const std::string& path) {
    const auto& model = context.session.snapshot().model;
    if (!model || !takes_pictures(model->tokenizer.get())) {
        return fail(
            make_error(ErrorKind::InvalidInput,
                       "this is a picture; first open a model that reads pictures (ViT, DeiT, DINOv2, "
                       "BEiT, CLIP, SigLIP), then the picture")
                .in_file(path));
    }
    if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
    context.session.set_text(path);
    return {};
}

Status run_open(CommandContext& context, Arguments arguments) {
    OpenChoices choices;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        if (arguments[i] == "--trust-torchscript") {
            choices.trusts_torchscript = true;
        } else if (arguments[i] == "--axes" && i + 1 < arguments.size()) {
            choices.axes = arguments[++i];
        } else if (arguments[i] == "--base" && i + 1 < arguments.size()) {
            choices.adapter.base = with_home(arguments[++i]);
        } else {
            return fail(ErrorKind::InvalidInput, "'{}' is not expected here: {}", arguments[i].substr(0, 60),
                        context.usage);
        }
    }
    const std::string path = with_home(arguments[0]);
    if (is_picture(path)) return show_picture(context, path);
    context.session.open(path, choices);
    return {};
}

Status run_tokenizer(CommandContext& context, Arguments arguments) {
    const Snapshot& now = context.session.snapshot();
    if (!now.model) return fail(ErrorKind::Missing, "no model is open");
    const std::vector<TokenizerChoice>& known = now.model->tokenizers;
    const std::string& word = arguments[0];
    if (word.find_first_not_of("0123456789") != std::string::npos) {
        context.session.use_tokenizer(with_home(word));
        return {};
    }
    HEADLIGHT_TRY(const int number, parse_integer(word, "NUMBER"));
    if (number < 0 || number >= static_cast<int>(known.size())) {
        return fail(ErrorKind::InvalidInput, "there is no tokenizer {}; {} has {}", number,
                    now.model->spec.name, known.size());
    }
    context.session.use_tokenizer(known[static_cast<std::size_t>(number)].file);
    return {};
}

Status run_device(CommandContext& context, Arguments arguments) {
    const std::string& name = arguments[0];
    if (!is_device_name(name)) {
        return fail(ErrorKind::InvalidInput, "'{}' is no device: {}", name.substr(0, 60), context.usage);
    }
    const auto& model = context.session.snapshot().model;
    if (model && model->is_live && !model->spec.path.empty()) {
        OpenChoices choices;
        choices.device = name;
        choices.adapter = model->spec.adapter;
        context.session.open(model->spec.path, choices);
    } else {
        context.session.update_settings([&name](Settings& settings) { settings.device = name; });
    }
    return {};
}

bool shows_adapter(const Snapshot& now) {
    return now.model && now.model->is_live && !now.model->spec.base_path.empty();
}

Status run_adapter(CommandContext& context, Arguments arguments) {
    const auto& model = context.session.snapshot().model;
    const std::string& word = arguments[0];
    if (!shows_adapter(context.session.snapshot()))
        return fail(ErrorKind::Missing, "the open model is no adapter over a base");
    if (word != "on" && word != "off")
        return fail(ErrorKind::InvalidInput, "'{}' is not expected here: {}", word.substr(0, 60),
                    context.usage);
    OpenChoices choices;
    choices.adapter = model->spec.adapter;
    choices.adapter.shows_base = word == "off";
    if (choices.adapter != model->spec.adapter) context.session.open(model->spec.path, choices);
    return {};
}

Status run_live(CommandContext& context, Arguments) {
    if (!context.session.snapshot().model) return fail(ErrorKind::Missing, "no model is open");
    if (auto error = context.session.why_no_text_runs()) return fail(std::move(*error));
    context.session.make_live();
    return {};
}

}  // namespace

Result<std::chrono::duration<double>> wait_limit(std::span<const std::string> arguments) {
    if (arguments.empty()) return kLongestWait;
    HEADLIGHT_TRY(const double seconds, parse_number(arguments[0], "SECONDS", 0, 86400));
    return std::chrono::duration<double>(seconds);
}

extern const CommandDescriptor k_command_open = {
    .id = "open",
    .label = "Open model",
    .help =
        "Opens a checkpoint folder, a file in it, a name in the Hugging Face cache (org/name), an attention "
        "dump, an atlas, a saved session, or "
        "the log of a training run; a picture is shown to the open model.",
    .usage = "open PATH [--trust-torchscript] [--axes ORDER] [--base DIR]",
    .group = "File",
    .needs_arguments = true,
    .arguments = {1, 6},
    .run = run_open,
};

extern const CommandDescriptor k_command_open_dialog = {
    .id = "open_dialog",
    .label = "Open ...",
    .help = "Shows the dialog that asks for a model or an attention dump.",
    .usage = "open_dialog",
    .shortcut = "Ctrl+O",
    .group = "File",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.shell.show_open_dialog();
        return {};
    },
};

extern const CommandDescriptor k_command_tokenizer = {
    .id = "tokenizer",
    .label = "Choose the tokenizer",
    .help = "Reads the text with another tokenizer: one that lies with the model by its number, or a file.",
    .usage = "tokenizer NUMBER|FILE",
    .group = "File",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_tokenizer,
};

extern const CommandDescriptor k_command_device = {
    .id = "device",
    .label = "Choose where models run",
    .help =
        "Runs texts on the processor (cpu), on a GPU (cuda, cuda:1 ...; auto: where there is one), or on the "
        "processor by what a GPU would do (cpu-torch). The open model is opened again.",
    .usage = "device auto|cpu|cuda|cuda:N|cpu-torch",
    .group = "File",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = run_device,
    .choices = "cpu auto cuda cpu-torch",
    .current = [](const Snapshot& now) { return now.settings.device; },
};

extern const CommandDescriptor k_command_adapter = {
    .id = "adapter",
    .label = "Adapter over the base model",
    .help =
        "Shows the text in the base model with its adapter (on) or as the base was before (off), where the "
        "open "
        "model is an adapter. The model is opened again.",
    .usage = "adapter on|off",
    .group = "File",
    .needs_arguments = true,
    .arguments = {1, 1},
    .is_enabled = shows_adapter,
    .run = run_adapter,
    .choices = "on off",
    .current = [](const Snapshot& now) -> std::string {
        return !shows_adapter(now) ? "" : now.model->spec.adapter.shows_base ? "off" : "on";
    },
};

extern const CommandDescriptor k_command_live = {
    .id = "live",
    .label = "Load the model",
    .help = "Loads the model of the stored trace that is shown, so that texts can be run.",
    .usage = "live",
    .group = "File",
    .is_enabled = [](const Snapshot& now) { return now.model && !now.model->is_live; },
    .run = run_live,
};

extern const CommandDescriptor k_command_screenshot = {
    .id = "screenshot",
    .label = "Save a picture of the window",
    .help = "Writes the window as a PNG file.",
    .usage = "screenshot PATH",
    .group = "File",
    .needs_arguments = true,
    .arguments = {1, 1},
    .run = [](CommandContext& context, Arguments arguments) -> Status {
        return context.shell.screenshot(arguments[0]);
    },
};

extern const CommandDescriptor k_command_wait = {
    .id = "wait",
    .label = "Wait",
    .help =
        "In scripts: goes on when all jobs are done and the window has drawn them; ends the script when that "
        "takes longer than SECONDS (600 unless given).",
    .usage = "wait [SECONDS]",
    .group = "File",
    .arguments = {0, 1},
    .run = [](CommandContext&, Arguments arguments) -> Status {
        HEADLIGHT_CHECK(wait_limit(arguments));
        return {};
    },
};

extern const CommandDescriptor k_command_quit = {
    .id = "quit",
    .label = "Quit",
    .help = "Closes the window.",
    .usage = "quit",
    .shortcut = "Ctrl+Q",
    .group = "File",
    .run = [](CommandContext& context, Arguments) -> Status {
        context.shell.quit();
        return {};
    },
};

}  // namespace headlight
