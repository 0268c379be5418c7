// A model whose attention, states and losses are written down by the test.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/progress.h"
#include "base/result.h"
#include "core/dense_trace.h"
#include "core/intervention.h"
#include "core/matrix.h"
#include "core/model_runner.h"
#include "core/model_spec.h"

namespace headlight::test {

/// Loss of token t + 1 of a text under a change, and what a change moves.
struct FakeLaws {
    std::function<float(std::span<const std::int32_t>, int t)> base_loss = [](auto, int) { return 2.0f; };
    std::function<float(std::span<const Intervention>, std::span<const std::int32_t>, int t)> delta =
        [](auto, auto, int) { return 0.0f; };
    std::function<std::vector<float>(std::span<const Intervention>)> logits;  // of every position
    std::function<float(HeadId, int query, int key, int num_tokens)> weight;
    std::function<float(int layer, int token, int dim)> state = [](int, int token, int dim) {
        return static_cast<float>(std::cos(0.7 * token + 1.3 * dim));
    };
};

class FakeRun : public AblationRun {
  public:
    FakeRun(const ModelSpec& spec, const FakeLaws& laws, std::span<const std::int32_t> ids, int& num_applied)
        : spec_(spec), laws_(laws), ids_(ids.begin(), ids.end()), num_applied_(num_applied) {
        if (!spec.is_causal) return;
        for (int t = 0; t + 1 < static_cast<int>(ids.size()); ++t)
            base_.push_back(laws.base_loss(ids_, t));
    }
    const std::vector<float>& base_loss() const override { return base_; }
    /// Head output = first id of the text + head number, in every dimension.
    Matrix mean_outputs() const override {
        Matrix out(spec_.num_layers * spec_.num_heads, spec_.head_dim);
        for (std::int64_t h = 0; h < out.rows; ++h)
            for (float& value : out.row(h))
                value = static_cast<float>(ids_.front()) + static_cast<float>(h);
        return out;
    }
    Result<AblationOutcome> apply(std::span<const Intervention> set, const AblationWish& wish,
                                  const JobContext& job) override {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
        ++num_applied_;
        AblationOutcome outcome;
        for (std::size_t t = 0; t < base_.size(); ++t)
            outcome.token_loss.push_back(base_[t] + laws_.delta(set, ids_, static_cast<int>(t)));
        if (laws_.logits && !wish.logit_positions.empty()) {
            const std::vector<float> row = laws_.logits(set);
            outcome.logits = Matrix(1, static_cast<std::int64_t>(row.size()));
            outcome.logits.values = row;
        }
        if (wish.wants_distribution) {
            outcome.kl.assign(ids_.size(), 0.25f);
            outcome.tvd.assign(ids_.size(), 0.125f);
            outcome.kl.back() = 100;  // no scored prediction
        }
        return outcome;
    }

  private:
    const ModelSpec& spec_;
    const FakeLaws& laws_;
    std::vector<std::int32_t> ids_;
    std::vector<float> base_;
    int& num_applied_;
};

class FakeRunner : public ModelRunner {
  public:
    ModelSpec fake_spec;
    FakeLaws laws;
    int num_applied = 0;

    FakeRunner(int num_layers, int num_heads) {
        fake_spec.name = "fake";
        fake_spec.num_layers = num_layers;
        fake_spec.num_heads = fake_spec.num_kv_heads = num_heads;
        fake_spec.head_dim = 2;
        fake_spec.hidden_size = 4;
        fake_spec.vocab_size = 1000;
        fake_spec.num_parameters = 1000;
    }
    const ModelSpec& spec() const override { return fake_spec; }
    Result<HeadWeights> head_weights(int, int) const override { return HeadWeights{}; }
    Result<std::unique_ptr<AblationRun>> start_ablation(std::span<const std::int32_t> ids,
                                                        const JobContext&) override {
        return std::make_unique<FakeRun>(fake_spec, laws, ids, num_applied);
    }
    Result<RunResult> run(const RunRequest& request, const JobContext&) override {
        const int n = static_cast<int>(request.ids.size());
        TraceInfo info;
        info.num_layers = fake_spec.num_layers;
        info.num_heads = fake_spec.num_heads;
        info.num_queries = info.num_keys = n;
        info.is_causal = fake_spec.is_causal;
        std::vector<float> weights;
        for (int l = 0; l < info.num_layers; ++l)
            for (int h = 0; h < info.num_heads; ++h)
                for (int i = 0; i < n; ++i)
                    for (int j = 0; j < n; ++j)
                        weights.push_back(laws.weight({l, h}, i, j, n));
        RunResult result;
        result.trace = make_dense_trace(info, std::move(weights));
        for (int l = 0; l <= info.num_layers; ++l) {
            Matrix states(n, fake_spec.hidden_size);
            for (int i = 0; i < n; ++i)
                for (int d = 0; d < fake_spec.hidden_size; ++d)
                    states.at(i, d) = laws.state(l, i, d);
            result.hidden.push_back(std::move(states));
        }
        return result;
    }
};

inline float uniform_causal(HeadId, int query, int key, int) {
    return key <= query ? 1.0f / static_cast<float>(query + 1) : 0.0f;
}

inline float previous_token(HeadId, int query, int key, int) {
    return key == std::max(0, query - 1) ? 1.0f : 0.0f;
}

}  // namespace headlight::test
