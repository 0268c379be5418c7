// Milliseconds of every frame, for measuring that the window stays smooth: HEADLIGHT_FRAME_LOG=FILE.
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

namespace headlight {

class FrameLog {
  public:
    /// Reads the environment variable; without it nothing is logged.
    FrameLog();

    bool is_on() const { return static_cast<bool>(file_); }
    /// Around everything between waking up and the swap.
    void begin();
    /// Writes one line: seconds since the start, milliseconds of the frame, 1 while a job runs, name of the
    /// job.
    void end(bool is_busy, const std::string& job);

  private:
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Closer> file_;
    std::chrono::steady_clock::time_point start_, begin_;
};

}  // namespace headlight
