// The comparison with a reference's attention: a job of the model worker that starts over when typing comes
// in between.
#include "session/session_impl.h"

namespace headlight {

void Session::start_parity(const std::string& reference_file) {
    impl_->start_parity(reference_file);
}

Derived<ParityReport> Session::parity() {
    const Impl::ParityState& parity = impl_->parity;
    Derived<ParityReport> out;
    out.value = parity.value;
    if (parity.control) {
        out.progress = parity.control->progress;
    } else if (parity.error) {
        out.state = Derived<ParityReport>::State::Failed;
        out.error = parity.error;
    } else if (parity.value) {
        out.state = Derived<ParityReport>::State::Ready;
    }
    return out;
}

void Session::Impl::start_parity(const std::string& reference_file) {
    if (snapshot.model && !snapshot.model->is_live) request_live();
    if (auto error = why_not_live()) return notify_error("The reference could not be compared", *error);
    auto control = std::make_shared<JobControl>();
    control->progress = 0;
    parity = {control, nullptr, std::nullopt, snapshot.model->id};
    snapshot.parity_path = reference_file;
    snapshot.is_parity_running = is_changed = true;
    failure.reset();
    worker.submit({JobKind::Parity, "Comparing with the reference",
                   [this, reference_file, control, model_id = snapshot.model->id](const JobContext& job) {
                       return parity_on_worker(reference_file, control, model_id, job);
                   }});
}

JobOutcome Session::Impl::parity_on_worker(const std::string& reference_file, const JobControlPtr& control,
                                           std::uint64_t model_id, const JobContext& job) {
    const JobContext counted(job.stop_token(), [&job, control](const ProgressUpdate& update) {
        if (update.fraction >= 0) control->progress = update.fraction;
        job.report(update);
    });
    auto report = guarded([&]() -> Result<ParityReport> {
        if (!live.runner || live.info->id != model_id)
            return fail(ErrorKind::Cancelled, "the model of this comparison is not there");
        return measure_parity(*live.runner, reference_file, {}, counted);
    });
    const bool was_stopped = !report && report.error().kind == ErrorKind::Cancelled;
    if (was_stopped && job.should_stop()) return JobOutcome::Again;
    mailbox.post([this, control, report = std::move(report)] { take_parity(control, report); });
    return JobOutcome::Done;
}

void Session::Impl::take_parity(const JobControlPtr& control, Result<ParityReport> result) {
    if (control != parity.control) return;  // cancelled, or a newer one runs
    parity.control.reset();
    snapshot.is_parity_running = false;
    is_changed = true;
    if (result) {
        parity.value = std::make_shared<const ParityReport>(std::move(*result));
        return;
    }
    if (result.error().kind == ErrorKind::Cancelled) return;
    parity.error = result.error();
    job_failed("The reference could not be compared", result.error());
}

void Session::Impl::forget_parity() {
    worker.drop(JobKind::Parity);
    parity = {};
    snapshot.parity_path.clear();
    snapshot.is_parity_running = false;
}

}  // namespace headlight
