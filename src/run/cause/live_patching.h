// The two passes of a patching, kept while texts and question stay. Runs on the model worker.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/cause/patching.h"
#include "run/live_model.h"

namespace headlight {

/// Must go before the model that made it.
struct LivePatching {
    std::vector<std::int32_t> clean, corrupted;
    Question question;
    std::unique_ptr<PatchingRun> run;

    void reset() { run.reset(); }
};

/// Never null. Errors: those of start_patching().
Result<PatchingRun*> patching_run(const LiveModel& model, LivePatching& live,
                                  const std::vector<std::int32_t>& clean,
                                  const std::vector<std::int32_t>& corrupted, const Question& question,
                                  const JobContext& job);

}  // namespace headlight
