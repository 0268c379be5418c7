// Keys that come in one slow frame: order and modifiers are kept.
#include "ui/input/key_queue.h"

#include <doctest/doctest.h>

#include <string>

using namespace headlight::ui;

namespace {

constexpr int kControl = 341, kP = 80, kE = 69, kEscape = 256, kBackspace = 259;

/// "P1^ a" for a pressed P with Ctrl and then the letter a.
std::string words(const std::vector<KeyEvent>& events) {
    std::string out;
    for (const KeyEvent& event : events) {
        if (event.key == 0) {
            out += std::string(1, static_cast<char>(event.typed)) + " ";
            continue;
        }
        out += event.key == kControl     ? "Ctrl"
               : event.key == kEscape    ? "Esc"
               : event.key == kBackspace ? "Back"
                                         : std::string(1, char(event.key));
        out += std::to_string(event.action) + ((event.mods & KeyQueue::kCtrl) != 0 ? "^ " : " ");
    }
    return out;
}

}  // namespace

TEST_CASE("keys: Ctrl+P pressed and released in one frame is still Ctrl+P, and types nothing") {
    KeyQueue queue;
    queue.push({.key = kControl, .action = 1});
    queue.push({.key = kP, .action = 1, .mods = KeyQueue::kCtrl});
    queue.push({.typed = 'p'});
    queue.push({.key = kP, .action = 0, .mods = KeyQueue::kCtrl});
    queue.push({.key = kControl, .action = 0, .mods = KeyQueue::kCtrl});
    CHECK(words(queue.take_frame(true)) == "Ctrl1 P1^ ");
    CHECK(words(queue.take_frame(true)) == "P0^ Ctrl0^ ");
    CHECK(queue.is_empty());
}

TEST_CASE("keys: a letter typed after a shortcut is a letter again") {
    KeyQueue queue;
    queue.push({.key = kP, .action = 1, .mods = KeyQueue::kCtrl});
    queue.push({.key = kP, .action = 0, .mods = KeyQueue::kCtrl});
    queue.push({.key = kControl, .action = 0, .mods = KeyQueue::kCtrl});
    queue.push({.key = kE, .action = 1});
    queue.push({.typed = 'e'});
    std::string all;
    while (!queue.is_empty())
        all += words(queue.take_frame(true));
    CHECK(all == "P1^ P0^ Ctrl0^ E1 e ");
}

TEST_CASE("keys: fast typing is not spread over frames, repeated Backspace is") {
    KeyQueue queue;
    for (int i = 0; i < 3; ++i) {
        queue.push({.key = kE, .action = 1});
        queue.push({.typed = 'e'});
        queue.push({.key = kE, .action = 0});
    }
    CHECK(words(queue.take_frame(true)) == "E1 e E0 E1 e E0 E1 e E0 ");
    for (const int action : {1, 0, 1, 0})
        queue.push({.key = kBackspace, .action = action});
    CHECK(words(queue.take_frame(true)) == "Back1 ");
    CHECK(words(queue.take_frame(true)) == "Back0 ");
    CHECK(words(queue.take_frame(true)) == "Back1 ");
    CHECK(words(queue.take_frame(true)) == "Back0 ");
}
