// The random-repeat probe: the least urgent job of the model worker, one sequence at a time.
#include <fmt/format.h>

#include "session/session_impl.h"

namespace headlight {

void Session::start_probe(ProbeSettings settings) {
    impl_->start_probe(settings);
}

Derived<ProbeResult> Session::probe() {
    const Impl::ProbeState& probe = impl_->probe;
    Derived<ProbeResult> out;
    out.value = probe.value;
    if (probe.control) {
        out.progress = probe.control->progress;
    } else if (probe.error) {
        out.state = Derived<ProbeResult>::State::Failed;
        out.error = probe.error;
    } else if (probe.value) {
        out.state = Derived<ProbeResult>::State::Ready;
    }
    return out;
}

void Session::Impl::start_probe(const ProbeSettings& settings) {
    if (const auto error = why_one_text_only("The random-repeat probe"))
        return notify_error("The probe could not be started", *error);
    if (snapshot.model && !snapshot.model->is_live) request_live();
    if (auto error = why_not_live()) return notify_error("The probe could not be started", *error);
    auto control = std::make_shared<JobControl>();
    control->progress = 0;
    probe.control = control;
    probe.error.reset();
    probe.model_id = snapshot.model->id;
    probe.tokenizer_id = snapshot.model->tokenizer_id;
    snapshot.is_probe_running = is_changed = true;
    failure.reset();
    auto run = std::make_shared<ProbeRun>(settings);
    worker.submit({JobKind::Probe, "Probing with random repeats",
                   [this, run, control, model_id = snapshot.model->id](const JobContext& job) {
                       return probe_on_worker(*run, control, model_id, job);
                   }});
}

JobOutcome Session::Impl::probe_on_worker(ProbeRun& run, const JobControlPtr& control, std::uint64_t model_id,
                                          const JobContext& job) {
    auto step = guarded([&]() -> Result<bool> {
        if (!live.runner || live.info->id != model_id) {
            return fail(ErrorKind::Cancelled, "the model of this probe is not there");
        }
        job.report({"probing", run.fraction(), fmt::format("{:.0f} %", 100 * run.fraction())});
        return run.step(live, JobContext(job.stop_token()));  // progress counts sequences, not layers
    });
    if (!step) {
        if (step.error().kind == ErrorKind::Cancelled && job.should_stop()) return JobOutcome::Again;
        mailbox.post([this, control, error = step.error()] { take_probe(control, fail(error)); });
        return JobOutcome::Done;
    }
    control->progress = run.fraction();
    mailbox.nudge();
    if (!*step) return JobOutcome::Again;
    mailbox.post([this, control, result = run.result(live)] { take_probe(control, result); });
    return JobOutcome::Done;
}

void Session::Impl::take_probe(const JobControlPtr& control, Result<ProbeResult> result) {
    if (control != probe.control) return;  // cancelled, or a newer one runs
    probe.control.reset();
    snapshot.is_probe_running = false;
    is_changed = true;
    if (result) {
        probe.value = std::make_shared<const ProbeResult>(std::move(*result));
        snapshot.has_probe = true;
        return;
    }
    if (result.error().kind == ErrorKind::Cancelled) return;
    probe.error = result.error();
    job_failed("The probe failed", result.error());
}

void Session::Impl::forget_probe() {
    worker.drop(JobKind::Probe);
    probe = {};
    snapshot.is_probe_running = snapshot.has_probe = false;
}

}  // namespace headlight
