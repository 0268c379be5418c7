// The window, as far as the command line knows it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"
#include "core/head_id.h"

namespace headlight {

struct WindowRequest {
    std::string path;                     // model, dump or session; empty: the bundled demo
    std::string text;                     // shown at once; empty: the last one
    std::string text_pair;                // with `text`, sentence B; empty: one text
    std::string decoder_text, attention;  // with `text`, of an encoder-decoder; empty: as kept
    bool trusts_torchscript = false;      // the code in a TorchScript file may run
    std::string axes;                     // of stored attention, DumpOptions::axes
    std::string base;                     // of an adapter
    HeadId head;
    std::string script_path;
    std::string socket_path;   // where other programs reach it; empty: where they look, unless it is hidden
    bool is_empty = false;     // nothing is open at first
    bool keeps_going = false;  // a command of the script that fails is not its last
    bool is_hidden = false;
    bool keeps_session = false;  // what is open is saved by itself, also where a script runs
    int width = 0, height = 0;   // 0: as kept
    std::string theme;           // "dark", "light", empty: as kept
    std::string shader_dir;
    int num_threads = 0;
    std::string device;  // where models run; empty: as kept
    double scale = 0;    // pixels per unit of the interface; 0: the monitor's
};

/// False when the program was built without the window.
bool is_window_built();

/// A monkey at a hidden window: random commands and input from a seed (app/monkey.h).
struct MonkeyRequest {
    double seconds = 0;
    std::uint64_t seed = 1;
    std::int64_t most_steps = 0;  // 0: as many as the time allows
    std::string fixtures;         // a folder of more things to open; empty: none
};
/// Errors: Unsupported when the program was built without the window; what the monkey has said itself.
Status play_monkey(const MonkeyRequest& request);

/// Runs the window until it is closed. Errors: Unsupported when the program was built without it, those of
/// the window.
Status open_window(const WindowRequest& request);

}  // namespace headlight
