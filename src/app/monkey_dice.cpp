// What the monkey does next.
#include "app/monkey_dice.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace headlight {
namespace {

/// What makes the rest worth doing is drawn more often than once in so many commands.
int lots_of(std::string_view id) {
    if (id == "quit" || id == "wait") return 0;  // the monkey ends, and waits, by steps of its own
    if (id == "open") return 8;
    if (id == "text") return 6;
    if (id == "view" || id == "ablate" || id == "decoder_text" || id == "text_pair" || id == "size") return 3;
    return 1;
}

struct EditingKey {
    const char* name;
    int key;  // of the window system, as Shortcut has it
};
constexpr EditingKey kEditingKeys[] = {
    {"Up", 265},        {"Down", 264},   {"Left", 263},        {"Right", 262},  {"Home", 268},
    {"End", 269},       {"PageUp", 266}, {"PageDown", 267},    {"Enter", 257},  {"Tab", 258},
    {"Backspace", 259}, {"Delete", 261}, {"Insert", 260},      {"Escape", 256}, {"Escape", 256},
    {"Space", 32},      {"A", 'A'},      {"C", 'C'},           {"V", 'V'},      {"X", 'X'},
    {"Y", 'Y'},         {"Z", 'Z'},      {"KeypadEnter", 335}, {"F10", 299},
};

enum class Lot { Command, Press, Drag, Wheel, Key, Type, Drop, Wait };
constexpr std::pair<Lot, std::size_t> kLots[] = {{Lot::Command, 40}, {Lot::Press, 24}, {Lot::Drag, 7},
                                                 {Lot::Wheel, 7},    {Lot::Key, 10},   {Lot::Type, 7},
                                                 {Lot::Drop, 1},     {Lot::Wait, 4}};

Lot lot_of(std::size_t number) {
    for (const auto& [lot, count] : kLots) {
        if (number < count) return lot;
        number -= count;
    }
    return Lot::Wait;
}

}  // namespace

MonkeyDice::MonkeyDice(std::uint64_t seed, MonkeyPaths paths) : random_(seed), paths_(std::move(paths)) {
    for (const CommandDescriptor* command : commands())
        lots_.insert(lots_.end(), static_cast<std::size_t>(lots_of(command->id)), command);
}

MonkeyStep MonkeyDice::next() {
    MonkeyStep step;
    if (++num_steps_ % kStepsToRest == 0) {
        step.kind = MonkeyStep::Kind::Rest;
        return step;
    }
    switch (lot_of(random_.below(100))) {
        case Lot::Command:
            draw_command(step);
            break;
        case Lot::Press:
            draw_press(step);
            break;
        case Lot::Drag:
            draw_drag(step);
            break;
        case Lot::Wheel:
            draw_wheel(step);
            break;
        case Lot::Key:
            draw_key(step);
            break;
        case Lot::Type:
            step.kind = MonkeyStep::Kind::Type;
            step.text = monkey_text(random_);
            break;
        case Lot::Drop:
            step.kind = MonkeyStep::Kind::Drop;
            step.text = monkey_path(paths_, random_);
            break;
        case Lot::Wait:
            break;
    }
    step.num_frames = 1 + static_cast<int>(random_.below(3));
    return step;
}

void MonkeyDice::draw_command(MonkeyStep& step) {
    step.kind = MonkeyStep::Kind::Command;
    const CommandDescriptor& command = *lots_[random_.below(lots_.size())];
    step.call = {command.id, monkey_arguments(command, paths_, random_)};
}

void MonkeyDice::draw_press(MonkeyStep& step) {
    step.kind = MonkeyStep::Kind::Press;
    draw_place(step);
    step.is_on_item = random_.below(3) != 0;
    const auto which = random_.below(10);
    step.button = which < 8 ? 0 : static_cast<int>(which) - 7;
    const auto clicks = random_.below(10);
    step.num_clicks = clicks < 7 ? 1 : clicks < 9 ? 2 : 3;
    draw_modifiers(step);
}

void MonkeyDice::draw_drag(MonkeyStep& step) {
    step.kind = MonkeyStep::Kind::Drag;
    draw_place(step);
    step.is_on_item = random_.below(2) == 0;
    step.button = static_cast<int>(random_.below(8) == 0 ? 1 + random_.below(2) : 0);
    step.to_x = share();
    step.to_y = share();
    draw_modifiers(step);
}

void MonkeyDice::draw_wheel(MonkeyStep& step) {
    step.kind = MonkeyStep::Kind::Wheel;
    draw_place(step);
    step.wheel = static_cast<float>(random_.below(13)) - 6;
    draw_modifiers(step);
}

void MonkeyDice::draw_key(MonkeyStep& step) {
    step.kind = MonkeyStep::Kind::Key;
    const auto all = commands();
    const CommandDescriptor& command = *all[random_.below(all.size())];
    const auto shortcut = parse_shortcut(command.shortcut);
    if (shortcut && lots_of(command.id) > 0 && random_.below(2) == 0) {
        step.keys = *shortcut;
        step.key_name =
            std::string(command.shortcut).substr(std::string_view(command.shortcut).rfind('+') + 1);
        return;
    }
    const EditingKey& key = kEditingKeys[random_.below(std::size(kEditingKeys))];
    draw_modifiers(step);
    step.keys.key = key.key;
    step.key_name = key.name;
}

/// Also a little outside of the window.
void MonkeyDice::draw_place(MonkeyStep& step) {
    step.item = random_.next();
    step.x = share();
    step.y = share();
}

void MonkeyDice::draw_modifiers(MonkeyStep& step) {
    const auto number = random_.below(16);
    step.keys.has_ctrl = number == 1 || number == 2 || number == 5;
    step.keys.has_shift = number == 2 || number == 3 || number == 4;
    step.keys.has_alt = number == 6;
}

float MonkeyDice::share() {
    return static_cast<float>(random_.below(1041)) / 1000 - 0.02f;
}

}  // namespace headlight
