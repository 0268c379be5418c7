#include "run/cause/live_patching.h"

namespace headlight {

Result<PatchingRun*> patching_run(const LiveModel& model, LivePatching& live,
                                  const std::vector<std::int32_t>& clean,
                                  const std::vector<std::int32_t>& corrupted, const Question& question,
                                  const JobContext& job) {
    const bool is_kept = live.run && live.clean == clean && live.corrupted == corrupted;
    if (is_kept && live.question == question) return live.run.get();
    live.reset();
    job.report({"running both texts", -1, {}});
    HEADLIGHT_TRY(live.run, model.runner->start_patching(clean, corrupted, question, job));
    if (!live.run) return fail(ErrorKind::Internal, "the engine kept no runs to patch");
    live.clean = clean;
    live.corrupted = corrupted;
    live.question = question;
    return live.run.get();
}

}  // namespace headlight
