#include "run/changed_text.h"

#include <utility>

#include "run/text_run.h"

namespace headlight {
namespace {

Status prepare(const LiveModel& model, LiveAblation& live, const AnalyzedText& text, const JobContext& job) {
    if (live.run && live.text_id == text.id) return {};
    live.reset();
    job.report({"keeping the unchanged run", -1, {}});
    const std::vector<std::int32_t> ids = text.tokens.ids();
    HEADLIGHT_TRY(live.run, model.runner->start_ablation(ids, job));
    if (!live.run) return fail(ErrorKind::Internal, "the engine kept no run to ablate");
    live.text_id = text.id;
    return {};
}

// A mean output that was asked for by name only is the mean over this text.
Interventions with_outputs(const Interventions& interventions, const AblationRun& run, HeadGrid grid) {
    Interventions out = interventions;
    if (wants_mean_outputs(out)) fill_mean_outputs(out, run.mean_outputs(), grid);
    return out;
}

}  // namespace

Result<std::shared_ptr<const AblationResult>> run_ablation(const LiveModel& model, LiveAblation& live,
                                                           const AnalyzedText& text,
                                                           const Interventions& interventions,
                                                           std::uint64_t after_id, int num_threads,
                                                           const JobContext& job) {
    HEADLIGHT_CHECK(prepare(model, live, text, job));
    auto carried_out = std::make_shared<const Interventions>(
        with_outputs(interventions, *live.run, model.info->spec.grid()));
    AblationWish wish;
    wish.wants_distribution = true;
    wish.wants_trace = true;
    wish.key_sets = text.key_sets;
    HEADLIGHT_TRY(AblationOutcome outcome, live.run->apply(*carried_out, wish, job));
    if (!outcome.trace) return fail(ErrorKind::Internal, "the changed run gave no attention");

    auto after = std::make_shared<AnalyzedText>();
    after->id = after->run_id = after_id;
    after->model_id = text.model_id;
    after->tokenizer_id = text.tokenizer_id;
    after->tokens = text.tokens;
    after->num_prompt = text.num_prompt;
    after->key_sets = text.key_sets;
    after->trace = std::move(outcome.trace);
    after->run_ms = outcome.elapsed_ms;
    after->num_threads = text.num_threads;
    HEADLIGHT_CHECK(analyze_into(*after, num_threads, job));

    auto out = std::make_shared<AblationResult>();
    out->base_id = text.id;
    out->interventions = std::move(carried_out);
    out->after = std::move(after);
    out->base_loss = live.run->base_loss();
    out->loss = std::move(outcome.token_loss);
    out->kl = std::move(outcome.kl);
    out->tvd = std::move(outcome.tvd);
    out->first_layer = outcome.first_layer;
    out->elapsed_ms = outcome.elapsed_ms;
    fill_means(*out);
    return std::shared_ptr<const AblationResult>(std::move(out));
}

Result<Matrix> run_changed_logits(const LiveModel& model, LiveAblation& live, const AnalyzedText& text,
                                  const Interventions& interventions, int query, const JobContext& job) {
    HEADLIGHT_CHECK(prepare(model, live, text, job));
    AblationWish wish;
    wish.logit_positions = {query};
    HEADLIGHT_TRY(AblationOutcome outcome, live.run->apply(interventions, wish, job));
    return std::move(outcome.logits);
}

Result<QueryPredictions> run_changed_predictions(const LiveModel& model, LiveAblation& live,
                                                 const AnalyzedText& text, const Interventions& interventions,
                                                 int query, const JobContext& job) {
    HEADLIGHT_TRY(const Matrix logits, run_changed_logits(model, live, text, interventions, query, job));
    return predictions_of(*model.info, logits, query);
}

}  // namespace headlight
