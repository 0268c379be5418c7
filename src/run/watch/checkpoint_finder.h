// Finds the checkpoints of a series in a folder, whatever code writes them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "io/checkpoint/checkpoint_step.h"

namespace headlight {

struct FoundCheckpoint {
    std::int64_t step = 0;    // the epoch where no step is known
    std::int64_t epoch = -1;  // -1: not known
    bool is_epoch = false;    // `step` counts epochs
    std::string path;         // a folder, or a weights file
    std::string name;         // below the folder of the series: "checkpoints/step_100"
    bool has_twin = false;    // another one is of the same step
};

/// Looks at a folder again and again; what a checkpoint says of its step is read once as long as it does not
/// change.
class CheckpointFinder {
  public:
    explicit CheckpointFinder(std::string folder) : folder_(std::move(folder)) {}

    /// Checkpoints of the folder and of its subfolder `checkpoints`, in the order of step, epoch and name.
    /// Never fails: what cannot be read is not there.
    std::vector<FoundCheckpoint> find();

    /// Files of weights that the last find() left out: nothing says their step.
    const std::vector<std::string>& without_step() const { return without_step_; }

  private:
    struct Known {
        std::filesystem::file_time_type written;
        CheckpointStep step;
    };
    const CheckpointStep& step_of(const std::string& path);
    void add_from(const std::filesystem::path& folder, const std::string& prefix,
                  std::vector<FoundCheckpoint>& found);

    std::string folder_;
    std::map<std::string, Known> known_;  // by path
    std::vector<std::string> without_step_;
};

/// Seconds since anything in the folder (or the file) was last written.
double seconds_untouched(const std::string& path);

}  // namespace headlight
