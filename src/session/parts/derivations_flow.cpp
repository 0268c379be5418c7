// Derived values across layers and heads: flow, its paths, the head map, metrics of a whole pattern.
#include <algorithm>

#include "analysis/search/head_numbers.h"
#include "run/text_run.h"
#include "session/parts/derivations.h"
#include "session/parts/opening.h"

namespace headlight {
namespace {

std::size_t rollout_bytes(const Rollout& rollout) {
    std::size_t numbers =
        rollout.input_share.size() + rollout.raw_share.size() + rollout.uniform_share.size();
    for (const auto& layer : rollout.node)
        numbers += layer.size();
    return sizeof(Rollout) + numbers * sizeof(double) + rollout.links.size() * sizeof(FlowLink);
}

std::size_t map_bytes(const HeadMap& map) {
    return sizeof(HeadMap) + (map.distances.values.size() + map.x.size() + map.y.size()) * sizeof(float);
}

constexpr int kNumPaths = 8;

// Flow goes through the layers of one text that looks at itself; nullopt: it can.
std::optional<Error> why_no_flow(const AnalyzedText* text, int query) {
    if (auto error = why_no_query(text, query)) return error;
    const TraceInfo& info = text->trace->info();
    if (info.kind == AttentionKind::Cross) {
        return make_error(
            ErrorKind::Unsupported,
            "cross attention leads from one text into another: nothing flows through its layers. "
            "Choose encoder or decoder attention.");
    }
    if (info.absent_layers.empty()) return std::nullopt;
    return make_error(ErrorKind::Unsupported,
                      "layer {} has no softmax attention, so nothing can be followed through it",
                      info.absent_layers.front());
}

}  // namespace

Result<std::shared_ptr<const Matrix>> Derivations::value_norms() {
    const Snapshot& snapshot = core_.snapshot;
    if (snapshot.shown_tokens() != snapshot.base_text) {
        return fail(ErrorKind::Unsupported,
                    "Value norms belong to the unchanged run: show “before”, or take rollout or max-flow.");
    }
    if (snapshot.base_text && snapshot.base_text->input_tokens) {
        return fail(
            ErrorKind::Unsupported,
            "Value norms are measured in the encoder only: take rollout or max-flow for the decoder.");
    }
    if (auto error = opening_.why_not_live()) return fail(*error);
    const auto text = snapshot.base_text;
    const DerivedKey key{DerivedKind::ValueNorms, text->id, {}, -1};
    if (can_ask_about(*text) && !cache_.touch(key)) {
        ask_model(key, "Measuring value norms", text->model_id,
                  [text](const WorkerState& on_worker, const JobContext& job) -> Result<DerivedValue> {
                      HEADLIGHT_TRY(Matrix norms, run_value_norms(on_worker.live, *text, job));
                      const std::size_t bytes = norms.values.size() * sizeof(float);
                      return make_value(std::move(norms), bytes);
                  });
    }
    const Derived<Matrix> norms = cache_.look<Matrix>(key);
    if (norms.is_ready()) return norms.value;
    if (norms.state == Derived<Matrix>::State::Failed) return fail(*norms.error);
    return fail(ErrorKind::Cancelled, "not measured yet");
}

// Flow follows the weights shown: rows without the sink, or rows of each head by what its keys hold. Effects
// have signs and flow nowhere.
Result<Derivations::FlowSource> Derivations::flow_source(FlowMethod& method) const {
    const Snapshot& now = core_.snapshot;
    const WeightedPtr& shown = now.picture.trace;
    const bool has_values =
        shown ? shown->weights() != WeightsShown::NoSink : method == FlowMethod::ValueWeighted;
    if (now.text->groups && has_values && !(shown && shown->is_signed())) {
        return fail(ErrorKind::Unsupported,
                    "Values are of tokens: choose tokens (U) to follow them, or plain weights (W).");
    }
    if (!shown) return FlowSource{now.text->trace, nullptr, 0};
    if (shown->is_signed()) {
        return fail(ErrorKind::Unsupported,
                    "Effects have signs, so nothing can be followed along them: show other weights (W).");
    }
    if (shown->factors() == nullptr) return FlowSource{shown, nullptr, now.picture.id};
    if (method == FlowMethod::MaxFlow)
        return fail(ErrorKind::Unsupported,
                    "Max-flow follows plain weights: show those (W), or take rollout.");
    if (method == FlowMethod::ValueWeighted) return FlowSource{now.text->trace, nullptr, 0};
    method = FlowMethod::ValueWeighted;
    const std::shared_ptr<const Matrix> norms(shown, &shown->factors()->key);
    return FlowSource{now.text->trace, norms, now.picture.id};
}

template <class T>
Derived<T> Derivations::ask_flow(
    const DerivedKey& key, FlowMethod method, std::shared_ptr<const Matrix> norms,
    std::function<Result<DerivedValue>(const FlowRequest&, const JobContext&)> compute) {
    if (method == FlowMethod::ValueWeighted && !norms) {
        auto asked = value_norms();
        if (!asked && asked.error().kind == ErrorKind::Cancelled) return cache_.look<T>(key);
        if (!asked) return failed<T>(asked.error());
        norms = *asked;
    }
    return ask<T>(key,
                  [norms, method, query = key.query, compute = std::move(compute)](const JobContext& job) {
                      FlowRequest request;
                      request.method = method;
                      request.query = query;
                      request.value_norms = norms.get();
                      return compute(request, job);
                  });
}

Derived<Rollout> Derivations::flow(FlowMethod method, int query) {
    const auto text = core_.snapshot.text;
    if (auto error = why_no_flow(text.get(), query)) return failed<Rollout>(*error);
    const auto source = flow_source(method);
    if (!source) return failed<Rollout>(source.error());
    DerivedKey key{DerivedKind::Rollout, text->id, {}, query, static_cast<int>(method)};
    key.weights = source->weights;
    return ask_flow<Rollout>(
        key, method, source->value_norms,
        [trace = source->trace](const FlowRequest& request, const JobContext& job) -> Result<DerivedValue> {
            HEADLIGHT_TRY(Rollout rollout, trace_flow(*trace, request, job));
            const std::size_t bytes = rollout_bytes(rollout);
            return make_value(std::move(rollout), bytes);
        });
}

Derived<std::vector<FlowPath>> Derivations::flow_paths(FlowMethod method, int query, int input) {
    using Paths = std::vector<FlowPath>;
    const auto text = core_.snapshot.text;
    if (auto error = why_no_flow(text.get(), query)) return failed<Paths>(*error);
    if (method == FlowMethod::MaxFlow) method = FlowMethod::Rollout;
    const auto source = flow_source(method);
    if (!source) return failed<Paths>(source.error());
    DerivedKey key{DerivedKind::Paths, text->id, {}, query, static_cast<int>(method), input};
    key.weights = source->weights;
    return ask_flow<Paths>(key, method, source->value_norms,
                           [trace = source->trace, input](const FlowRequest& request,
                                                          const JobContext& job) -> Result<DerivedValue> {
                               HEADLIGHT_TRY(Paths paths,
                                             heaviest_paths(*trace, request, input, kNumPaths, job));
                               std::size_t bytes = sizeof(Paths);
                               for (const FlowPath& path : paths)
                                   bytes += sizeof(FlowPath) + path.tokens.size() * sizeof(int);
                               return make_value(std::move(paths), bytes);
                           });
}

Derived<HeadMap> Derivations::head_map() {
    const auto text = core_.snapshot.text;
    if (auto error = why_no_text(text.get())) return failed<HeadMap>(*error);
    if (!text->trace->info().absent_layers.empty()) {
        return failed<HeadMap>(
            make_error(ErrorKind::Unsupported,
                       "heads are compared where every layer has softmax attention; layer {} has none",
                       text->trace->info().absent_layers.front()));
    }
    const DerivedKey key{DerivedKind::HeadMap, text->id, {}, -1};
    return ask<HeadMap>(key, [text](const JobContext& job) -> Result<DerivedValue> {
        HEADLIGHT_TRY(HeadMap map, compute_head_map(*text->trace, job));
        const std::size_t bytes = map_bytes(map);
        return make_value(std::move(map), bytes);
    });
}

Derived<std::vector<float>> Derivations::edge(const std::vector<int>& queries, int key_token) {
    using Values = std::vector<float>;
    const auto text = core_.snapshot.text;
    for (const int query : queries)
        if (auto error = why_no_query(text.get(), query)) return failed<Values>(*error);
    if (queries.empty() || key_token < 0 || key_token >= text->trace->num_keys())
        return failed<Values>(make_error(ErrorKind::InvalidInput, "no edge is chosen"));
    const PictureWeights& picture = core_.snapshot.picture;
    const TracePtr trace = picture.trace ? TracePtr(picture.trace) : text->trace;
    DerivedKey key{DerivedKind::Edge, text->id, {}, -1};
    key.input = key_token;
    key.weights = picture.id;
    key.queries = queries;
    std::sort(key.queries.begin(), key.queries.end());
    return ask<Values>(key, [trace, key](const JobContext& job) -> Result<DerivedValue> {
        Values out(trace->grid().size(), 0.0f);
        std::vector<float> row(static_cast<std::size_t>(trace->num_keys()));
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "nobody asks for this edge any more");
            const HeadId head = trace->grid().at(i);
            for (const int query : key.queries) {
                trace->rows(head.layer, head.head, query, query + 1, row);
                out[i] += row[static_cast<std::size_t>(key.input)];
            }
        }
        const std::size_t bytes = out.size() * sizeof(float);
        return make_value(std::move(out), bytes);
    });
}

Derived<std::vector<MetricValue>> Derivations::matrix_metrics(HeadId head) {
    using Values = std::vector<MetricValue>;
    const auto text = core_.snapshot.text;
    if (auto error = why_no_text(text.get())) return failed<Values>(*error);
    const TraceInfo& info = text->trace->info();
    const bool exists =
        head.layer >= 0 && head.layer < info.num_layers && head.head >= 0 && head.head < info.num_heads;
    if (!exists) {
        return failed<Values>(make_error(ErrorKind::InvalidInput, "there is no head {}", head.to_string()));
    }
    if (info.num_queries > kMostMatrixMetricTokens) {
        return failed<Values>(make_error(ErrorKind::Unsupported,
                                         "metrics of the whole pattern are measured up to {} tokens",
                                         kMostMatrixMetricTokens));
    }
    const DerivedKey key{DerivedKind::MatrixMetrics, text->id, {head}, -1};
    return ask<Values>(key, [text, head](const JobContext&) -> Result<DerivedValue> {
        Values values = matrix_metrics_of(*text->trace, head);
        const std::size_t bytes = sizeof(Values) + values.size() * sizeof(MetricValue);
        return make_value(std::move(values), bytes);
    });
}

Derived<WeightAnalysis> Derivations::all_matrix_metrics() {
    const auto text = core_.snapshot.text;
    if (auto error = why_no_text(text.get())) return failed<WeightAnalysis>(*error);
    const DerivedKey key{DerivedKind::AllMatrixMetrics, text->id, {}, -1};
    return ask<WeightAnalysis>(key, [text](const JobContext& job) -> Result<DerivedValue> {
        HEADLIGHT_TRY(WeightAnalysis all, analyze_matrices(*text->trace, job));
        std::size_t bytes = sizeof(WeightAnalysis);
        for (const auto& head : all)
            bytes += sizeof(head) + head.size() * sizeof(MetricValue);
        return make_value(std::move(all), bytes);
    });
}

}  // namespace headlight
