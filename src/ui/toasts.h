// Short notes over the lower right corner. Errors, and what has a button, stay until they are dismissed.
#pragma once

#include <imgui.h>

#include <string>
#include <vector>

namespace headlight::ui {

enum class ToastKind { Info, Warning, Error };

struct Toast {
    ToastKind kind = ToastKind::Info;
    std::string message;    // the first line is shown large, the rest small
    std::string button;     // "Retry"; empty: none
    std::string command;    // handed back when the button is pressed
    int count = 1;          // how often the same message came
    double expires_at = 0;  // ImGui time; 0: never
    int slot = 0;           // names its window: Dear ImGui keeps every name that it ever saw
};

class ToastStack {
  public:
    /// The same message again counts up instead of piling up.
    void push(ToastKind kind, std::string message, std::string button = {}, std::string command = {});
    /// Draws above `bottom_right`. Returns the command of a pressed button, or "".
    std::string draw(ImVec2 bottom_right);
    const std::vector<Toast>& toasts() const { return toasts_; }
    void clear() { toasts_.clear(); }
    /// What was wrong is so no more.
    void drop_errors();
    /// What the button was for is done, or cannot be done any more.
    void drop_command(const std::string& command);

  private:
    int free_slot() const;
    std::vector<Toast> toasts_;
};

}  // namespace headlight::ui
