// The random-repeat probe: it goes on with the next sequence when typing came in between.
#include "session/tasks/probe.h"

#include "run/probe_run.h"
#include "session/command_arguments.h"
#include "session/tasks/task_part.h"

namespace headlight {
namespace {

Result<ProbeResult> run_probe(ProbeRun& run, const LiveModel& live, const JobContext& job) {
    bool is_done = false;
    while (!is_done) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "the probe was interrupted");
        job.report({"probing", run.fraction(), fmt::format("{:.0f} %", 100 * run.fraction())});
        // Progress counts sequences, not layers.
        HEADLIGHT_TRY(is_done, run.step(live, JobContext(job.stop_token())));
    }
    return run.result(live);
}

class ProbePart final : public TaskPart<ProbeState> {
  public:
    using TaskPart::TaskPart;

    void start(const ProbeSettings& settings) {
        if (const auto error = core_.why_one_text_only("The random-repeat probe"))
            return core_.notify_error("The probe could not be started", *error);
        if (!opening_.bring_model("The probe could not be started")) return;
        run(state(), core_.open_now(), "Probing with random repeats", "The probe failed",
            [probe = std::make_shared<ProbeRun>(settings)](const WorkerState& on_worker,
                                                           const JobContext& job) {
                return run_probe(*probe, on_worker.live, job);
            });
    }
};

Status run_command(CommandContext& context, Arguments arguments) {
    ProbeSettings settings;
    if (!arguments.empty()) {
        HEADLIGHT_TRY(settings.num_sequences, parse_integer(arguments[0], "SEQUENCES"));
        if (settings.num_sequences < 1 || settings.num_sequences > 1000) {
            return fail(ErrorKind::InvalidInput, "SEQUENCES must be from 1 to 1000, got {}",
                        settings.num_sequences);
        }
    }
    if (!context.session.snapshot().model) return fail(ErrorKind::Missing, "no model is open");
    start_probe(context.session, settings);
    return {};
}

}  // namespace

void start_probe(Session& session, const ProbeSettings& settings) {
    task_of<ProbePart>(session).start(settings);
}

extern const TaskDescriptor k_task_probe = {[](const TaskSetting& setting) -> std::unique_ptr<SessionPart> {
    return std::make_unique<ProbePart>(setting);
}};

extern const CommandDescriptor k_command_probe = {
    .id = "probe",
    .label = "Random-repeat probe",
    .help = "Measures the content detectors on random repeated tokens.",
    .usage = "probe [SEQUENCES]",
    .group = "Analyse",
    .arguments = {0, 1},
    .is_enabled =
        [](const Snapshot& now) { return now.model != nullptr && !now.part<ProbeState>().task.is_running(); },
    .run = run_command,
};

}  // namespace headlight
