// Steps of the monkey as lines of its log.
#include "app/monkey_steps.h"

#include <fmt/format.h>

namespace headlight {
namespace {

std::string modifier_words(const Shortcut& keys) {
    return fmt::format("{}{}{}", keys.has_ctrl ? "Ctrl+" : "", keys.has_shift ? "Shift+" : "",
                       keys.has_alt ? "Alt+" : "");
}

std::string place_words(const MonkeyStep& step) {
    const std::string item = step.is_on_item ? fmt::format("item {} ", step.item) : "";
    return fmt::format("{}at {:.3f} {:.3f}", item, step.x, step.y);
}

}  // namespace

std::string monkey_line(const MonkeyStep& step) {
    switch (step.kind) {
        case MonkeyStep::Kind::Command:
            return command_line(step.call);
        case MonkeyStep::Kind::Press:
            return fmt::format("# press {}button {} times {} {}", modifier_words(step.keys), step.button,
                               step.num_clicks, place_words(step));
        case MonkeyStep::Kind::Drag:
            return fmt::format("# drag {}button {} {} to {:.3f} {:.3f}", modifier_words(step.keys),
                               step.button, place_words(step), step.to_x, step.to_y);
        case MonkeyStep::Kind::Wheel:
            return fmt::format("# wheel {}{:g} {}", modifier_words(step.keys), step.wheel, place_words(step));
        case MonkeyStep::Kind::Key:
            return fmt::format("# key {}{}", modifier_words(step.keys), step.key_name);
        case MonkeyStep::Kind::Type:
            return "# type " + command_line({"", {step.text}});
        case MonkeyStep::Kind::Drop:
            return "# drop " + command_line({"", {step.text}});
        case MonkeyStep::Kind::Wait:
            return "wait 60";
        case MonkeyStep::Kind::Rest:
            return "# rest";
    }
    return {};
}

}  // namespace headlight
