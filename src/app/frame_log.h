// Milliseconds of every frame, and of the way from a key to the picture: HEADLIGHT_FRAME_LOG=FILE, described
// in docs/contributing.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "session/snapshot.h"
#include "ui/window.h"

namespace headlight {

class FrameLog {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// Reads the environment variable; without it nothing is logged.
    FrameLog();

    bool is_on() const { return static_cast<bool>(file_); }
    /// Around everything between waking up and the swap.
    void begin();
    /// A text was typed: by the key that came in then, or, without one, by a command now.
    void note_text(const std::optional<Time>& key_at) { typed_at_ = key_at ? *key_at : Clock::now(); }
    /// Writes a line: seconds since the start, milliseconds of the frame, 1 while a job runs, name of the
    /// job. Before it, in the first frame that shows a text that was run, one of what came between the key
    /// and that picture.
    void end(const Snapshot& snapshot, bool is_busy, const ui::FrameTimes& frame);

  private:
    using Clock = std::chrono::steady_clock;
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    void write_picture(const Snapshot& snapshot, const ui::FrameTimes& frame, Time now);

    std::unique_ptr<std::FILE, Closer> file_;
    Time start_, begin_;
    std::optional<Time> typed_at_;
    std::uint64_t shown_run_ = 0;
    double upload_ms_ = 0;  // of all textures, when the frame began
};

}  // namespace headlight
