// Milliseconds of every frame.
#include "app/frame_log.h"

#include <cstdlib>

#include "base/log.h"

namespace headlight {

FrameLog::FrameLog() : start_(std::chrono::steady_clock::now()), begin_(start_) {
    const char* path = std::getenv("HEADLIGHT_FRAME_LOG");
    if (!path || !*path) return;
    file_.reset(std::fopen(path, "w"));
    if (!file_) {
        log::warn("the frame log {} could not be written", path);
        return;
    }
    std::fputs("seconds\tframe_ms\tbusy\tjob\n", file_.get());
}

void FrameLog::begin() {
    begin_ = std::chrono::steady_clock::now();
}

void FrameLog::end(bool is_busy, const std::string& job) {
    if (!file_) return;
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const double milliseconds = std::chrono::duration<double, std::milli>(now - begin_).count();
    std::fprintf(file_.get(), "%.3f\t%.2f\t%d\t%s\n", seconds, milliseconds, is_busy ? 1 : 0, job.c_str());
    std::fflush(file_.get());
}

}  // namespace headlight
