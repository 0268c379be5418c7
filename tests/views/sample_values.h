// Derived values of a sample text, as a view asks for them.
#pragma once

#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "analysis/search/head_numbers.h"
#include "core/dense_trace.h"
#include "session/fake_cause.h"
#include "session/snapshot.h"
#include "session/tasks/parity.h"
#include "session/tasks/patching.h"
#include "session/tasks/probe.h"
#include "session/tasks/question.h"
#include "views/derived_values.h"

namespace headlight::test {

/// Derived values in one state for all: what a view must survive.
class SampleValues final : public DerivedValues {
  public:
    enum class Mode { Ready, Pending, Failed };
    SampleValues(const Snapshot& snapshot, Mode mode) : snapshot_(snapshot), mode_(mode) {}

    Derived<TilePyramid> pyramid(const std::vector<HeadId>& heads, TextVersion version) override {
        const bool is_before = version == TextVersion::Before;
        const auto& text = is_before ? snapshot_.shown_base : snapshot_.text;
        return derive<TilePyramid>((is_before ? base_pyramids_ : pyramids_)[heads],
                                   [&] { return *build_tile_pyramid(*text->trace, heads, {}); });
    }
    Derived<TileMap> tiles(const std::vector<HeadId>& heads, const TileArea& area,
                           bool is_difference) override {
        const std::vector<int> place = {area.row_begin, area.row_end, area.col_begin,
                                        area.col_end,   area.cell,    is_difference ? 1 : 0};
        return derive<TileMap>(tiles_[{heads, place}], [&] {
            const AttentionTrace* before = is_difference ? &snapshot_.shown_before() : nullptr;
            return *build_tile_map({&snapshot_.shown_trace(), before, heads, area}, {});
        });
    }
    Derived<Rollout> flow(FlowMethod method, int query) override {
        return derive<Rollout>(flows_[{method, query}], [&] {
            FlowRequest request;
            request.method = method == FlowMethod::ValueWeighted ? FlowMethod::Rollout : method;
            request.query = query;
            return *trace_flow(*snapshot_.text->trace, request, {});
        });
    }
    Derived<std::vector<FlowPath>> flow_paths(FlowMethod, int query, int input) override {
        return derive<std::vector<FlowPath>>(paths_[{query, input}], [&] {
            FlowRequest request;
            request.query = query;
            return *heaviest_paths(*snapshot_.text->trace, request, input, 5, {});
        });
    }
    Derived<HeadMap> head_map() override {
        return derive<HeadMap>(map_, [&] {
            auto map = compute_head_map(*snapshot_.text->trace, {});
            return map ? *map : HeadMap{};
        });
    }
    Derived<std::vector<MetricValue>> matrix_metrics(HeadId head) override {
        return derive<std::vector<MetricValue>>(matrix_metrics_[head], [&] {
            const TraceInfo& info = snapshot_.text->trace->info();
            return compute_matrix_metrics(snapshot_.text->trace->matrix(head.layer, head.head),
                                          info.num_queries, info.num_keys, info.is_causal);
        });
    }
    Derived<WeightAnalysis> all_matrix_metrics() override {
        return derive<WeightAnalysis>(all_matrices_,
                                      [&] { return *analyze_matrices(*snapshot_.text->trace, {}); });
    }
    Derived<QueryPredictions> predictions(int query, TextVersion version) override {
        const bool is_before = version == TextVersion::Before;
        return derive<QueryPredictions>((is_before ? base_predictions_ : predictions_)[query], [&] {
            return QueryPredictions{query, {{5, 0.5}, {6, 0.25}}, {is_before ? "·four" : "·five", "·six"}};
        });
    }
    Derived<WeightAnalysis> weight_analysis() override {
        return derive<WeightAnalysis>(weights_, [&] { return weights(); });
    }
    Derived<std::vector<float>> edge(const std::vector<int>& queries, int key) override {
        const AttentionTrace& trace = snapshot_.shown_trace();
        return derive<std::vector<float>>(edges_[{queries, key, snapshot_.shown_id()}], [&] {
            std::vector<float> out;
            for (std::size_t i = 0; i < trace.grid().size(); ++i) {
                const HeadId head = trace.grid().at(i);
                const std::vector<float> matrix = trace.matrix(head.layer, head.head);
                out.push_back(0);
                for (const int query : queries)
                    out.back() += matrix[static_cast<std::size_t>(query * trace.num_keys() + key)];
            }
            return out;
        });
    }
    Derived<HeadLines> lines(HeadId head, int share) override {
        return derive<HeadLines>(lines_[{head, share, snapshot_.shown_id()}], [&] {
            LinesRequest request;
            request.share = share / 100.0;
            request.is_sink = sink_keys(snapshot_.text->keys(), nullptr);
            return *covering_lines(snapshot_.shown_trace(), *snapshot_.text->trace, head, request, {});
        });
    }
    /// Two dimensions that turn and two that do not; not those of the weights.
    Derived<ScoreParts> score_parts(HeadId head) override {
        return derive<ScoreParts>(parts_[head], [&] { return sample_parts(*snapshot_.text->trace, head); });
    }
    Derived<DimensionShares> dimension_shares(HeadId head) override {
        return derive<DimensionShares>(shares_[head], [&] {
            const auto admissible = [&](int query) {
                return snapshot_.text->trace->admissible(head.layer, query);
            };
            const ScoreParts parts = sample_parts(*snapshot_.text->trace, head);
            return *headlight::dimension_shares(parts, admissible, {});
        });
    }
    // What explains an answer: the closed forms of the fake engine.
    Derived<Attribution> attribution() override {
        return derive<Attribution>(attribution_, [&] { return *causal().attribute(question(), false, {}); });
    }
    Derived<Lens> lens() override {
        return derive<Lens>(lens_, [&] { return *causal().lens({.question = question(), .top_k = 10}, {}); });
    }
    Derived<HeadWriting> head_writing(HeadId head, int key) override {
        return derive<HeadWriting>(writings_[{head, key}], [&] {
            FakeCausal run = causal();
            return *headlight::head_writing(run, head, question().position, key, question(), 10);
        });
    }
    Derived<TokenRanking> head_looks_for(HeadId head, int row) override {
        return derive<TokenRanking>(looks_for_[{head, row}],
                                    [&] { return rank_tokens(*causal().head_looks_for(head, row, {}), 10); });
    }
    Derived<CircuitOfToken> circuit(HeadId head, std::int32_t token) override {
        return derive<CircuitOfToken>(circuits_[{head, token}], [&] { return fake_circuit(token, 10); });
    }
    Derived<CompositionPartners> composition(HeadId head) override {
        return derive<CompositionPartners>(partners_[head], [&] {
            CompositionPartners out;
            out.query = out.key = out.value = {{{0, 1}, 0.3}, {{0, 0}, 0.1}};
            out.baseline = 0.05;
            return out;
        });
    }
    Derived<MadeFrom> made_from(const MadeFromRequest& request) override {
        return derive<MadeFrom>(
            made_from_[fmt::format("{} {} {} {}", request.first_query, request.last_query,
                                   request.layer.value_or(-1), request.head.value_or(-1))],
            [&] { return *headlight::made_from(snapshot_.shown_trace(), request, {}); });
    }

  private:
    static ScoreParts sample_parts(const AttentionTrace& trace, HeadId head) {
        ScoreParts parts;
        parts.head = head;
        parts.num_queries = trace.num_queries();
        parts.num_keys = trace.num_keys();
        parts.depth = 4;
        parts.scale = 0.5f;
        parts.rotation = {{0, 1, 6.28}};
        for (int i = 0; i < parts.num_queries * parts.depth; ++i)
            parts.query.push_back(std::sin(static_cast<float>(i)));
        for (int i = 0; i < parts.num_keys * parts.depth; ++i)
            parts.key.push_back(std::cos(static_cast<float>(2 * i)));
        return parts;
    }
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
    FakeCausal causal() const {
        ModelSpec spec = snapshot_.model->spec;
        spec.vocab_size = 64;
        return {spec, snapshot_.text->tokens.ids(), snapshot_.text->trace, {}};
    }
    Question question() const {
        return snapshot_.part<QuestionState>().question.value_or(Question{0, 1, std::nullopt});
    }
    WeightAnalysis weights() const {
        HeadSpectrum spectrum{{2, 1}, {1, 1}};
        return WeightAnalysis(snapshot_.text->analysis.heads.size(), compute_weight_metrics(spectrum, 16, 2));
    }
    const Snapshot& snapshot_;
    Mode mode_;
    std::map<std::vector<HeadId>, std::shared_ptr<const TilePyramid>> pyramids_, base_pyramids_;
    std::map<std::pair<std::vector<HeadId>, std::vector<int>>, std::shared_ptr<const TileMap>> tiles_;
    std::map<std::pair<FlowMethod, int>, std::shared_ptr<const Rollout>> flows_;
    std::map<std::pair<int, int>, std::shared_ptr<const std::vector<FlowPath>>> paths_;
    std::map<HeadId, std::shared_ptr<const std::vector<MetricValue>>> matrix_metrics_;
    std::shared_ptr<const HeadMap> map_;
    std::map<int, std::shared_ptr<const QueryPredictions>> predictions_, base_predictions_;
    std::shared_ptr<const WeightAnalysis> weights_, all_matrices_;
    std::map<std::tuple<std::vector<int>, int, std::uint64_t>, std::shared_ptr<const std::vector<float>>>
        edges_;
    std::map<std::tuple<HeadId, int, std::uint64_t>, std::shared_ptr<const HeadLines>> lines_;
    std::map<HeadId, std::shared_ptr<const ScoreParts>> parts_;
    std::map<HeadId, std::shared_ptr<const DimensionShares>> shares_;
    std::shared_ptr<const Attribution> attribution_;
    std::shared_ptr<const Lens> lens_;
    std::map<std::pair<HeadId, int>, std::shared_ptr<const HeadWriting>> writings_;
    std::map<std::pair<HeadId, int>, std::shared_ptr<const TokenRanking>> looks_for_;
    std::map<std::pair<HeadId, std::int32_t>, std::shared_ptr<const CircuitOfToken>> circuits_;
    std::map<HeadId, std::shared_ptr<const CompositionPartners>> partners_;
    std::map<std::string, std::shared_ptr<const MadeFrom>> made_from_;
};

/// A task that has ended, failed or runs.
template <class T>
Task<T> sample_task(SampleValues::Mode mode, T value) {
    Task<T> task;
    const JobControlPtr control = task.start({});
    control->progress = 0.3;
    if (mode == SampleValues::Mode::Ready) task.finish(control, std::move(value));
    if (mode == SampleValues::Mode::Failed) task.finish(control, fail(ErrorKind::Internal, "it went wrong"));
    return task;
}

}  // namespace headlight::test
