// Replaced attention: from the user's word to the run that is shown.
#include "session/parts/ablation.h"

#include "run/intervention_set.h"
#include "session/parts/choice.h"
#include "session/parts/derivations.h"
#include "session/parts/opening.h"
#include "session/parts/shown_units.h"

namespace headlight {

void Ablation::add(Intervention next) {
    if (next.heads.empty()) return;
    const InterventionsPtr& now = core_.snapshot.interventions;
    change(with_intervention(now ? *now : Interventions(), std::move(next)));
}

void Ablation::clear(std::span<const HeadId> heads) {
    const InterventionsPtr& now = core_.snapshot.interventions;
    if (!now) return;
    change(heads.empty() ? Interventions() : without_heads(*now, heads));
}

void Ablation::set_compare(Compare compare) {
    core_.snapshot.compare = compare;
    refresh_shown();
}

void Ablation::change(Interventions next) {
    Snapshot& snapshot = core_.snapshot;
    const Interventions now = snapshot.interventions ? *snapshot.interventions : Interventions();
    if (are_same(now, next)) return;
    const bool was_none = now.empty();
    use(next.empty() ? nullptr : std::make_shared<const Interventions>(std::move(next)));
    if (was_none && snapshot.compare == Compare::Before) snapshot.compare = Compare::After;
    choice_.record();
}

void Ablation::use(InterventionsPtr next) {
    core_.snapshot.interventions = std::move(next);
    forget();
    request();
}

void Ablation::forget() {
    core_.worker.drop(JobKind::Ablation);
    wanted_ = 0;
    core_.snapshot.ablation.reset();
    core_.snapshot.ablation_error.clear();
    refresh_shown();
}

void Ablation::forget_interventions() {
    core_.snapshot.interventions.reset();
    forget();
}

// Comes back here when the text or the model has come, if something is still missing.
void Ablation::request() {
    const Snapshot& snapshot = core_.snapshot;
    const auto& text = snapshot.base_text;
    if (!snapshot.has_interventions() || !text || !text->trace || !snapshot.model) return;
    if (text->model_id != snapshot.model->id || (snapshot.is_stale && !snapshot.text_problem)) return;
    if (!snapshot.model->is_live) {
        if (!opening_.request_live())
            give_up("Replacing attention needs the model; only its attention is open.");
        return;
    }
    if (const auto error = core_.why_one_text_only("Replaced attention")) return give_up(error->message);
    const std::uint64_t serial = wanted_ = core_.new_id();
    core_.on_model(
        JobKind::Ablation, "Running with replaced attention", text->model_id,
        [text, interventions = snapshot.interventions, serial, units = units_.wanted(),
         group_id = core_.new_text_id(), num_threads = core_.num_analysis_threads](
            WorkerState& on_worker, const JobContext& job) -> Result<Outcome> {
            Outcome out;
            HEADLIGHT_TRY(out.result, run_ablation(on_worker.live, on_worker.ablation, *text, *interventions,
                                                   serial, num_threads, job));
            HEADLIGHT_TRY(out.grouped, group_kinds({out.result->after}, units, group_id, num_threads, job));
            return out;
        },
        [this, serial](Result<Outcome> outcome) { take(serial, std::move(outcome)); });
    core_.refresh_job();
}

void Ablation::take(std::uint64_t serial, Result<Outcome> outcome) {
    const bool is_wanted = serial == wanted_ && core_.snapshot.base_text;
    if (!is_wanted) return;  // of another text, or of interventions that are no more
    wanted_ = 0;
    if (!outcome) {
        give_up(outcome.error().message);
        return core_.job_failed("The attention could not be replaced", outcome.error());
    }
    if (outcome->result->base_id != core_.snapshot.base_text->id) return;
    core_.snapshot.ablation = std::move(outcome->result);
    units_.keep(outcome->grouped);
    refresh_shown();
}

void Ablation::give_up(std::string sentence) {
    wanted_ = 0;
    core_.snapshot.ablation_error = std::move(sentence);
    refresh_shown();
}

void Ablation::refresh_shown() {
    Snapshot& snapshot = core_.snapshot;
    const bool shows_change = snapshot.ablation && snapshot.compare != Compare::Before;
    units_.show(shows_change ? snapshot.ablation->after : snapshot.base_text, snapshot.base_text);
    choice_.refresh();
    snapshot.is_ablation_pending =
        snapshot.has_interventions() && !snapshot.ablation && snapshot.ablation_error.empty();
    derived_.keep_shown();
    core_.is_changed = true;
}

void Ablation::drop_strangers() {
    const Snapshot& snapshot = core_.snapshot;
    const std::uint64_t text_id = snapshot.base_text ? snapshot.base_text->id : 0;
    if (snapshot.ablation && snapshot.ablation->base_id != text_id) forget();
}

void Ablation::cancel() {
    if (core_.snapshot.is_ablation_pending) give_up("The changed run was stopped.");
}

}  // namespace headlight
