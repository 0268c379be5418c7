#include "model/token_scores.h"

#include <algorithm>
#include <cmath>

#include "kernel/worker_pool.h"
#include "model/forward/forward.h"

namespace headlight {
namespace {

constexpr std::int64_t kScoreBlockBytes = std::int64_t{16} << 20;  // logits of one block of rows
constexpr std::int64_t kKeptBytes = std::int64_t{256}
                                    << 20;  // ln p of the unchanged model, kept while it fits

/// KL(base || changed) and total variation distance of one query. Both rows [vocab]: ln p and p of either.
struct Change {
    double kl = 0, tvd = 0;
};
Change compare(const float* base_log, const float* base, const float* changed_log, const float* changed,
               std::int64_t vocab) {
    Change change;
    for (std::int64_t v = 0; v < vocab; ++v) {
        const double difference = static_cast<double>(base[v]) - changed[v];
        // p ln(p / q) - p + q >= 0 term by term, with the same sum: rounding cannot make it negative.
        change.kl += base[v] * (static_cast<double>(base_log[v]) - changed_log[v]) - difference;
        change.tvd += std::abs(difference);
    }
    return {std::max(0.0, change.kl), std::min(1.0, change.tvd / 2)};
}

}  // namespace

TokenScorer::TokenScorer(const Architecture& arch, const Weights& weights, std::span<const std::int32_t> ids,
                         torch::Tensor base)
    : arch_(arch), weights_(weights), ids_(ids.begin(), ids.end()), base_(std::move(base)) {
    const std::int64_t row_bytes = std::int64_t{arch.vocab_size} * 4, num_tokens = base_.size(0);
    rows_per_block_ = std::clamp<std::int64_t>(kScoreBlockBytes / row_bytes, 1, num_tokens);
    keeps_base_ = num_tokens * row_bytes <= kKeptBytes;
    base_kept_.resize(static_cast<std::size_t>((num_tokens + rows_per_block_ - 1) / rows_per_block_));
}

torch::Tensor TokenScorer::log_probabilities(const torch::Tensor& hidden, std::int64_t begin,
                                             std::int64_t end) const {
    return torch::log_softmax(output_logits(arch_, weights_, hidden.slice(0, begin, end)), -1);
}

torch::Tensor TokenScorer::base_rows(std::int64_t begin, std::int64_t end) {
    torch::Tensor& kept = base_kept_[static_cast<std::size_t>(begin / rows_per_block_)];
    if (kept.defined()) return kept;
    const torch::Tensor rows = log_probabilities(base_, begin, end);
    if (keeps_base_) kept = rows;
    return rows;
}

Result<TokenScores> TokenScorer::score(const torch::Tensor& hidden, bool wants_distribution, int num_threads,
                                       const JobContext& job) {
    const std::int64_t num_tokens = hidden.size(0), vocab = arch_.vocab_size;
    TokenScores scores;
    const std::int64_t num_scored = arch_.is_causal ? num_tokens - 1 : 0;
    scores.loss.resize(static_cast<std::size_t>(num_scored));
    if (wants_distribution) {
        scores.kl.resize(static_cast<std::size_t>(num_tokens));
        scores.tvd.resize(static_cast<std::size_t>(num_tokens));
    }
    const std::int64_t last = wants_distribution ? num_tokens : num_scored;
    for (std::int64_t begin = 0; begin < last; begin += rows_per_block_) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "the run was stopped");
        const std::int64_t end = std::min(num_tokens, begin + rows_per_block_);
        const torch::Tensor found = log_probabilities(hidden, begin, end);
        const float* log_p = found.const_data_ptr<float>();
        for (std::int64_t t = begin; t < std::min(end, num_scored); ++t) {
            const std::int32_t next = ids_[static_cast<std::size_t>(t) + 1];
            scores.loss[static_cast<std::size_t>(t)] = -log_p[(t - begin) * vocab + next];
        }
        if (!wants_distribution) continue;
        const torch::Tensor base = base_rows(begin, end), base_p = base.exp(), found_p = found.exp();
        run_in_pool(static_cast<int>(end - begin), num_threads, [&](int row, int) {
            const std::int64_t at = row * vocab;
            const Change change =
                compare(base.const_data_ptr<float>() + at, base_p.const_data_ptr<float>() + at, log_p + at,
                        found_p.const_data_ptr<float>() + at, vocab);
            scores.kl[static_cast<std::size_t>(begin + row)] = static_cast<float>(change.kl);
            scores.tvd[static_cast<std::size_t>(begin + row)] = static_cast<float>(change.tvd);
        });
    }
    return scores;
}

}  // namespace headlight
