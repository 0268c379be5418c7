#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/model_options.h"
#include "cli/subcommand.h"
#include "cli/window.h"
#include "session/script.h"

namespace headlight {
namespace {

/// "1600x900". Errors: InvalidInput.
Status parse_size(const std::string& text, WindowRequest& request) {
    int end = 0;
    const int fields = std::sscanf(text.c_str(), "%dx%d%n", &request.width, &request.height, &end);
    const bool is_whole = fields == 2 && end == static_cast<int>(text.size());
    const auto is_sane = [](int pixels) { return pixels >= 64 && pixels <= 16384; };
    if (is_whole && is_sane(request.width) && is_sane(request.height)) return {};
    return fail(ErrorKind::InvalidInput,
                "--size '{}' is no window size; write WIDTHxHEIGHT in pixels, 64 to 16384, "
                "for example 1600x900",
                text);
}

std::function<Status()> add(CLI::App& app) {
    struct Options {
        WindowRequest request;
        std::string size;
        bool lists_commands = false;
    };
    const auto options = std::make_shared<Options>();
    WindowRequest& request = options->request;
    app.add_option(
        "PATH", request.path,
        "Model (a path, or org/name in the local Hugging Face cache), session or attention dump (the "
        "bundled demo)");
    app.add_option("--image", request.text, "A picture to show to a model of pictures (PNG, JPEG, WebP)");
    app.add_flag("--trust-torchscript", request.trusts_torchscript,
                 "Open a TorchScript file although that runs the code in it");
    app.add_option("--axes", request.axes,
                   "Axes of stored attention where they are ambiguous: a letter each of l, h, q, k, b");
    add_base_option(app, request.base);
    CLI::Option* const script =
        app.add_option("--script", request.script_path, "Run commands from this file, one a line");
    app.add_flag("--keep-going", request.keeps_going,
                 "Go on after a command of the script that fails; the exit code is 1 at the end")
        ->needs(script);
    app.add_flag("--autosave", request.keeps_session,
                 "Keep what is open for the next start, as a window without a script does")
        ->needs(script);
    app.add_flag("--hidden", request.is_hidden, "Show no window (for scripts)");
    app.add_option("--size", options->size, "Size of the window: WIDTHxHEIGHT");
    app.add_option("--theme", request.theme, "Colours")->check(CLI::IsMember({"dark", "light"}));
    app.add_option("--scale", request.scale, "Pixels per unit of the interface (the monitor's)")
        ->check(CLI::Range(0.5, 8.0));
    app.add_option("--shader-dir", request.shader_dir, "Read shaders from here and again when they change");
    app.add_option("--threads", request.num_threads, "Threads (0: as many as pay off)")
        ->check(CLI::Range(0, 1024));
    add_device_option(app, request.device);
    app.add_option(
        "--socket", request.socket_path,
        "Listen for other programs of yours at this Unix socket (one in the runtime folder, unless hidden)");
    app.add_flag("--empty", request.is_empty, "Open nothing: another program sends what is to be seen");
    app.add_flag("--list-commands", options->lists_commands, "Print the commands that scripts may use");
    return [options]() -> Status {
        if (options->lists_commands) {
            std::fputs(list_commands().c_str(), stdout);
            return {};
        }
        if (!options->size.empty()) HEADLIGHT_CHECK(parse_size(options->size, options->request));
        const WindowRequest& asked = options->request;
        const bool needs_path = asked.trusts_torchscript || !asked.axes.empty() || !asked.base.empty();
        if (needs_path && asked.path.empty())
            return fail(ErrorKind::InvalidInput,
                        "--trust-torchscript, --axes and --base need the PATH that they are about");
        return open_window(asked);
    };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_open = {
    "open", "The window",
    "  headlight open\n"
    "  headlight open SmolLM2-135M --theme light\n"
    "  headlight open study.headlight\n"
    "  headlight open dinov2-small --image house.png\n"
    "  headlight open --script pictures.txt --hidden --size 1600x900\n"
    "  headlight open --script steps.log --hidden --keep-going\n"
    "  headlight open --list-commands",
    add};

}  // namespace headlight
