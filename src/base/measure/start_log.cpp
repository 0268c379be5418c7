// When the phases of getting ready were over.
#include "base/measure/start_log.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <string>

#include "base/log.h"
#include "base/measure/processor.h"
#include "base/stopwatch.h"

namespace headlight {
namespace {

class StartLog {
  public:
    StartLog() {
        const char* path = std::getenv("HEADLIGHT_START_LOG");
        if (!path || !*path) return;
        file_ = std::fopen(path, "w");
        if (file_)
            std::fputs("ms\tprocessor_ms\tphase\n", file_);
        else
            log::warn("the start log {} could not be written", path);
    }

    void note(const char* phase) {
        if (!file_) return;
        const double used = 1e3 * processor_seconds(), now = before_ms_ + watch_.milliseconds();
        const std::lock_guard lock(mutex_);
        if (!noted_.insert(phase).second) return;
        std::fprintf(file_, "%.1f\t%.1f\t%s\n", now, used, phase);
        std::fflush(file_);
    }

  private:
    // The first phase ends in main(): up to there one thread has loaded the program and waited for nothing.
    double before_ms_ = 1e3 * processor_seconds();
    Stopwatch watch_;
    std::FILE* file_ = nullptr;  // open until the process ends
    std::mutex mutex_;
    std::set<std::string> noted_;
};

}  // namespace

void note_start(const char* phase) {
    static auto* const start_log = new StartLog;  // threads that end late may still note something
    start_log->note(phase);
}

}  // namespace headlight
