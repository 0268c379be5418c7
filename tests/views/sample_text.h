// Snapshots made by hand for the tests of views: known tokens, random causal weights, everything analysed.
#pragma once

#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "session/snapshot.h"
#include "views/derived_values.h"

namespace headlight::test {

struct SampleSize {
    int layers = 2, heads = 3, tokens = 8;
    int kv_heads = 0;
};

/// Rows of a softmax over random scores, causal; the same for the same size.
inline TracePtr sample_trace(const SampleSize& size) {
    TraceInfo info;
    info.num_layers = size.layers;
    info.num_heads = size.heads;
    info.num_queries = info.num_keys = size.tokens;
    info.source = "measured";
    std::mt19937 random(7);
    std::uniform_real_distribution<float> uniform(-2, 2);
    std::vector<float> weights(static_cast<std::size_t>(size.layers) * size.heads * size.tokens * size.tokens,
                               0.0f);
    std::size_t row = 0;
    for (int i = 0; i < size.layers * size.heads; ++i) {
        for (int query = 0; query < size.tokens; ++query, row += static_cast<std::size_t>(size.tokens)) {
            float sum = 0;
            for (int key = 0; key <= query; ++key)
                sum += weights[row + static_cast<std::size_t>(key)] = std::exp(uniform(random));
            for (int key = 0; key <= query; ++key)
                weights[row + static_cast<std::size_t>(key)] /= sum;
        }
    }
    return make_dense_trace(info, std::move(weights));
}

inline TokenizedText sample_tokens(int count) {
    static const char* const kWords[] = {"The", "·cat", "·שלום", "·你好", "👋", "⏎", "⟨F0⟩", "·x"};
    TokenizedText out;
    for (int i = 0; i < count; ++i) {
        Token token;
        token.id = i;
        token.display = token.piece = kWords[i % 8];
        token.byte_begin = out.text.size();
        out.text += token.piece;
        token.byte_end = out.text.size();
        out.tokens.push_back(token);
    }
    return out;
}

inline Snapshot sample_snapshot(const SampleSize& size) {
    static std::uint64_t next_id = 1;
    Snapshot snapshot;
    auto model = std::make_shared<ModelInfo>();
    model->id = next_id++;
    model->spec.name = "sample";
    model->spec.num_layers = size.layers;
    model->spec.num_heads = size.heads;
    model->spec.num_kv_heads = size.kv_heads > 0 ? size.kv_heads : size.heads;
    model->is_live = true;
    auto text = std::make_shared<AnalyzedText>();
    text->id = next_id++;
    text->model_id = model->id;
    text->tokens = sample_tokens(size.tokens);
    text->trace = sample_trace(size);
    text->key_sets = detector_key_sets(text->tokens.tokens);
    text->analysis = *analyze_text(*text->trace, text->tokens.tokens, text->key_sets, {});
    snapshot.model = model;
    snapshot.typed_text = text->tokens.text;
    snapshot.text = text;
    snapshot.selection.query = size.tokens - 1;
    return snapshot;
}

/// Derived values in one state for all: what a view must survive.
class SampleValues final : public DerivedValues {
  public:
    enum class Mode { Ready, Pending, Failed };
    SampleValues(const Snapshot& snapshot, Mode mode) : snapshot_(snapshot), mode_(mode) {}

    Derived<TilePyramid> pyramid(const std::vector<HeadId>& heads) override {
        return derive<TilePyramid>(pyramids_[heads],
                                   [&] { return *build_tile_pyramid(*snapshot_.text->trace, heads, {}); });
    }
    Derived<Rollout> rollout(int query) override {
        return derive<Rollout>(rollouts_[query], [&] {
            FlowRequest request;
            request.query = query;
            return *trace_flow(*snapshot_.text->trace, request, {});
        });
    }
    Derived<QueryPredictions> predictions(int query) override {
        return derive<QueryPredictions>(predictions_[query], [&] {
            return QueryPredictions{query, {{5, 0.5}, {6, 0.25}}, {"·five", "·six"}};
        });
    }
    Derived<WeightAnalysis> weight_analysis() override {
        return derive<WeightAnalysis>(weights_, [&] { return weights(); });
    }
    Derived<ProbeResult> probe() override {
        return derive<ProbeResult>(probe_, [&] { return probe_result(); });
    }

  private:
    template <class T, class Make>
    Derived<T> derive(std::shared_ptr<const T>& kept, const Make& make) {
        Derived<T> out;
        out.progress = 0.3;
        if (mode_ == Mode::Failed) {
            out.state = Derived<T>::State::Failed;
            out.error = make_error(ErrorKind::Internal, "it went wrong");
        }
        if (mode_ != Mode::Ready) return out;
        out.state = Derived<T>::State::Ready;
        if (!kept) kept = std::make_shared<T>(make());
        out.value = kept;
        return out;
    }
    WeightAnalysis weights() const {
        HeadSpectrum spectrum{{2, 1}, {1, 1}};
        return WeightAnalysis(snapshot_.text->analysis.heads.size(), compute_weight_metrics(spectrum, 16, 2));
    }
    ProbeResult probe_result() const {
        ProbeResult result;
        result.model_id = snapshot_.model->id;
        result.num_layers = snapshot_.text->trace->num_layers();
        result.num_heads = snapshot_.text->trace->num_heads();
        std::vector<ProbeScore> scores;
        for (const DetectorDescriptor* detector : detectors())
            scores.push_back({detector, 0.5, 0.1, 5, 0.4, 0.5, 0.0002, 1, 12, true});
        result.heads.assign(snapshot_.text->analysis.heads.size(), scores);
        return result;
    }
    const Snapshot& snapshot_;
    Mode mode_;
    std::map<std::vector<HeadId>, std::shared_ptr<const TilePyramid>> pyramids_;
    std::map<int, std::shared_ptr<const Rollout>> rollouts_;
    std::map<int, std::shared_ptr<const QueryPredictions>> predictions_;
    std::shared_ptr<const WeightAnalysis> weights_;
    std::shared_ptr<const ProbeResult> probe_;
};

}  // namespace headlight::test
