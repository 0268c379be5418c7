// The window, as far as the command line knows it.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "core/head_id.h"

namespace headlight {

struct WindowRequest {
    std::string path;                     // model, dump or session; empty: the bundled demo
    std::string text;                     // shown at once; empty: the last one
    std::string decoder_text, attention;  // with `text`, of an encoder-decoder; empty: as kept
    bool trusts_torchscript = false;      // the code in a TorchScript file may run
    std::string axes;                     // of stored attention, DumpOptions::axes
    HeadId head;
    std::string script_path;
    bool is_hidden = false;
    int width = 0, height = 0;  // 0: as kept
    std::string theme;          // "dark", "light", empty: as kept
    std::string shader_dir;
    int num_threads = 0;
    double scale = 0;  // pixels per unit of the interface; 0: the monitor's
};

/// False when the program was built without the window.
bool is_window_built();

/// Runs the window until it is closed. Errors: Unsupported when the program was built without it, those of
/// the window.
Status open_window(const WindowRequest& request);

}  // namespace headlight
