// What the user sees on stderr while work goes on: messages, and a progress bar where there is a terminal.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <mutex>
#include <string>

#include "base/progress.h"

namespace headlight {

bool is_terminal_stderr();
bool is_terminal_stdout();

/// One line on stderr.
void say(const std::string& line);

/// A bar that redraws itself on a terminal, at most ten times a second; elsewhere one plain line per stage.
/// Erases itself at the end. Safe from any thread.
class ProgressBar {
  public:
    explicit ProgressBar(std::string title);
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    /// fraction < 0: unknown. `text` stands behind the bar.
    void show(double fraction, const std::string& text);
    /// A line that stays.
    void note(const std::string& line);
    void finish();
    /// Callback for JobContext.
    JobContext::Callback callback();

  private:
    void erase();
    void draw();

    std::mutex mutex_;
    std::string title_, text_;
    double fraction_ = -1;
    bool is_drawn_ = false, is_finished_ = false;
    const bool is_terminal_ = is_terminal_stderr();
    std::chrono::steady_clock::time_point last_draw_{};
    std::chrono::steady_clock::time_point last_line_{};
};

}  // namespace headlight
