#include "ui/toasts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ui/controls.h"
#include "ui/interface_text.h"
#include "ui/kit.h"
#include "ui/plots.h"

namespace headlight::ui {
namespace {

constexpr std::size_t kMostToasts = 5;
constexpr double kInfoSeconds = 5, kWarningSeconds = 10;
constexpr float kToastWidth = 380;

Rgba toast_color(ToastKind kind) {
    const Colors& c = colors();
    return kind == ToastKind::Error ? c.error : kind == ToastKind::Warning ? c.warning : c.third;
}

struct ToastResult {
    bool is_dismissed = false, is_button_pressed = false;
    float height = 0;
};

ToastResult draw_toast(const Toast& toast, ImVec2 bottom_right) {
    const std::string name = fmt::format("##toast{}", toast.slot);
    ImGui::SetNextWindowPos(bottom_right, ImGuiCond_Always, {1, 1});
    ImGui::SetNextWindowSize({px(kToastWidth), 0});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, px(kRadius));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 1.0f);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2{px(26), px(10)});
    ImGui::PushStyleColor(ImGuiCol_WindowBg, to_u32(colors().popup));
    ToastResult result;
    ImGui::Begin(name.c_str(), nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                     ImGuiWindowFlags_NoFocusOnAppearing | ImGuiWindowFlags_NoNav |
                     ImGuiWindowFlags_AlwaysAutoResize);
    const ImVec2 pos = ImGui::GetWindowPos();
    ImGui::GetWindowDrawList()->PushClipRectFullScreen();  // the dot lies in the padding
    draw_dot(ImGui::GetWindowDrawList(), {pos.x + px(14), pos.y + px(10) + 0.5f * kit().fonts.body->FontSize},
             px(4), toast_color(toast.kind));
    ImGui::GetWindowDrawList()->PopClipRect();
    const std::size_t line_end = std::min(toast.message.find('\n'), toast.message.size());
    std::string first = toast.message.substr(0, line_end);
    if (toast.count > 1) first += fmt::format("  ({} times)", toast.count);
    text_wrapped(first, colors().text);
    if (line_end < toast.message.size()) {
        const FontScope font(kit().fonts.small_);
        text_wrapped(toast.message.substr(line_end + 1, 600), colors().dim);
    }
    if (!toast.button.empty()) {
        result.is_button_pressed = pill_button((toast.button + "##toast_button").c_str(), true);
        ImGui::SameLine();
    }
    if (!toast.button.empty() || toast.kind != ToastKind::Info)
        result.is_dismissed = toolbar_button("Dismiss##toast_dismiss");
    const ImVec2 size = ImGui::GetWindowSize();
    record_item(name, pos, {pos.x + size.x, pos.y + size.y}, true, false, toast.message);
    result.height = size.y;
    ImGui::End();
    ImGui::PopStyleColor();
    ImGui::PopStyleVar(3);
    return result;
}

}  // namespace

void ToastStack::push(ToastKind kind, std::string message, std::string button, std::string command) {
    const double seconds = kind == ToastKind::Info      ? kInfoSeconds
                           : kind == ToastKind::Warning ? kWarningSeconds
                                                        : 0;
    const double expires_at = seconds > 0 && button.empty() ? ImGui::GetTime() + seconds : 0;
    for (Toast& toast : toasts_) {
        if (toast.kind != kind || toast.message != message) continue;
        ++toast.count;
        toast.expires_at = expires_at;
        return;
    }
    if (toasts_.size() >= kMostToasts) toasts_.erase(toasts_.begin());
    const int slot = free_slot();
    toasts_.push_back({kind, std::move(message), std::move(button), std::move(command), 1, expires_at, slot});
    request_redraw();  // the first frame of a window that sizes itself has another toast's size, or none
}

void ToastStack::drop_errors() {
    std::erase_if(toasts_, [](const Toast& toast) { return toast.kind == ToastKind::Error; });
}

void ToastStack::drop_command(const std::string& command) {
    std::erase_if(toasts_, [&](const Toast& toast) { return toast.command == command; });
}

int ToastStack::free_slot() const {
    int slot = 0;
    while (std::any_of(toasts_.begin(), toasts_.end(),
                       [slot](const Toast& toast) { return toast.slot == slot; }))
        ++slot;
    return slot;
}

std::string ToastStack::draw(ImVec2 bottom_right) {
    const double now = ImGui::GetTime();
    std::erase_if(toasts_,
                  [now](const Toast& toast) { return toast.expires_at > 0 && toast.expires_at <= now; });
    std::string command;
    float y = bottom_right.y;
    int dismissed = -1;
    for (std::size_t i = toasts_.size(); i-- > 0;) {
        const Toast& toast = toasts_[i];
        const ToastResult result = draw_toast(toast, {bottom_right.x, y});
        y -= result.height + px(kGap);
        if (result.is_button_pressed) command = toast.command;
        if (result.is_button_pressed || result.is_dismissed) dismissed = toast.slot;
        if (toast.expires_at > 0) request_redraw(std::max(0.05, toast.expires_at - now));
    }
    if (dismissed >= 0)
        std::erase_if(toasts_, [dismissed](const Toast& toast) { return toast.slot == dismissed; });
    return command;
}

}  // namespace headlight::ui
