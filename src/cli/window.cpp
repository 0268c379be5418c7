#include "cli/window.h"

#include "cli/interrupt.h"

#ifdef HEADLIGHT_HAS_WINDOW

#include <filesystem>

#include "app/window_app.h"
#include "base/atomic_file.h"
#include "base/temporary_files.h"
#include "base/text_file.h"
#endif

namespace headlight {

#ifdef HEADLIGHT_HAS_WINDOW

bool is_window_built() {
    return true;
}

namespace {

/// A word of a script line.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\r':
                break;
            default:
                out += c;
        }
    }
    return out + "\"";
}

Status ended(int code) {
    if (code == 0) return {};
    return fail(Error{ErrorKind::Internal, {}, {}, {}, {}});  // the window has said what was wrong
}

/// What the window does at once, as users' scripts say it; empty if nothing.
Result<std::string> first_commands(const WindowRequest& request) {
    std::string script;
    if (request.trusts_torchscript || !request.axes.empty()) {
        script += "open " + quoted(request.path) +
                  (request.trusts_torchscript ? " --trust-torchscript" : "") +
                  (request.axes.empty() ? "" : " --axes " + quoted(request.axes)) + "\nwait\n";
    }
    if (!request.text.empty()) {
        script += fmt::format("text {}\n", quoted(request.text));
        if (!request.decoder_text.empty())
            script += fmt::format("decoder_text {}\n", quoted(request.decoder_text));
        script += "wait\n";
        if (!request.attention.empty()) script += fmt::format("attention {}\nwait\n", request.attention);
        script += fmt::format("select {} {}\n", request.head.layer, request.head.head);
    }
    if (script.empty() || request.script_path.empty()) return script;
    HEADLIGHT_TRY(const std::string more, read_text(request.script_path));
    return script + more;
}

}  // namespace

Status open_window(const WindowRequest& request) {
    release_interrupt();  // a window ends at once: there is no half-written file to wait for
    WindowOptions options;
    const bool opens_by_script = request.trusts_torchscript || !request.axes.empty();
    if (!opens_by_script) options.path = request.path;
    options.script_path = request.script_path;
    options.is_hidden = request.is_hidden;
    options.width = request.width;
    options.height = request.height;
    options.theme = request.theme;
    options.shader_dir = request.shader_dir;
    options.num_threads = request.num_threads;
    options.scale = request.scale;
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

#else

bool is_window_built() {
    return false;
}

Status open_window(const WindowRequest& /*request*/) {
    return fail(ErrorKind::Unsupported,
                "this program was built without the window; build all rooms (./run.sh does), or "
                "use 'headlight analyze' for pictures");
}

#endif

}  // namespace headlight
