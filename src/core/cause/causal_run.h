// One pass of a text with everything kept that explains its logits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/cause/attribution.h"
#include "core/cause/cell_factors.h"
#include "core/cause/circuit.h"
#include "core/cause/lens.h"
#include "core/cause/question.h"
#include "core/score_parts.h"

namespace headlight {

struct LensRequest {
    std::optional<Question> question;
    int top_k = 5;
    bool wants_logits = false;  // Lens::logits_at
};

/// Belongs to the runner that made it, which must outlive it; one call at a time for both.
class CausalRun {
  public:
    virtual ~CausalRun() = default;
    virtual std::span<const std::int32_t> ids() const = 0;
    /// The attention of this pass.
    virtual const TracePtr& trace() const = 0;
    /// Why attributions and effects are not defined for this model; empty: they are.
    virtual const std::string& why_no_attribution() const = 0;
    /// Logits of rows as the model gives them, [positions, vocab].
    virtual Result<Matrix> logits(std::span<const int> positions) = 0;
    /// Factors of the cells. Effect needs the question (its position does not matter: every row asks for the
    /// same tokens at its own place). `has_value_bias`: v_j with its bias, as the paper has it. Errors:
    /// Unsupported where it is not defined, InvalidInput.
    virtual Result<CellFactors> cell_factors(WeightsShown weights, const Question* question,
                                             bool has_value_bias) = 0;
    /// Factors of Effect on the answer's logit alone, no rival and no mean taken away.
    virtual Result<CellFactors> answer_factors(const Question& question) = 0;
    /// |f_j| = |v_j W_O| of each head and token, before a norm on the output, [L * H, N].
    virtual Result<Matrix> moved_lengths(bool has_value_bias) = 0;
    /// Errors: Unsupported with the reason, InvalidInput, Cancelled.
    virtual Result<Attribution> attribute(const Question& question, bool wants_ranks,
                                          const JobContext& job) = 0;
    virtual Result<Lens> lens(const LensRequest& request, const JobContext& job) = 0;
    /// Direct effect of a head on every logit at `row`, centred over the vocabulary, [vocab]: of the whole
    /// head, or (`key` >= 0) of one unit of attention to that key.
    virtual Result<std::vector<float>> head_writes(HeadId head, int row, int key) = 0;
    /// What the scores of a head are made of: of this pass, or (Cross) of what a decoder reads of the
    /// encoder. Errors: InvalidInput, Unsupported (no such attention).
    virtual Result<ScoreParts> score_parts(AttentionKind kind, HeadId head);
    /// What the query of `row` asks for among all tokens, in logits at distance 0, centred, [vocab].
    virtual Result<std::vector<float>> head_looks_for(HeadId head, int row, const JobContext& job) = 0;
};

}  // namespace headlight
