// Derived values: how they are asked for and kept; pyramids, predictions, spectra of weights.
#include "session/parts/derivations.h"

#include <algorithm>

#include "analysis/weights/weight_analysis.h"
#include "run/text_run.h"
#include "session/parts/opening.h"

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

void Derivations::start(const DerivedKey& key, const Compute& compute) {
    auto control = std::make_shared<JobControl>();
    cache_.start(key, control);
    SessionCore* core = &core_;
    core_.pool.submit(control, [this, core, key, compute](const JobContext& job) {
        auto result = guarded([&] { return compute(job); });
        core->mailbox.post([this, key, result = std::move(result)] { take(key, result); });
    });
}

void Derivations::ask_model(const DerivedKey& key, std::string title, std::uint64_t model_id,
                            const ModelCompute& compute) {
    auto control = std::make_shared<JobControl>();
    cache_.start(key, control);
    core_.on_model(
        JobKind::Predictions, std::move(title), model_id,
        [control, compute](WorkerState& on_worker, const JobContext& job) -> Result<DerivedValue> {
            if (control->stop.stop_requested()) return fail(ErrorKind::Cancelled, "nobody asks any more");
            return compute(on_worker, job);
        },
        [this, key, control](Result<DerivedValue> result) {
            if (!control->stop.stop_requested()) take(key, std::move(result));
        });
}

void Derivations::take(const DerivedKey& key, Result<DerivedValue> result) {
    core_.is_changed = true;
    if (result) return cache_.finish(key, std::move(*result));
    if (result.error().kind == ErrorKind::Cancelled) return cache_.forget(key);
    cache_.fail(key, std::move(result.error()));
}

void Derivations::keep_shown() {
    const Snapshot& snapshot = core_.snapshot;
    const auto id_of = [](const auto& text) { return text ? text->id : 0; };
    const std::uint64_t base = id_of(snapshot.base_text), text = id_of(snapshot.text),
                        shown_base = id_of(snapshot.shown_base);
    const std::uint64_t after = snapshot.ablation ? snapshot.ablation->after->id : 0;
    for (const DerivedKind kind : kTextKinds) {
        // Decoder and cross attention have the same predictions: they are kept by the run.
        const bool is_of_run = kind == DerivedKind::Predictions && snapshot.base_text;
        cache_.drop_others(kind, {is_of_run ? snapshot.base_text->run_id : base, after, text, shown_base});
    }
}

// Not even the last values, which are drawn dimmed while newer ones are on their way.
void Derivations::drop_strangers() {
    const Snapshot& snapshot = core_.snapshot;
    const std::uint64_t model_id = core_.open_now().model_id,
                        run_id = snapshot.base_text ? snapshot.base_text->run_id : 0;
    if (std::exchange(model_id_, model_id) != model_id) {
        for (const DerivedKind kind : kModelKinds)
            cache_.drop_all(kind);
    }
    if (std::exchange(run_id_, run_id) != run_id) core_.worker.drop(JobKind::Predictions);
    if (snapshot.base_text) return;
    for (const DerivedKind kind : kTextKinds)
        cache_.drop_all(kind);
}

const std::shared_ptr<const AnalyzedText>& Derivations::text_of(TextVersion version) const {
    return version == TextVersion::Before ? core_.snapshot.shown_base : core_.snapshot.text;
}

bool Derivations::can_ask_about(const AnalyzedText& text) const {
    const auto& model = core_.snapshot.model;
    return model->is_live && text.model_id == model->id;
}

Derived<TilePyramid> Derivations::pyramid(const std::vector<HeadId>& heads, TextVersion version) {
    const auto text = text_of(version);
    if (auto error = why_no_text(text.get())) return failed<TilePyramid>(*error);
    const PictureWeights& picture = core_.snapshot.picture;
    TracePtr trace = text->trace;
    if (version == TextVersion::Before && picture.before) trace = picture.before;
    if (version == TextVersion::Shown && picture.trace) trace = picture.trace;
    DerivedKey key{DerivedKind::Pyramid, text->id, heads, -1};
    key.weights = picture.id;
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
    return ask<TilePyramid>(key, [trace, heads = key.heads](const JobContext& job) -> Result<DerivedValue> {
        HEADLIGHT_TRY(TilePyramid pyramid, build_tile_pyramid(*trace, heads, job));
        const std::size_t bytes = pyramid.size_bytes();
        return make_value(std::move(pyramid), bytes);
    });
}

// Nullopt when the model predicts something at the queries of this text.
std::optional<Error> Derivations::why_no_predictions(const AnalyzedText& text) const {
    const Snapshot& snapshot = core_.snapshot;
    if (!snapshot.model) return std::nullopt;
    const ModelSpec& spec = snapshot.model->spec;
    if (opening_.why_no_text_runs())
        return make_error(ErrorKind::Unsupported, "stored attention has no predictions; open its model");
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

Derived<QueryPredictions> Derivations::predictions(int query, TextVersion version) {
    const auto text = token_text(text_of(version));
    if (auto error = why_no_query(text.get(), query)) return failed<QueryPredictions>(*error);
    if (auto error = why_no_predictions(*text)) return failed<QueryPredictions>(*error);
    if (auto error = opening_.why_not_live()) return failed<QueryPredictions>(*error);
    const Snapshot& now = core_.snapshot;
    const DerivedKey key{DerivedKind::Predictions, text->run_id, {}, query};
    const bool can_ask = can_ask_about(*text);
    if (!can_ask && !core_.is_busy()) {
        return failed<QueryPredictions>(
            make_error(ErrorKind::Missing, "the text that is shown was run by another model"));
    }
    if (!can_ask || cache_.touch(key)) return cache_.look<QueryPredictions>(key);
    const auto ablation = now.ablation && text == now.ablation->after ? now.ablation : nullptr;
    const auto base = ablation ? now.base_text : text;
    const bool is_masked = now.model->spec.prediction == Prediction::MaskedToken;
    ask_model(key, is_masked ? "Predicting the masked token" : "Predicting the next token", text->model_id,
              [base, ablation, query](WorkerState& on_worker, const JobContext& job) -> Result<DerivedValue> {
                  HEADLIGHT_TRY(QueryPredictions predictions,
                                ablation ? run_changed_predictions(on_worker.live, on_worker.ablation, *base,
                                                                   *ablation->interventions, query, job)
                                         : run_predictions(on_worker.live, *base, query, job));
                  const std::size_t bytes = predictions_bytes(predictions);
                  return make_value(std::move(predictions), bytes);
              });
    return cache_.look<QueryPredictions>(key);
}

Derived<WeightAnalysis> Derivations::weight_analysis() {
    const auto& text = core_.snapshot.base_text;
    if (text && text->input_tokens) {
        return failed<WeightAnalysis>(
            make_error(ErrorKind::Unsupported, "spectra are read from the weights of the encoder only"));
    }
    if (auto error = opening_.why_not_live()) return failed<WeightAnalysis>(*error);
    const DerivedKey key{DerivedKind::Weights, core_.snapshot.model->id, {}, -1};
    if (!opening_.runner()) return cache_.look<WeightAnalysis>(key);
    return ask<WeightAnalysis>(
        key, [runner = opening_.runner()](const JobContext& job) { return compute_weights(*runner, job); });
}

}  // namespace headlight
