// Replaced attention: what the user asked for, the changed run that follows the unchanged one, and which is
// shown.
#include <algorithm>

#include "run/intervention_set.h"
#include "session/session_impl.h"

namespace headlight {

void Session::add_intervention(Intervention change) {
    if (change.heads.empty()) return;
    const InterventionsPtr& now = impl_->snapshot.interventions;
    impl_->change_interventions(with_intervention(now ? *now : Interventions(), std::move(change)));
}

void Session::clear_interventions(std::span<const HeadId> heads) {
    const InterventionsPtr& now = impl_->snapshot.interventions;
    if (!now) return;
    impl_->change_interventions(heads.empty() ? Interventions() : without_heads(*now, heads));
}

void Session::set_compare(Compare compare) {
    impl_->snapshot.compare = compare;
    impl_->refresh_shown();
}

void Session::Impl::change_interventions(Interventions next) {
    const Interventions now = snapshot.interventions ? *snapshot.interventions : Interventions();
    if (are_same(now, next)) return;
    const bool was_none = now.empty();
    use_interventions(next.empty() ? nullptr : std::make_shared<const Interventions>(std::move(next)));
    if (was_none && snapshot.compare == Compare::Before) snapshot.compare = Compare::After;
    record();
}

void Session::Impl::use_interventions(InterventionsPtr next) {
    snapshot.interventions = std::move(next);
    forget_ablation();
    request_ablation();
}

// The unchanged run is shown again until a new result is there.
void Session::Impl::forget_ablation() {
    worker.drop(JobKind::Ablation);
    wanted_ablation = 0;
    snapshot.ablation.reset();
    snapshot.ablation_error.clear();
    refresh_shown();
}

// Comes back here from show_text() and take_live() when something is still missing.
void Session::Impl::request_ablation() {
    const auto& text = snapshot.base_text;
    if (!snapshot.has_interventions() || !text || !text->trace || !snapshot.model) return;
    if (text->model_id != snapshot.model->id || (snapshot.is_stale && !snapshot.text_problem)) return;
    if (!snapshot.model->is_live) {
        if (!request_live())
            ablation_failed("Replacing attention needs the model; only its attention is open.");
        return;
    }
    if (const auto error = why_one_text_only("Replaced attention")) return ablation_failed(error->message);
    const std::uint64_t serial = wanted_ablation = next_id++;
    worker.submit(
        {JobKind::Ablation, "Running with replaced attention",
         [this, text = text, interventions = snapshot.interventions, serial](const JobContext& job) {
             return ablate_on_worker(text, interventions, serial, job);
         }});
    refresh_job();
}

JobOutcome Session::Impl::ablate_on_worker(const std::shared_ptr<const AnalyzedText>& text,
                                           const InterventionsPtr& interventions, std::uint64_t serial,
                                           const JobContext& job) {
    if (!live.runner || live.info->id != text->model_id) return JobOutcome::Done;  // another model came
    auto result = guarded([&] {
        return run_ablation(live, live_ablation, *text, *interventions, serial, num_analysis_threads, job);
    });
    const bool was_stopped = !result && result.error().kind == ErrorKind::Cancelled;
    if (was_stopped && job.should_stop()) return JobOutcome::Again;
    mailbox.post([this, serial, result = std::move(result)] { take_ablation(serial, result); });
    return JobOutcome::Done;
}

void Session::Impl::take_ablation(std::uint64_t serial,
                                  Result<std::shared_ptr<const AblationResult>> result) {
    const bool is_wanted = serial == wanted_ablation && snapshot.base_text;
    if (!is_wanted) return;  // of another text, or of interventions that are no more
    wanted_ablation = 0;
    if (!result) {
        ablation_failed(result.error().message);
        return job_failed("The attention could not be replaced", result.error());
    }
    if ((*result)->base_id != snapshot.base_text->id) return;
    snapshot.ablation = std::move(*result);
    refresh_shown();
}

void Session::Impl::ablation_failed(std::string sentence) {
    wanted_ablation = 0;
    snapshot.ablation_error = std::move(sentence);
    refresh_shown();
}

void Session::Impl::refresh_shown() {
    const bool shows_change = snapshot.ablation && snapshot.compare != Compare::Before;
    snapshot.text = shows_change ? snapshot.ablation->after : snapshot.base_text;
    snapshot.is_ablation_pending =
        snapshot.has_interventions() && !snapshot.ablation && snapshot.ablation_error.empty();
    const std::uint64_t base = snapshot.base_text ? snapshot.base_text->id : 0;
    const std::uint64_t after = snapshot.ablation ? snapshot.ablation->after->id : 0;
    for (const DerivedKind kind :
         {DerivedKind::Pyramid, DerivedKind::Rollout, DerivedKind::Paths, DerivedKind::HeadMap,
          DerivedKind::MatrixMetrics, DerivedKind::ValueNorms}) {
        cache.drop_others(kind, base, after);
    }
    // Decoder and cross attention have the same predictions: they are kept by the run.
    cache.drop_others(DerivedKind::Predictions, snapshot.base_text ? snapshot.base_text->run_id : 0, after);
    is_changed = true;
}

}  // namespace headlight
