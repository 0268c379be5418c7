// Loss and change of the next-token distribution, from hidden states. Logits are made a few rows at a time:
// those of a whole text against a large vocabulary would be gigabytes.
#pragma once

#include <torch/types.h>

#include <mutex>
#include <span>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "family/architecture.h"
#include "model/weights/weights.h"

namespace headlight {

struct TokenScores {
    std::vector<float> loss;  // [N - 1] -ln p(token t + 1 | tokens <= t), nats; empty for non-causal models
    std::vector<float> kl;    // [N] KL(base || changed), nats; empty unless asked for
    std::vector<float> tvd;   // [N] total variation distance, 0..1
};

class TokenScorer {
  public:
    /// `base` [N, D]: the unchanged final hidden states. The model must outlive the scorer.
    TokenScorer(const Architecture& arch, const Weights& weights, std::span<const std::int32_t> ids,
                torch::Tensor base);

    /// Scores of final hidden states [N, D]. Errors: Cancelled.
    Result<TokenScores> score(const torch::Tensor& hidden, bool wants_distribution, int num_threads,
                              const JobContext& job);

    /// The same of several passes of the text, which share the product with the vocabulary: the same numbers.
    /// May be called from several threads at once.
    Result<std::vector<TokenScores>> score_each(std::span<const torch::Tensor> hidden,
                                                bool wants_distribution, int num_threads,
                                                const JobContext& job);

  private:
    /// ln p of rows [begin, end) of each pass, and some rows more: [passes * rows ..., vocab].
    torch::Tensor log_probabilities(std::span<const torch::Tensor> hidden, std::int64_t begin,
                                    std::int64_t end) const;
    torch::Tensor base_rows(std::int64_t begin, std::int64_t end);
    /// Adds what the rows [begin, end) of one pass say; `found` [rows ..., vocab] is their ln p.
    void add_losses(const float* found, std::int64_t begin, std::int64_t end, TokenScores& scores) const;
    void add_changes(const torch::Tensor& found, std::int64_t begin, std::int64_t end, int num_threads,
                     std::span<TokenScores> scores);

    const Architecture& arch_;
    const Weights& weights_;
    std::vector<std::int32_t> ids_;
    torch::Tensor base_;  // [N, D]
    std::mutex base_mutex_;
    std::vector<torch::Tensor>
        base_kept_;  // per block of rows, [rows ..., vocab] ln p; undefined until first needed
    std::int64_t rows_per_block_ = 1;
    bool keeps_base_ = false;
};

}  // namespace headlight
