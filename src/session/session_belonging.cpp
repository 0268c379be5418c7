// The one place that decides what may be shown beside a model: whatever another model, another tokenizer or
// another text made goes, whoever brought it and however late.
#include "session/session_impl.h"

namespace headlight {

// Called after every message of a worker, and wherever the session's own thread changes hands.
void Session::Impl::drop_strangers() {
    const ModelInfo* model = snapshot.model.get();
    const std::uint64_t model_id = model ? model->id : 0, tokenizer_id = model ? model->tokenizer_id : 0;
    if (chosen_model_id != model_id) forget_choices(model_id);
    if (snapshot.base_text && !snapshot.base_text->is_of(model)) forget_text();
    const std::uint64_t text_id = snapshot.base_text ? snapshot.base_text->id : 0;
    if (snapshot.ablation && snapshot.ablation->base_id != text_id) forget_ablation();
    if (snapshot.sweep && snapshot.sweep->base_id != text_id) forget_sweep();
    const auto& problem = snapshot.text_problem;
    if (problem && (problem->model_id != model_id || problem->tokenizer_id != tokenizer_id ||
                    problem->run_id != wanted_text_id))
        snapshot.text_problem.reset();
    if (probe.model_id != 0 && (probe.model_id != model_id || probe.tokenizer_id != tokenizer_id))
        forget_probe();
    if (parity.model_id != 0 && parity.model_id != model_id) forget_parity();
    if (snapshot.atlas_model_id != 0 && snapshot.atlas_model_id != model_id) close_atlas();
    if (snapshot.training_model_id != 0 && snapshot.training_model_id != model_id) close_training();
}

// Selection, replaced heads and undo steps are of the model's heads; spectra are of its weights.
void Session::Impl::forget_choices(std::uint64_t model_id) {
    if (chosen_model_id != 0) wanted_selection = {};  // else it was chosen for the model that comes first
    chosen_model_id = model_id;
    snapshot.interventions.reset();
    forget_ablation();
    cache.drop_all(DerivedKind::Weights);
    history.reset(now());
    refresh_selection();
}

void Session::Impl::forget_text() {
    worker.drop(JobKind::Predictions);
    snapshot.kinds.clear();
    snapshot.base_text.reset();
    forget_ablation();
    forget_sweep();
    for (const DerivedKind kind : kTextKinds)
        cache.drop_all(kind);
    wanted_selection.query = wanted_selection.key = -1;
    refresh_selection();
    refresh_stale();
}

}  // namespace headlight
