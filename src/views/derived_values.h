// The derived values that views ask for, behind an interface, so that a test can hand in pending or failed
// ones.
#pragma once

#include <vector>

#include "session/session.h"

namespace headlight {

class DerivedValues {
  public:
    virtual ~DerivedValues() = default;
    virtual Derived<TilePyramid> pyramid(const std::vector<HeadId>& heads) = 0;
    virtual Derived<Rollout> rollout(int query) = 0;
    virtual Derived<QueryPredictions> predictions(int query) = 0;
    virtual Derived<WeightAnalysis> weight_analysis() = 0;
    virtual Derived<ProbeResult> probe() = 0;
};

/// Those of a session.
class SessionValues final : public DerivedValues {
  public:
    explicit SessionValues(Session& session) : session_(session) {}
    Derived<TilePyramid> pyramid(const std::vector<HeadId>& heads) override {
        return session_.pyramid(heads);
    }
    Derived<Rollout> rollout(int query) override { return session_.rollout(query); }
    Derived<QueryPredictions> predictions(int query) override { return session_.predictions(query); }
    Derived<WeightAnalysis> weight_analysis() override { return session_.weight_analysis(); }
    Derived<ProbeResult> probe() override { return session_.probe(); }

  private:
    Session& session_;
};

}  // namespace headlight
