// The monkey's hands.
#include "app/monkey_hands.h"

#include <cstddef>

#include "base/utf8.h"

namespace headlight {
namespace {

constexpr int kDragFrames = 5;

ImVec2 place_in(ImVec2 min, ImVec2 max, float x, float y) {
    return {min.x + x * (max.x - min.x), min.y + y * (max.y - min.y)};
}

}  // namespace

MonkeyHands::Frame& MonkeyHands::add(const Shortcut& modifiers) {
    Frame frame;
    frame.pos = pos_;
    frame.modifiers = modifiers;
    frames_.push_back(std::move(frame));
    return frames_.back();
}

std::string MonkeyHands::plan(const MonkeyStep& step, const std::vector<ui::RecordedItem>& items,
                              ImVec2 size) {
    using Kind = MonkeyStep::Kind;
    std::string label;
    if (step.kind == Kind::Press || step.kind == Kind::Drag || step.kind == Kind::Wheel) {
        pos_ = place_in({0, 0}, size, step.x, step.y);
        if (step.is_on_item && !items.empty()) {
            const ui::RecordedItem& item = items[static_cast<std::size_t>(step.item % items.size())];
            pos_ = place_in(item.min, item.max, step.x, step.y);
            label = item.label;
        }
        add(step.keys);
    }
    if (step.kind == Kind::Press) {
        for (int click = 0; click < step.num_clicks; ++click) {
            add(step.keys).is_down[step.button] = true;
            add(step.keys);
        }
    } else if (step.kind == Kind::Drag) {
        const ImVec2 from = pos_, to = place_in({0, 0}, size, step.to_x, step.to_y);
        for (int i = 0; i <= kDragFrames; ++i) {
            pos_ =
                place_in(from, to, static_cast<float>(i) / kDragFrames, static_cast<float>(i) / kDragFrames);
            add(step.keys).is_down[step.button] = true;
        }
        add(step.keys);
    } else if (step.kind == Kind::Wheel) {
        add(step.keys).wheel = step.wheel;
    } else if (step.kind == Kind::Key) {
        add(step.keys).key = step.keys.key;
        add({});
    } else if (step.kind == Kind::Type) {
        add({}).typed = step.text;
    }
    return label;
}

void MonkeyHands::feed(ImGuiIO& io, std::string& typed) {
    Frame now;
    now.pos = pos_;
    if (!frames_.empty()) {
        now = std::move(frames_.front());
        frames_.pop_front();
    }
    io.DeltaTime = 1.0f / 60;
    io.MousePos = now.pos;
    for (int button = 0; button < 3; ++button)
        io.MouseDown[button] = now.is_down[button];
    io.MouseWheel = now.wheel;
    io.KeyCtrl = now.modifiers.has_ctrl;
    io.KeyShift = now.modifiers.has_shift;
    io.KeyAlt = now.modifiers.has_alt;
    if (held_key_ >= 0) io.KeysDown[held_key_] = false;
    held_key_ = now.key;
    if (held_key_ >= 0) io.KeysDown[held_key_] = true;
    for (std::size_t byte = 0; byte < now.typed.size();) {
        const auto decoded = utf8::decode(now.typed, byte);
        io.AddInputCharacter(static_cast<unsigned>(decoded.code_point));
        byte += decoded.size_bytes;
    }
    typed += now.typed;
}

}  // namespace headlight
