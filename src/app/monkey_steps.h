// One thing that the monkey does (`headlight selftest --monkey`), as a value and as a line of its log.
#pragma once

#include <cstdint>
#include <string>

#include "app/shortcuts.h"
#include "session/command.h"

namespace headlight {

struct MonkeyStep {
    enum class Kind {
        Command,  // of the registry, run as a script runs it
        Press,    // a click, or several at one place
        Drag,
        Wheel,
        Key,
        Type,  // text, as a keyboard gives it
        Drop,  // a path onto the window
        Wait,  // until nothing runs and all is drawn
        Rest,  // back to the bundled demo at a known size: where memory is looked at
    };
    Kind kind = Kind::Wait;
    CommandCall call;
    bool is_on_item = false;  // Press and Drag begin on a widget that was drawn, not anywhere
    std::uint64_t item = 0;   // which: modulo their number
    // Places in shares of the window, or of the widget.
    float x = 0, y = 0, to_x = 0, to_y = 0;
    int button = 0, num_clicks = 1;
    float wheel = 0;
    Shortcut keys;         // Key; of the others its modifiers only
    std::string key_name;  // for the log
    std::string text;      // what is typed or dropped
    int num_frames = 1;    // drawn before the next step
};

/// A command as a script has it; everything else as a script's comment, so that the log can be run as a
/// script.
std::string monkey_line(const MonkeyStep& step);

}  // namespace headlight
