// What the fake engine explains: closed forms that tests know.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/cause/causal_run.h"
#include "core/cause/patching.h"
#include "core/model_spec.h"

namespace headlight::test {

/// Cells: |v_j| = 1 + j; |f_j| = 2 (1 + j) (1 + head); effect +-0.5 by turns, from key 0 on, times the
/// layer's number from 1. Components: embedding 1, head L H (1 + L) (H - 1), feed-forward parts 2; of the
/// rival 0.
class FakeCausal : public CausalRun {
  public:
    FakeCausal(ModelSpec spec, std::vector<std::int32_t> ids, TracePtr trace, std::string why_not)
        : spec_(std::move(spec)),
          ids_(std::move(ids)),
          trace_(std::move(trace)),
          why_not_(std::move(why_not)) {}
    std::span<const std::int32_t> ids() const override { return ids_; }
    const TracePtr& trace() const override { return trace_; }
    const std::string& why_no_attribution() const override { return why_not_; }

    Result<Matrix> logits(std::span<const int> positions) override {
        return Matrix(static_cast<std::int64_t>(positions.size()), spec_.vocab_size);
    }
    Result<CellFactors> cell_factors(WeightsShown weights, const Question* question, bool) override {
        if (weights == WeightsShown::Effect && !why_not_.empty())
            return fail(ErrorKind::Unsupported, "{}", why_not_);
        if (weights == WeightsShown::Effect && question == nullptr)
            return fail(ErrorKind::InvalidInput, "no question");
        CellFactors out;
        out.unit = weights == WeightsShown::Effect ? "logits" : "";
        out.key = Matrix(spec_.num_layers * spec_.num_heads, num_tokens());
        for (std::int64_t row = 0; row < out.key.rows; ++row) {
            for (std::int64_t key = 0; key < out.key.cols; ++key) {
                const float layer = static_cast<float>(row / spec_.num_heads + 1),
                            head = static_cast<float>(row % spec_.num_heads + 1),
                            place = static_cast<float>(key + 1);
                out.key.at(row, key) = weights == WeightsShown::Value ? place
                                       : weights == WeightsShown::Norm
                                           ? 2 * place * head
                                           : layer * (key % 2 == 0 ? 0.5f : -0.5f);
            }
        }
        return out;
    }
    /// q_d = 1, k_jd = d (j + 1): one pair turns, the scale is 1/2.
    Result<ScoreParts> score_parts(AttentionKind kind, HeadId head) override {
        ScoreParts out;
        out.head = head;
        out.kind = kind;
        out.num_queries = trace_->num_queries();
        out.num_keys = trace_->num_keys();
        out.depth = 4;
        out.scale = 0.5f;
        out.rotation = {{0, 1, 44}};
        out.query.assign(static_cast<std::size_t>(out.num_queries) * 4, 1.0f);
        for (int j = 0; j < out.num_keys; ++j)
            for (int d = 0; d < 4; ++d)
                out.key.push_back(static_cast<float>(d * (j + 1)));
        return out;
    }
    Result<CellFactors> answer_factors(const Question& question) override {
        return cell_factors(WeightsShown::Effect, &question, true);
    }
    Result<Matrix> moved_lengths(bool has_value_bias) override {
        HEADLIGHT_TRY(CellFactors factors, cell_factors(WeightsShown::Norm, nullptr, has_value_bias));
        return std::move(factors.key);
    }
    Result<Attribution> attribute(const Question& question, bool, const JobContext&) override {
        if (!why_not_.empty()) return fail(ErrorKind::Unsupported, "{}", why_not_);
        Attribution out;
        std::vector<float> values;
        const auto add = [&](Component component, float value) {
            out.components.push_back(component);
            values.push_back(value);
        };
        add({Component::Kind::Embedding}, 1);
        for (int layer = 0; layer < spec_.num_layers; ++layer) {
            for (int head = 0; head < spec_.num_heads; ++head)
                add({Component::Kind::Head, layer, head}, static_cast<float>((1 + layer) * (head - 1)));
            add({Component::Kind::Mlp, layer}, 2);
        }
        const auto count = static_cast<std::int64_t>(values.size());
        out.answer = out.vocab_mean = Matrix(count, num_tokens());
        if (question.rival) out.rival = Matrix(count, num_tokens());
        out.answer_logit.assign(ids_.size(), 0.0f);
        out.mean_logit = out.rival_logit = out.answer_logit;
        for (std::size_t i = 0; i < values.size(); ++i) {
            for (std::size_t row = 0; row < ids_.size(); ++row) {
                out.answer.at(static_cast<std::int64_t>(i), static_cast<std::int64_t>(row)) = values[i];
                out.answer_logit[row] += values[i];
            }
        }
        out.largest_error = 1e-6;
        return out;
    }
    /// The likeliest token of state l at token i is l + i with 1/2, the ones after it with half as much each;
    /// KL is what is left of the layers; the answer's rank too, the rival's one more.
    Result<Lens> lens(const LensRequest& request, const JobContext&) override {
        Lens out;
        out.num_states = spec_.num_layers + 1;
        out.num_tokens = num_tokens();
        out.top_k = request.top_k;
        out.entropy = out.kl = out.rank_final = Matrix(out.num_states, out.num_tokens);
        if (request.question) {
            out.rank_answer = out.difference = out.probability = out.kl;
            if (request.question->rival) out.rank_rival = out.kl;
        }
        for (int state = 0; state < out.num_states; ++state) {
            for (int token = 0; token < out.num_tokens; ++token) {
                float share = 1;
                for (int k = 0; k < out.top_k; ++k) {
                    out.top_ids.push_back((state + token + k) % spec_.vocab_size);
                    out.top_probs.push_back(share /= 2);
                }
                const float left = static_cast<float>(spec_.num_layers - state);
                out.kl.at(state, token) = out.rank_final.at(state, token) = left;
                if (!request.question) continue;
                out.rank_answer.at(state, token) = left;
                out.difference.at(state, token) = -left;
                out.probability.at(state, token) = 1 / (1 + left);
                if (request.question->rival) out.rank_rival.at(state, token) = left + 1;
            }
        }
        return out;
    }
    /// Token t gets t - key.
    Result<std::vector<float>> head_writes(HeadId, int, int key) override { return ramp(1, -key); }
    /// Token t gets -t.
    Result<std::vector<float>> head_looks_for(HeadId, int, const JobContext&) override { return ramp(-1, 0); }

  private:
    int num_tokens() const { return static_cast<int>(ids_.size()); }
    std::vector<float> ramp(int slope, int start) const {
        std::vector<float> out;
        for (int token = 0; token < spec_.vocab_size; ++token)
            out.push_back(static_cast<float>(slope * token + start));
        return out;
    }
    ModelSpec spec_;
    std::vector<std::int32_t> ids_;
    TracePtr trace_;
    std::string why_not_;
};

/// Clean difference 4, corrupted -2. A patched cell of layer l and head h gives -2 + 6 (1 + l) / (2 + h),
/// with h = 0 for sites without heads.
template <class Gate>
class FakePatching : public PatchingRun {
  public:
    FakePatching(Gate& gate, int first_difference) : gate_(gate), first_difference_(first_difference) {
        clean_.difference = 4;
        corrupted_.difference = -2;
        clean_.probability = 0.75f;
        corrupted_.probability = 0.25f;
        corrupted_.kl = 2;
    }
    const AnswerMetrics& clean() const override { return clean_; }
    const AnswerMetrics& corrupted() const override { return corrupted_; }
    int first_difference() const override { return first_difference_; }
    Status patch(PatchDirection, std::span<const PatchCell> cells, const JobContext& job,
                 const OnCell& on_cell) override {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (!gate_.pass(job.stop_token())) return fail(ErrorKind::Cancelled, "stopped");
            AnswerMetrics metrics;
            metrics.difference = -2 + 6.0f * static_cast<float>(1 + cells[i].layer) /
                                          static_cast<float>(2 + std::max(0, cells[i].head));
            on_cell(i, metrics);
        }
        return {};
    }
    Status patch_path(const PathRequest&, std::span<const HeadId>, const JobContext&,
                      const OnCell&) override {
        return fail(ErrorKind::Unsupported, "the fake knows no paths");
    }

  private:
    Gate& gate_;
    int first_difference_ = 0;
    AnswerMetrics clean_, corrupted_;
};

/// OV of token t: raises t first, then the tokens after it; QK: asks for the token before it.
inline CircuitOfToken fake_circuit(std::int32_t token, int count) {
    CircuitOfToken out;
    for (int i = 0; i < count; ++i) {
        out.writes.top.ids.push_back(token + i);
        out.writes.top.scores.push_back(static_cast<float>(count - i));
        out.writes.bottom.ids.push_back(std::max(0, token - 1 - i));
        out.writes.bottom.scores.push_back(static_cast<float>(i - count));
    }
    out.writes_specific = out.writes;
    out.looks_for = out.writes;
    return out;
}

}  // namespace headlight::test
