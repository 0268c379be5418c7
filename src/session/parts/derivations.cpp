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

std::optional<Error> why_no_head(const AttentionTrace& trace, HeadId head) {
    const TraceInfo& info = trace.info();
    if (head.layer >= 0 && head.layer < info.num_layers && head.head >= 0 && head.head < info.num_heads)
        return std::nullopt;
    return make_error(ErrorKind::InvalidInput, "there is no head {}; there are {} layers of {}",
                      head.to_string(), info.num_layers, info.num_heads);
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
    for (const auto& [kind, of, where] : kDerivedKinds) {
        if (of != DerivedOwner::Text) continue;
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
    if (std::exchange(model_id_, model_id) != model_id) drop_all_of(DerivedOwner::Model);
    if (std::exchange(run_id_, run_id) != run_id) core_.worker.drop(JobKind::Predictions);
    if (snapshot.base_text) return;
    drop_all_of(DerivedOwner::Text);
}

void Derivations::drop_all_of(DerivedOwner owner) {
    for (const auto& [kind, of, where] : kDerivedKinds) {
        if (of == owner) cache_.drop_all(kind);
    }
}

const std::shared_ptr<const AnalyzedText>& Derivations::text_of(TextVersion version) const {
    return version == TextVersion::Before ? core_.snapshot.shown_base : core_.snapshot.text;
}

bool Derivations::can_ask_about(const AnalyzedText& text) const {
    const auto& model = core_.snapshot.model;
    return model->is_live && text.model_id == model->id;
}

Result<std::vector<HeadId>> Derivations::picture_heads(const std::vector<HeadId>& heads,
                                                       const TraceInfo& info) {
    std::vector<HeadId> out = heads;
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    if (out.empty()) return fail(ErrorKind::InvalidInput, "no head is chosen");
    for (const HeadId id : out) {
        if (id.layer >= 0 && id.layer < info.num_layers && id.head >= 0 && id.head < info.num_heads) continue;
        return fail(ErrorKind::InvalidInput, "there is no head {}; there are {} layers of {}", id.to_string(),
                    info.num_layers, info.num_heads);
    }
    return out;
}

Derived<TileMap> Derivations::tiles(const std::vector<HeadId>& heads, const TileArea& area,
                                    bool is_difference) {
    const Snapshot& now = core_.snapshot;
    const auto text = now.text;
    if (auto error = why_no_text(text.get())) return failed<TileMap>(*error);
    const auto chosen = picture_heads(heads, text->trace->info());
    if (!chosen) return failed<TileMap>(chosen.error());
    const TracePtr trace = now.picture.trace ? TracePtr(now.picture.trace) : text->trace;
    TracePtr before;
    if (is_difference && now.shown_base)
        before = now.picture.before ? TracePtr(now.picture.before) : now.shown_base->trace;
    const bool has_all_rows = area.row_begin == 0 && area.row_end == trace->num_queries(),
               has_all_cols = area.col_begin == 0 && area.col_end == trace->num_keys();
    const DerivedKind kind = has_all_rows && has_all_cols                         ? DerivedKind::Tiles
                             : has_all_rows && area.col_end - area.col_begin == 1 ? DerivedKind::Column
                                                                                  : DerivedKind::TilesInSight;
    DerivedKey key{kind, text->id, *chosen, -1, is_difference ? 1 : 0};
    key.weights = now.picture.id;
    key.queries = {area.row_begin, area.row_end, area.col_begin, area.col_end, area.cell};
    // What was in sight a moment ago need not be finished.
    if (kind != DerivedKind::Tiles && !cache_.touch(key)) cache_.drop_waiting(kind);
    return ask<TileMap>(
        key, [trace, before, heads = key.heads, area](const JobContext& job) -> Result<DerivedValue> {
            HEADLIGHT_TRY(TileMap map, build_tile_map({trace.get(), before.get(), heads, area}, job));
            const std::size_t bytes = map.size_bytes();
            return make_value(std::move(map), bytes);
        });
}

Derived<TilePyramid> Derivations::pyramid(const std::vector<HeadId>& heads, TextVersion version) {
    const auto text = text_of(version);
    if (auto error = why_no_text(text.get())) return failed<TilePyramid>(*error);
    const PictureWeights& picture = core_.snapshot.picture;
    TracePtr trace = text->trace;
    if (version == TextVersion::Before && picture.before) trace = picture.before;
    if (version == TextVersion::Shown && picture.trace) trace = picture.trace;
    const auto chosen = picture_heads(heads, text->trace->info());
    if (!chosen) return failed<TilePyramid>(chosen.error());
    DerivedKey key{DerivedKind::Pyramid, text->id, *chosen, -1};
    key.weights = picture.id;
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
