// The derived values that views ask for, behind an interface, so that a test can hand in pending or failed
// ones.
#pragma once

#include <vector>

#include "session/session.h"

namespace headlight {

class DerivedValues {
  public:
    virtual ~DerivedValues() = default;
    virtual Derived<TilePyramid> pyramid(const std::vector<HeadId>& heads,
                                         TextVersion version = TextVersion::Shown) = 0;
    virtual Derived<TileMap> tiles(const std::vector<HeadId>& heads, const TileArea& area,
                                   bool is_difference = false) = 0;
    virtual Derived<Rollout> flow(FlowMethod method, int query) = 0;
    virtual Derived<std::vector<FlowPath>> flow_paths(FlowMethod method, int query, int input) = 0;
    virtual Derived<HeadMap> head_map() = 0;
    virtual Derived<std::vector<MetricValue>> matrix_metrics(HeadId head) = 0;
    virtual Derived<WeightAnalysis> all_matrix_metrics() = 0;
    virtual Derived<QueryPredictions> predictions(int query, TextVersion version = TextVersion::Shown) = 0;
    virtual Derived<WeightAnalysis> weight_analysis() = 0;
    virtual Derived<std::vector<float>> edge(const std::vector<int>& queries, int key) = 0;
    virtual Derived<HeadLines> lines(HeadId head, int share) = 0;
    virtual Derived<ScoreParts> score_parts(HeadId head) = 0;
    virtual Derived<DimensionShares> dimension_shares(HeadId head) = 0;
    virtual Derived<Attribution> attribution() = 0;
    virtual Derived<Lens> lens() = 0;
    virtual Derived<HeadWriting> head_writing(HeadId head, int key) = 0;
    virtual Derived<TokenRanking> head_looks_for(HeadId head, int row) = 0;
    virtual Derived<CircuitOfToken> circuit(HeadId head, std::int32_t token) = 0;
    virtual Derived<CompositionPartners> composition(HeadId head) = 0;
    virtual Derived<MadeFrom> made_from(const MadeFromRequest& request) = 0;
};

/// Those of a session.
class SessionValues final : public DerivedValues {
  public:
    explicit SessionValues(Session& session) : session_(session) {}
    Derived<TilePyramid> pyramid(const std::vector<HeadId>& heads, TextVersion version) override {
        return session_.pyramid(heads, version);
    }
    Derived<TileMap> tiles(const std::vector<HeadId>& heads, const TileArea& area,
                           bool is_difference) override {
        return session_.tiles(heads, area, is_difference);
    }
    Derived<Rollout> flow(FlowMethod method, int query) override { return session_.flow(method, query); }
    Derived<std::vector<FlowPath>> flow_paths(FlowMethod method, int query, int input) override {
        return session_.flow_paths(method, query, input);
    }
    Derived<HeadMap> head_map() override { return session_.head_map(); }
    Derived<std::vector<MetricValue>> matrix_metrics(HeadId head) override {
        return session_.matrix_metrics(head);
    }
    Derived<WeightAnalysis> all_matrix_metrics() override { return session_.all_matrix_metrics(); }
    Derived<QueryPredictions> predictions(int query, TextVersion version) override {
        return session_.predictions(query, version);
    }
    Derived<WeightAnalysis> weight_analysis() override { return session_.weight_analysis(); }
    Derived<std::vector<float>> edge(const std::vector<int>& queries, int key) override {
        return session_.edge(queries, key);
    }
    Derived<HeadLines> lines(HeadId head, int share) override { return session_.lines(head, share); }
    Derived<ScoreParts> score_parts(HeadId head) override { return session_.score_parts(head); }
    Derived<DimensionShares> dimension_shares(HeadId head) override {
        return session_.dimension_shares(head);
    }
    Derived<Attribution> attribution() override { return session_.attribution(); }
    Derived<Lens> lens() override { return session_.lens(); }
    Derived<HeadWriting> head_writing(HeadId head, int key) override {
        return session_.head_writing(head, key);
    }
    Derived<TokenRanking> head_looks_for(HeadId head, int row) override {
        return session_.head_looks_for(head, row);
    }
    Derived<CircuitOfToken> circuit(HeadId head, std::int32_t token) override {
        return session_.circuit(head, token);
    }
    Derived<CompositionPartners> composition(HeadId head) override { return session_.composition(head); }
    Derived<MadeFrom> made_from(const MadeFromRequest& request) override {
        return session_.made_from(request);
    }

  private:
    Session& session_;
};

}  // namespace headlight
