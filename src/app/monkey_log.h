// The monkey's log: every step is on the disk before it is taken, and a crash says where that is.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "base/result.h"

namespace headlight {

/// One per process: from open() on a fatal signal prints the seed, the log's path and the last steps, using
/// nothing but write(), and then takes its usual way (a sanitizer's report, a core dump).
class MonkeyLog {
  public:
    /// Errors: Internal with the system's words.
    static Result<MonkeyLog> open(const std::string& path, std::uint64_t seed);

    /// One line, written at once. Steps are those that a crash prints.
    void note(const std::string& line);
    void step(const std::string& line);
    /// The last steps, oldest first, a line each.
    static std::string last_steps();
    /// No step may take longer: the signal that then comes ends the program like a crash. 0 takes it back.
    static void expect_within(unsigned seconds);

  private:
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Closer> file_;
};

}  // namespace headlight
