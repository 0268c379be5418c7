// Derived values: what views ask for by key, and the probe.
#include <algorithm>

#include "analysis/weights/weight_analysis.h"
#include "run/text_run.h"
#include "session/session_ask.h"

namespace headlight {
namespace {

std::size_t predictions_bytes(const QueryPredictions& predictions) {
    constexpr std::size_t kOne = sizeof(TokenPrediction) + sizeof(std::string);
    return sizeof(QueryPredictions) + predictions.top.size() * kOne;
}

std::size_t weights_bytes(const WeightAnalysis& weights) {
    std::size_t bytes = sizeof(WeightAnalysis);
    for (const auto& head : weights)
        bytes += sizeof(head) + head.size() * sizeof(MetricValue);
    return bytes;
}

Result<DerivedValue> compute_weights(const ModelRunner& runner, const JobContext& job) {
    HEADLIGHT_TRY(WeightAnalysis all, analyze_weights(runner, job, 1));
    const std::size_t bytes = weights_bytes(all);
    return make_value(std::move(all), bytes);
}

}  // namespace

std::optional<Error> why_no_text(const AnalyzedText* text) {
    if (text == nullptr) return make_error(ErrorKind::Missing, "no text was run yet");
    if (!text->trace) return make_error(ErrorKind::Missing, "the text has no tokens");
    return std::nullopt;
}

std::optional<Error> why_no_query(const AnalyzedText* text, int query) {
    if (auto error = why_no_text(text)) return error;
    const int count = text->trace->num_queries();
    if (query >= 0 && query < count) return std::nullopt;
    return make_error(ErrorKind::InvalidInput, "there is no token {}; the text has {} (0 to {})", query,
                      count, count - 1);
}

void Session::Impl::take_derived(const DerivedKey& key, Result<DerivedValue> result) {
    is_changed = true;
    if (result) return cache.finish(key, std::move(*result));
    if (result.error().kind == ErrorKind::Cancelled) return cache.forget(key);
    cache.fail(key, std::move(result.error()));
}

Derived<TilePyramid> Session::pyramid(const std::vector<HeadId>& heads, TextVersion version) {
    const auto text = impl_->text_of(version);
    if (auto error = why_no_text(text.get())) return failed<TilePyramid>(*error);
    DerivedKey key{DerivedKind::Pyramid, text->id, heads, -1};
    std::sort(key.heads.begin(), key.heads.end());
    key.heads.erase(std::unique(key.heads.begin(), key.heads.end()), key.heads.end());
    if (key.heads.empty())
        return failed<TilePyramid>(make_error(ErrorKind::InvalidInput, "no head is chosen"));
    for (const HeadId id : key.heads) {
        const TraceInfo& info = text->trace->info();
        if (id.layer >= 0 && id.layer < info.num_layers && id.head >= 0 && id.head < info.num_heads) continue;
        return failed<TilePyramid>(make_error(ErrorKind::InvalidInput,
                                              "there is no head {}; there are {} layers of {}",
                                              id.to_string(), info.num_layers, info.num_heads));
    }
    return impl_->ask<TilePyramid>(
        key, [text, heads = key.heads](const JobContext& job) -> Result<DerivedValue> {
            HEADLIGHT_TRY(TilePyramid pyramid, build_tile_pyramid(*text->trace, heads, job));
            const std::size_t bytes = pyramid.size_bytes();
            return make_value(std::move(pyramid), bytes);
        });
}

// Nullopt when the model is live or will be soon.
std::optional<Error> Session::Impl::why_not_live() const {
    if (!snapshot.model) return make_error(ErrorKind::Missing, "no model is open");
    if (snapshot.model->is_live || pending_open != 0) return std::nullopt;
    return make_error(ErrorKind::Missing, "only a stored trace is shown; this needs the model to be loaded");
}

// Nullopt when the model predicts something at the queries of this text.
std::optional<Error> Session::Impl::why_no_predictions(const AnalyzedText& text) const {
    if (!snapshot.model) return std::nullopt;
    const ModelSpec& spec = snapshot.model->spec;
    if (spec.prediction == Prediction::None) {
        return make_error(ErrorKind::Unsupported,
                          "{} predicts no tokens: the checkpoint has no language-model head", spec.name);
    }
    if (snapshot.has_kinds() && !text.input_tokens) {
        return make_error(
            ErrorKind::Unsupported,
            "the encoder predicts nothing: choose decoder or cross attention to see what comes next");
    }
    return std::nullopt;
}

Derived<QueryPredictions> Session::predictions(int query, TextVersion version) {
    const auto text = impl_->text_of(version);
    if (auto error = why_no_query(text.get(), query)) return failed<QueryPredictions>(*error);
    if (auto error = impl_->why_no_predictions(*text)) return failed<QueryPredictions>(*error);
    if (auto error = impl_->why_not_live()) return failed<QueryPredictions>(*error);
    const Snapshot& now = impl_->snapshot;
    const DerivedKey key{DerivedKind::Predictions, text->run_id, {}, query};
    const bool is_of_this_model = now.model->is_live && text->model_id == now.model->id;
    if (!is_of_this_model && !impl_->is_busy()) {
        return failed<QueryPredictions>(
            make_error(ErrorKind::Missing, "the text that is shown was run by another model"));
    }
    if (!is_of_this_model || impl_->cache.touch(key)) return impl_->cache.look<QueryPredictions>(key);
    const auto ablation = now.ablation && text == now.ablation->after ? now.ablation : nullptr;
    const auto base = ablation ? now.base_text : text;
    Impl* impl = impl_.get();
    const bool is_masked = now.model->spec.prediction == Prediction::MaskedToken;
    impl_->ask_model(
        key, is_masked ? "Predicting the masked token" : "Predicting the next token", text->model_id,
        [impl, base, ablation, query](const JobContext& job) -> Result<DerivedValue> {
            auto predictions = ablation ? run_changed_predictions(impl->live, impl->live_ablation, *base,
                                                                  *ablation->interventions, query, job)
                                        : run_predictions(impl->live, *base, query, job);
            if (!predictions) return fail(std::move(predictions).error());
            const std::size_t bytes = predictions_bytes(*predictions);
            return make_value(std::move(*predictions), bytes);
        });
    return impl_->cache.look<QueryPredictions>(key);
}

// On the model worker. Predictions and such queue up; the newest is run first.
void Session::Impl::ask_model(const DerivedKey& key, std::string title, std::uint64_t model_id,
                              const Compute& compute) {
    auto control = std::make_shared<JobControl>();
    cache.start(key, control);
    worker.submit({JobKind::Predictions, std::move(title),
                   [this, key, control, model_id, compute](const JobContext& job) {
                       if (control->stop.stop_requested() || !live.runner || live.info->id != model_id)
                           return JobOutcome::Done;
                       auto result = guarded([&] { return compute(job); });
                       const bool was_stopped = !result && result.error().kind == ErrorKind::Cancelled;
                       if (was_stopped && job.should_stop()) return JobOutcome::Again;
                       mailbox.post([this, key, result = std::move(result)] { take_derived(key, result); });
                       return JobOutcome::Done;
                   }});
}

Derived<WeightAnalysis> Session::weight_analysis() {
    const auto& text = impl_->snapshot.base_text;
    if (text && text->input_tokens) {
        return failed<WeightAnalysis>(
            make_error(ErrorKind::Unsupported, "spectra are read from the weights of the encoder only"));
    }
    if (auto error = impl_->why_not_live()) return failed<WeightAnalysis>(*error);
    const DerivedKey key{DerivedKind::Weights, impl_->snapshot.model->id, {}, -1};
    if (!impl_->runner) return impl_->cache.look<WeightAnalysis>(key);
    return impl_->ask<WeightAnalysis>(
        key, [runner = impl_->runner](const JobContext& job) { return compute_weights(*runner, job); });
}

}  // namespace headlight
