// Derived values: what views ask for by everything that it depends on. Session says what each of them is.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/weights/composition_partners.h"
#include "session/derived_cache.h"
#include "session/parts/session_core.h"

namespace headlight {

class Opening;

class Derivations final : public SessionPart {
  public:
    Derivations(SessionCore& core, Opening& opening)
        : core_(core), opening_(opening), cache_(core.options.cache_bytes) {}

    Derived<TilePyramid> pyramid(const std::vector<HeadId>& heads, TextVersion version);
    Derived<TileMap> tiles(const std::vector<HeadId>& heads, const TileArea& area, bool is_difference);
    Derived<Rollout> flow(FlowMethod method, int query);
    Derived<std::vector<FlowPath>> flow_paths(FlowMethod method, int query, int input);
    Derived<HeadMap> head_map();
    Derived<std::vector<MetricValue>> matrix_metrics(HeadId head);
    Derived<WeightAnalysis> all_matrix_metrics();
    Derived<QueryPredictions> predictions(int query, TextVersion version);
    Derived<WeightAnalysis> weight_analysis();
    /// Of the unchanged run; `question` for effects only.
    Derived<CellFactors> cell_factors(WeightsShown weights, const std::optional<Question>& question);
    Derived<std::vector<float>> edge(const std::vector<int>& queries, int key);
    Derived<HeadLines> lines(HeadId head, int share);
    Derived<ScoreParts> score_parts(HeadId head);
    Derived<DimensionShares> dimension_shares(HeadId head);
    Derived<Attribution> attribution();
    Derived<Lens> lens();
    Derived<HeadWriting> head_writing(HeadId head, int key);
    Derived<TokenRanking> head_looks_for(HeadId head, int row);
    Derived<CircuitOfToken> circuit(HeadId head, std::int32_t token);
    Derived<CompositionPartners> composition(HeadId head);
    Derived<MadeFrom> made_from(const MadeFromRequest& request);

    void next_frame() { cache_.next_frame(); }
    /// Keeps what is of the unchanged and of the changed run.
    void keep_shown();

    void drop_strangers() override;
    void cancel() override {
        for (const auto& [kind, of, where] : kDerivedKinds) {
            if (where == DerivedPlace::Worker) cache_.drop_waiting(kind);
        }
    }

  private:
    using Compute = std::function<Result<DerivedValue>(const JobContext&)>;
    using ModelCompute = std::function<Result<DerivedValue>(WorkerState&, const JobContext&)>;
    /// Starts the work on the pool unless it was asked for before.
    template <class T>
    Derived<T> ask(const DerivedKey& key, const Compute& compute);
    void start(const DerivedKey& key, const Compute& compute);
    /// The same on the model worker. Predictions and such queue up; the newest is run first.
    void ask_model(const DerivedKey& key, std::string title, std::uint64_t model_id,
                   const ModelCompute& compute);
    void take(const DerivedKey& key, Result<DerivedValue> result);

    template <class T>
    using CausalWork = std::function<Result<T>(CausalRun&, const JobContext&)>;
    /// Work on the causal pass of the unchanged text, which owns the key.
    template <class T>
    Derived<T> ask_causal(DerivedKey key, std::string title, CausalWork<T> work);

    /// Heads of a picture as a key names them. Errors: none, or one that there is not.
    static Result<std::vector<HeadId>> picture_heads(const std::vector<HeadId>& heads, const TraceInfo& info);
    void drop_all_of(DerivedOwner owner);
    const std::shared_ptr<const AnalyzedText>& text_of(TextVersion version) const;
    /// The open model made this text, and can be asked about it.
    bool can_ask_about(const AnalyzedText& text) const;
    std::optional<Error> why_no_predictions(const AnalyzedText& text) const;
    /// What flow of a method needs beside the trace; Cancelled: not measured yet.
    Result<std::shared_ptr<const Matrix>> value_norms();
    /// What flow reads while these weights are shown.
    struct FlowSource {
        TracePtr trace;
        std::shared_ptr<const Matrix> value_norms;  // null: the method's own
        std::uint64_t weights = 0;                  // DerivedKey::weights
    };
    Result<FlowSource> flow_source(FlowMethod& method) const;
    template <class T>
    Derived<T> ask_flow(const DerivedKey& key, FlowMethod method, std::shared_ptr<const Matrix> norms,
                        std::function<Result<DerivedValue>(const FlowRequest&, const JobContext&)> compute);

    SessionCore& core_;
    Opening& opening_;
    DerivedCache cache_;
    std::uint64_t model_id_ = 0, run_id_ = 0;  // that values may be of
};

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

/// What is wrong with asking for something of this text; nullopt: nothing.
std::optional<Error> why_no_text(const AnalyzedText* text);
/// The same of one of its tokens.
std::optional<Error> why_no_query(const AnalyzedText* text, int query);

/// The same of a head.
std::optional<Error> why_no_head(const AttentionTrace& trace, HeadId head);

template <class T>
Derived<T> Derivations::ask(const DerivedKey& key, const Compute& compute) {
    if (!cache_.touch(key)) start(key, compute);
    return cache_.look<T>(key);
}

}  // namespace headlight
