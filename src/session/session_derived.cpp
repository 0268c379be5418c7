// Derived values: what views ask for by key, and the probe.
#include <algorithm>

#include "analysis/spectrum.h"
#include "session/session_impl.h"
#include "session/text_job.h"

namespace headlight {
namespace {

template <class T>
Derived<T> failed(Error error) {
    Derived<T> out;
    out.state = Derived<T>::State::Failed;
    out.error = std::move(error);
    return out;
}

template <class T>
DerivedValue make_value(T value, std::size_t size_bytes) {
    return {std::make_shared<const T>(std::move(value)), size_bytes};
}

std::size_t rollout_bytes(const Rollout& rollout) {
    std::size_t numbers = rollout.input_share.size() + rollout.uniform_share.size();
    for (const auto& layer : rollout.node)
        numbers += layer.size();
    return sizeof(Rollout) + numbers * sizeof(double) + rollout.links.size() * sizeof(FlowLink);
}

std::size_t predictions_bytes(const QueryPredictions& predictions) {
    return sizeof(QueryPredictions) + predictions.top.size() * (sizeof(Prediction) + sizeof(std::string));
}

std::size_t weights_bytes(const WeightAnalysis& weights) {
    std::size_t bytes = sizeof(WeightAnalysis);
    for (const auto& head : weights)
        bytes += sizeof(head) + head.size() * sizeof(MetricValue);
    return bytes;
}

// What is wrong with asking for something of the shown text; nullopt: nothing.
std::optional<Error> why_no_text(const Snapshot& snapshot) {
    if (!snapshot.text) return make_error(ErrorKind::Missing, "no text was run yet");
    if (!snapshot.text->trace) return make_error(ErrorKind::Missing, "the text has no tokens");
    return std::nullopt;
}

std::optional<Error> why_no_query(const Snapshot& snapshot, int query) {
    if (auto error = why_no_text(snapshot)) return error;
    const int count = snapshot.text->trace->num_queries();
    if (query >= 0 && query < count) return std::nullopt;
    return make_error(ErrorKind::InvalidInput, "there is no token {}; the text has {} (0 to {})", query,
                      count, count - 1);
}

Result<DerivedValue> compute_weights(const ModelRunner& runner, const JobContext& job) {
    const ModelSpec spec = runner.spec();
    WeightAnalysis all;
    const int count = spec.num_layers * spec.num_heads;
    for (int i = 0; i < count; ++i) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped at head {} of {}", i, count);
        job.report({"spectra", static_cast<double>(i) / count, {}});
        HEADLIGHT_TRY(const HeadWeights weights, runner.head_weights(i / spec.num_heads, i % spec.num_heads));
        const HeadSpectrum spectrum =
            compute_spectrum(weights.query, weights.key, weights.value, weights.output);
        all.push_back(
            compute_weight_metrics(spectrum, spec.hidden_size, static_cast<int>(weights.query.cols)));
    }
    const std::size_t bytes = weights_bytes(all);
    return make_value(std::move(all), bytes);
}

}  // namespace

template <class T>
Derived<T> Session::Impl::ask(const DerivedKey& key, const Compute& compute) {
    if (!cache.touch(key)) {
        auto control = std::make_shared<JobControl>();
        cache.start(key, control);
        pool.submit(control, [this, key, compute](const JobContext& job) {
            auto result = guarded([&] { return compute(job); });
            mailbox.post([this, key, result = std::move(result)] { take_derived(key, result); });
        });
    }
    return cache.look<T>(key);
}

void Session::Impl::take_derived(const DerivedKey& key, Result<DerivedValue> result) {
    is_changed = true;
    if (result) return cache.finish(key, std::move(*result));
    if (result.error().kind == ErrorKind::Cancelled) return cache.forget(key);
    cache.fail(key, std::move(result.error()));
}

Derived<TilePyramid> Session::pyramid(const std::vector<HeadId>& heads) {
    if (auto error = why_no_text(impl_->snapshot)) return failed<TilePyramid>(*error);
    const auto text = impl_->snapshot.text;
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

Derived<Rollout> Session::rollout(int query) {
    if (auto error = why_no_query(impl_->snapshot, query)) return failed<Rollout>(*error);
    const auto text = impl_->snapshot.text;
    const DerivedKey key{DerivedKind::Rollout, text->id, {}, query};
    return impl_->ask<Rollout>(key, [text, query](const JobContext&) -> Result<DerivedValue> {
        Rollout rollout = compute_rollout(*text->trace, query);
        const std::size_t bytes = rollout_bytes(rollout);
        return make_value(std::move(rollout), bytes);
    });
}

// Nullopt when the model is live or will be soon.
std::optional<Error> Session::Impl::why_not_live() const {
    if (!snapshot.model) return make_error(ErrorKind::Missing, "no model is open");
    if (snapshot.model->is_live || pending_open != 0) return std::nullopt;
    return make_error(ErrorKind::Missing, "only a stored trace is shown; this needs the model to be loaded");
}

Derived<QueryPredictions> Session::predictions(int query) {
    if (auto error = why_no_query(impl_->snapshot, query)) return failed<QueryPredictions>(*error);
    if (auto error = impl_->why_not_live()) return failed<QueryPredictions>(*error);
    const Snapshot& now = impl_->snapshot;
    const DerivedKey key{DerivedKind::Predictions, now.text->id, {}, query};
    const bool is_of_this_model = now.model->is_live && now.text->model_id == now.model->id;
    if (!is_of_this_model && !impl_->is_busy()) {
        return failed<QueryPredictions>(
            make_error(ErrorKind::Missing, "the text that is shown was run by another model"));
    }
    if (is_of_this_model && !impl_->cache.touch(key)) impl_->ask_predictions(key);
    return impl_->cache.look<QueryPredictions>(key);
}

void Session::Impl::ask_predictions(const DerivedKey& key) {
    auto control = std::make_shared<JobControl>();
    cache.start(key, control);
    const auto text = snapshot.text;
    worker.submit({JobKind::Predictions, "Predicting the next token",
                   [this, key, control, text](const JobContext& job) {
                       if (control->stop.stop_requested() || !live.runner || live.info->id != text->model_id)
                           return JobOutcome::Done;
                       auto result = guarded([&]() -> Result<DerivedValue> {
                           HEADLIGHT_TRY(QueryPredictions predictions,
                                         run_predictions(live, *text, key.query, job));
                           const std::size_t bytes = predictions_bytes(predictions);
                           return make_value(std::move(predictions), bytes);
                       });
                       const bool was_stopped = !result && result.error().kind == ErrorKind::Cancelled;
                       if (was_stopped && job.should_stop()) return JobOutcome::Again;
                       mailbox.post([this, key, result = std::move(result)] { take_derived(key, result); });
                       return JobOutcome::Done;
                   }});
}

Derived<WeightAnalysis> Session::weight_analysis() {
    if (auto error = impl_->why_not_live()) return failed<WeightAnalysis>(*error);
    const DerivedKey key{DerivedKind::Weights, impl_->snapshot.model->id, {}, -1};
    if (!impl_->runner) return impl_->cache.look<WeightAnalysis>(key);
    return impl_->ask<WeightAnalysis>(
        key, [runner = impl_->runner](const JobContext& job) { return compute_weights(*runner, job); });
}

}  // namespace headlight
