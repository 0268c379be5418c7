#include "cli/window.h"

#include "cli/interrupt.h"
#include "cli/subcommand.h"

#ifdef HEADLIGHT_HAS_WINDOW

#include <filesystem>

#include "app/monkey.h"
#include "app/window_app.h"
#include "base/atomic_file.h"
#include "base/temporary_files.h"
#include "base/text_file.h"
#include "session/command.h"
#endif

namespace headlight {

#ifdef HEADLIGHT_HAS_WINDOW

bool is_window_built() {
    return true;
}

namespace {

Status ended(int code) {
    if (code == 0) return {};
    return fail(Error{ErrorKind::Internal, {}, {}, {}, {}});  // the window has said what was wrong
}

/// What the window does at once, as users' scripts say it; empty if nothing.
Result<std::string> first_commands(const WindowRequest& request) {
    std::string script;
    const auto say = [&script](const char* id, std::vector<std::string> arguments) {
        script += command_line({id, std::move(arguments)}) + "\n";
    };
    std::vector<std::string> opening{request.path};
    if (request.trusts_torchscript) opening.emplace_back("--trust-torchscript");
    if (!request.axes.empty()) opening.insert(opening.end(), {"--axes", request.axes});
    if (!request.base.empty()) opening.insert(opening.end(), {"--base", request.base});
    if (opening.size() > 1) {
        say("open", opening);
        say("wait", {});
    }
    if (!request.text.empty()) {
        say("text", {request.text});
        if (!request.text_pair.empty()) say("text_pair", {request.text_pair});
        if (!request.decoder_text.empty()) say("decoder_text", {request.decoder_text});
        say("wait", {});
        if (!request.attention.empty()) {
            say("attention", {request.attention});
            say("wait", {});
        }
        say("select", {std::to_string(request.head.layer), std::to_string(request.head.head)});
    }
    if (script.empty() || request.script_path.empty()) return script;
    HEADLIGHT_TRY(const std::string more, read_text(request.script_path));
    return script + more;
}

}  // namespace

Status open_window(const WindowRequest& request) {
    release_interrupt();  // a window ends at once: there is no half-written file to wait for
    WindowOptions options;
    const bool opens_by_script = request.trusts_torchscript || !request.axes.empty() || !request.base.empty();
    if (!opens_by_script) options.path = request.path;
    options.script_path = request.script_path;
    options.keeps_going = request.keeps_going;
    options.is_hidden = request.is_hidden;
    options.keeps_session = request.keeps_session;
    options.width = request.width;
    options.height = request.height;
    options.theme = request.theme;
    options.shader_dir = request.shader_dir;
    options.num_threads = request.num_threads;
    options.device = request.device;
    options.scale = request.scale;
    options.socket_path = request.socket_path;
    options.is_empty = request.is_empty;
    options.program = std::string("headlight ") + headlight_version();
    HEADLIGHT_TRY(const std::string script, first_commands(request));
    if (script.empty()) return ended(run_window(options));
    const std::string path =
        temporary_name((std::filesystem::temp_directory_path() / "headlight.script").string());
    HEADLIGHT_CHECK(write_file_atomic(path, script));
    options.script_path = path;
    const int code = run_window(options);
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    return ended(code);
}

Status play_monkey(const MonkeyRequest& request) {
    release_interrupt();
    MonkeyPlan plan;
    plan.seconds = request.seconds;
    plan.seed = request.seed;
    plan.most_steps = request.most_steps;
    plan.fixtures = request.fixtures;
    return ended(run_monkey(plan));
}

#else

bool is_window_built() {
    return false;
}

Status play_monkey(const MonkeyRequest& /*request*/) {
    return open_window({});
}

Status open_window(const WindowRequest& /*request*/) {
    return fail(ErrorKind::Unsupported,
                "this program was built without the window; build all rooms (./run.sh does), or "
                "use 'headlight analyze' for pictures");
}

#endif

}  // namespace headlight
