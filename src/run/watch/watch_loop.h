// Follows a folder of checkpoints: measures each once, in the order of the steps, as they appear.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "base/progress.h"
#include "base/result.h"
#include "io/training/training_log.h"
#include "run/live_model.h"
#include "run/watch/checkpoint_finder.h"
#include "run/watch/checkpoint_meter.h"

namespace headlight {

struct WatchPlan {
    std::string folder, log_folder;
    std::function<Status(const std::string& log_folder)> after_row;  // redraws what is made of the log
    double seconds_between = 2;                                      // looks at the folder
    bool is_once = false;  // ends when all that is there was measured
};

class WatchLoop {
  public:
    /// Called with each row once it is in the log; `label` names the checkpoint: "step 100".
    using OnRow = std::function<Status(const std::string& label, const TrainingRow& row)>;

    WatchLoop(WatchPlan plan, CheckpointMeter& meter, OnRow on_row, TellUser tell, const JobContext& job)
        : plan_(std::move(plan)),
          meter_(meter),
          on_row_(std::move(on_row)),
          tell_(std::move(tell)),
          job_(job),
          finder_(plan_.folder) {}

    /// Runs until it is stopped, or until all is measured. Errors: those of the log; InvalidInput of the
    /// meter.
    Status go();
    int num_measured() const { return num_measured_; }
    int num_given_up() const { return static_cast<int>(given_up_.size()); }

  private:
    enum class Outcome { Measured, Waits, GivenUp };
    /// One look at the folder. True when nothing is left to wait for.
    Result<bool> look();
    Result<Outcome> take(const FoundCheckpoint& found);
    Status write_row(const FoundCheckpoint& found, std::map<std::string, std::optional<double>> values);
    bool is_done(const FoundCheckpoint& found) const;
    void tell_left_out();
    void wait() const;

    WatchPlan plan_;
    CheckpointMeter& meter_;
    OnRow on_row_;
    TellUser tell_;
    const JobContext& job_;
    std::unique_ptr<TrainingLogWriter> log_;
    CheckpointFinder finder_;
    std::set<std::pair<std::int64_t, std::string>>
        done_;                        // step and name; no name: a row that names no checkpoint
    std::set<std::string> given_up_;  // paths, said once
    std::set<std::string> left_out_;  // names without a step, said once
    int num_measured_ = 0;
    bool has_said_sample_ = false;
};

}  // namespace headlight
