// The window: `headlight open`.
#pragma once

#include <string>

namespace headlight {

class Monkey;

struct WindowOptions {
    std::string path;       // model or attention dump; empty: the bundled demo
    bool is_empty = false;  // open nothing at first: another program sends what is to be seen
    std::string
        socket_path;  // where other programs reach the window; empty: where they look, unless it is hidden
    std::string program = "headlight";  // and version, for those programs
    std::string script_path;            // commands to run, one a line; then no settings are read or kept
    bool keeps_going = false;           // a command of the script that fails is not its last
    bool is_hidden = false;             // no visible window
    bool keeps_session = false;         // what is open is saved by itself, also where a script runs
    int width = 0, height = 0;          // pixels; 0: as last time
    std::string theme;                  // "dark", "light"; empty: as last time
    std::string shader_dir;             // shaders are read from here and reloaded when they change
    int num_threads = 0;                // of the engine; 0: automatic
    std::string device;                 // where models run; empty: as kept
    bool lists_commands = false;
    double scale = 0;          // pixels per dp; 0: the monitor's
    Monkey* monkey = nullptr;  // plays until it has enough; settings are then kept like a user's
};

/// Opens the window and returns when it was closed. Exit code: 0; 1 when there is no display, the script
/// cannot be read or one of its commands failed (said on stderr).
int run_window(const WindowOptions& options);

}  // namespace headlight
