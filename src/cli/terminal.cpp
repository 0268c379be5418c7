#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/utf8.h"

namespace headlight {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kPlainLine = std::chrono::seconds(5);  // between lines where there is no terminal

int terminal_columns() {
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return 80;
    return std::min<int>(size.ws_col, 160);
}

std::string cut_to(const std::string& text, std::size_t columns) {
    std::string out;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size() && count < columns; ++count) {
        const std::size_t length = utf8::decode(text, at).size_bytes;
        out.append(text, at, length);
        at += length;
    }
    return out;
}

}  // namespace

bool is_terminal_stderr() {
    static const bool is_terminal = isatty(STDERR_FILENO) != 0;
    return is_terminal;
}

bool is_terminal_stdout() {
    static const bool is_terminal = isatty(STDOUT_FILENO) != 0;
    return is_terminal;
}

void say(const std::string& line) {
    std::fprintf(stderr, "%s\n", line.c_str());
}

ProgressBar::ProgressBar(std::string title) : title_(std::move(title)) {}

ProgressBar::~ProgressBar() {
    finish();
}

void ProgressBar::erase() {
    if (is_drawn_) std::fputs("\r\x1b[K", stderr);
    is_drawn_ = false;
}

void ProgressBar::draw() {
    constexpr int kBarColumns = 24;
    std::string line = title_ + " ";
    if (fraction_ >= 0) {
        const int filled = static_cast<int>(std::lround(std::clamp(fraction_, 0.0, 1.0) * kBarColumns));
        line += "[";
        for (int i = 0; i < kBarColumns; ++i)
            line += i < filled ? "=" : " ";
        line += fmt::format("] {:3.0f} % ", 100 * std::clamp(fraction_, 0.0, 1.0));
    }
    line = cut_to(line + text_, static_cast<std::size_t>(terminal_columns() - 1));
    std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
    std::fflush(stderr);
    is_drawn_ = true;
}

void ProgressBar::show(double fraction, const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (is_finished_) return;
    fraction_ = fraction;
    text_ = text;
    const auto now = Clock::now();
    if (is_terminal_) {
        if (now - last_draw_ < kRedraw) return;
        last_draw_ = now;
        draw();
        return;
    }
    if (last_line_ == Clock::time_point{}) last_line_ = now;
    if (now - last_line_ < kPlainLine) return;
    last_line_ = now;
    const std::string percent = fraction >= 0 ? fmt::format(" {:.0f} %", 100 * fraction) : "";
    say(fmt::format("{}{} {}", title_, percent, text));
}

void ProgressBar::note(const std::string& line) {
    const std::lock_guard lock(mutex_);
    erase();
    say(line);
}

void ProgressBar::finish() {
    const std::lock_guard lock(mutex_);
    is_finished_ = true;
    erase();
    std::fflush(stderr);
}

JobContext::Callback ProgressBar::callback() {
    return [this](const ProgressUpdate& update) {
        std::string text(update.stage);
        if (!update.detail.empty()) text.append(", ").append(update.detail);
        show(update.fraction, text);
    };
}

}  // namespace headlight
