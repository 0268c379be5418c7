// The sweep: every head replaced in turn, strictly the least urgent work of the model worker.
#include <algorithm>

#include "session/session_impl.h"

namespace headlight {

void Session::start_sweep(InterventionMode mode) {
    impl_->start_sweep(mode);
}

void Session::stop_sweep() {
    impl_->stop_sweep();
}

void Session::Impl::start_sweep(InterventionMode mode) {
    const std::string what = "The sweep could not be started";
    const auto& text = snapshot.base_text;
    if (!text || !text->trace || snapshot.is_stale)
        return notify_error(what, make_error(ErrorKind::Missing, "the text was not run yet"));
    if (const auto error = why_one_text_only("A sweep")) return notify_error(what, *error);
    if (snapshot.model && !snapshot.model->is_live) request_live();
    if (auto error = why_not_live()) return notify_error(what, *error);
    stop_sweep();
    auto job = std::make_shared<SweepJob>();
    job->control = std::make_shared<JobControl>();
    job->mode = mode;
    const HeadGrid grid = text->trace->grid();
    for (std::size_t i = 0; i < grid.size(); ++i)
        job->left.push_back(grid.at(i));
    SweepState state;
    state.base_id = text->id;
    state.mode = mode;
    state.num_heads = static_cast<int>(grid.size());
    state.is_running = true;
    snapshot.sweep = std::make_shared<const SweepState>(std::move(state));
    sweep_control = job->control;
    failure.reset();
    is_changed = true;
    worker.submit(
        {JobKind::Sweep, "Replacing every head in turn",
         [this, job, text](const JobContext& context) { return sweep_on_worker(*job, text, context); }});
}

JobOutcome Session::Impl::sweep_on_worker(SweepJob& sweep, const std::shared_ptr<const AnalyzedText>& text,
                                          const JobContext& job) {
    const JobControlPtr control = sweep.control;
    if (control->stop.stop_requested() || !live.runner || live.info->id != text->model_id) {
        mailbox.post(
            [this, control] { change_sweep(control, [](SweepState& state) { state.is_running = false; }); });
        return JobOutcome::Done;
    }
    SweepRequest request;
    request.texts = {text->tokens.ids()};
    request.mode = sweep.mode;
    request.heads = sweep.left;  // an interrupted sweep goes on where it was
    const auto on_effect = [&](const AblationEffect& effect) {
        if (!effect.heads.empty()) std::erase(sweep.left, effect.heads.front());
        mailbox.post([this, control, effect] {
            change_sweep(control, [&](SweepState& state) { state.effects.push_back(effect); });
        });
    };
    auto result = guarded([&] { return sweep_heads(*live.runner, request, job, on_effect); });
    if (!result && result.error().kind == ErrorKind::Cancelled && job.should_stop()) return JobOutcome::Again;
    const std::string error = result ? std::string() : result.error().message;
    mailbox.post([this, control, error] {
        change_sweep(control, [&](SweepState& state) {
            state.is_running = false;
            state.error = error;
        });
        if (control != sweep_control) return;
        sweep_control.reset();
        if (!error.empty()) notify({Notice::Level::Error, "The sweep ended early: " + error, {}, 0});
    });
    return JobOutcome::Done;
}

// A new value each time: views keep what they draw from.
void Session::Impl::change_sweep(const JobControlPtr& control,
                                 const std::function<void(SweepState&)>& change) {
    if (control != sweep_control || !snapshot.sweep) return;  // of another text, or stopped
    SweepState next = *snapshot.sweep;
    change(next);
    snapshot.sweep = std::make_shared<const SweepState>(std::move(next));
    is_changed = true;
}

// What is known stays.
void Session::Impl::stop_sweep() {
    if (!sweep_control) return;
    change_sweep(sweep_control, [](SweepState& state) { state.is_running = false; });
    sweep_control->stop.request_stop();
    sweep_control.reset();
    worker.drop(JobKind::Sweep);
}

void Session::Impl::forget_sweep() {
    stop_sweep();
    snapshot.sweep.reset();
}

}  // namespace headlight
