#include "model/token_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/token.h"
#include "kernel/worker_pool.h"
#include "model/forward/forward.h"

namespace headlight {
namespace {

constexpr std::int64_t kScoreBlockBytes = std::int64_t{16} << 20;  // logits of one block of rows
constexpr std::int64_t kSharedBytes = std::int64_t{64} << 20;      // of such blocks of several passes
constexpr std::int64_t kKeptBytes = std::int64_t{256}
                                    << 20;  // ln p of the unchanged model, kept while it fits
/// Products of fewer rows, and the ends of vector loops, round in another way: with whole blocks a row's
/// numbers are the same whatever stands beside it.
constexpr std::int64_t kWholeRows = 32;

/// KL(base || changed) and total variation distance of one query. Both rows [vocab]: ln p and p of either.
struct Change {
    double kl = 0, tvd = 0;
};
Change compare(const float* base_log, const float* base, const float* changed_log, const float* changed,
               std::int64_t vocab) {
    constexpr std::int64_t kLanes = 8;  // sums that do not wait for each other
    double kl[kLanes] = {}, tvd[kLanes] = {};
    const auto add = [&](std::int64_t lane, std::int64_t v) {
        const double difference = static_cast<double>(base[v]) - changed[v];
        // p ln(p / q) - p + q >= 0 term by term, with the same sum: rounding cannot make it negative.
        kl[lane] += base[v] * (static_cast<double>(base_log[v]) - changed_log[v]) - difference;
        tvd[lane] += std::abs(difference);
    };
    const std::int64_t whole = vocab / kLanes * kLanes;
    for (std::int64_t v = 0; v < whole; v += kLanes) {
        for (std::int64_t lane = 0; lane < kLanes; ++lane)
            add(lane, v + lane);
    }
    for (std::int64_t v = whole; v < vocab; ++v)
        add(v - whole, v);
    const double all_kl = std::accumulate(kl, kl + kLanes, 0.0);
    const double all_tvd = std::accumulate(tvd, tvd + kLanes, 0.0);
    return {std::max(0.0, all_kl), std::min(1.0, all_tvd / 2)};
}

}  // namespace

TokenScorer::TokenScorer(const Architecture& arch, const Weights& weights, std::span<const std::int32_t> ids,
                         torch::Tensor base)
    : arch_(arch), weights_(weights), base_(std::move(base)) {
    for (const std::int32_t read : ids)
        ids_.push_back(id_of_read(read));
    const std::int64_t row_bytes = std::int64_t{arch.vocab_size} * 4, num_tokens = base_.size(0);
    // Blocks of one size: a short one at the end would cost as much as a whole one.
    const std::int64_t num_blocks = (num_tokens * row_bytes + kScoreBlockBytes - 1) / kScoreBlockBytes;
    rows_per_block_ = std::clamp<std::int64_t>((num_tokens + num_blocks - 1) / num_blocks, 1, num_tokens);
    keeps_base_ = num_tokens * row_bytes <= kKeptBytes;
    base_kept_.resize(static_cast<std::size_t>((num_tokens + rows_per_block_ - 1) / rows_per_block_));
}

torch::Tensor TokenScorer::log_probabilities(std::span<const torch::Tensor> hidden, std::int64_t begin,
                                             std::int64_t end) const {
    std::vector<torch::Tensor> parts;
    for (const torch::Tensor& one : hidden)
        parts.push_back(one.slice(0, begin, end));
    const std::int64_t num_rows = static_cast<std::int64_t>(hidden.size()) * (end - begin);
    const std::int64_t missing = (kWholeRows - num_rows % kWholeRows) % kWholeRows;
    if (missing > 0) parts.push_back(hidden.front().slice(0, begin, begin + 1).expand({missing, -1}));
    return torch::log_softmax(output_logits(arch_, weights_, torch::cat(parts, 0)), -1);
}

torch::Tensor TokenScorer::base_rows(std::int64_t begin, std::int64_t end) {
    const std::lock_guard lock(base_mutex_);
    torch::Tensor& kept = base_kept_[static_cast<std::size_t>(begin / rows_per_block_)];
    if (kept.defined()) return kept;
    const torch::Tensor rows = log_probabilities({&base_, 1}, begin, end);
    if (keeps_base_) kept = rows;
    return rows;
}

Result<TokenScores> TokenScorer::score(const torch::Tensor& hidden, bool wants_distribution, int num_threads,
                                       const JobContext& job) {
    HEADLIGHT_TRY(std::vector<TokenScores> scores,
                  score_each({&hidden, 1}, wants_distribution, num_threads, job));
    return std::move(scores.front());
}

void TokenScorer::add_losses(const float* found, std::int64_t begin, std::int64_t end,
                             TokenScores& scores) const {
    const auto num_scored = static_cast<std::int64_t>(scores.loss.size());
    for (std::int64_t t = begin; t < std::min(end, num_scored); ++t) {
        const std::int32_t next = ids_[static_cast<std::size_t>(t) + 1];
        scores.loss[static_cast<std::size_t>(t)] = -found[(t - begin) * arch_.vocab_size + next];
    }
}

void TokenScorer::add_changes(const torch::Tensor& found, std::int64_t begin, std::int64_t end,
                              int num_threads, std::span<TokenScores> scores) {
    const std::int64_t vocab = arch_.vocab_size, num_rows = end - begin;
    const torch::Tensor base = base_rows(begin, end), base_p = base.exp(), found_p = found.exp();
    const float* base_data = base.const_data_ptr<float>();
    const float* base_p_data = base_p.const_data_ptr<float>();
    const float* found_data = found.const_data_ptr<float>();
    const float* found_p_data = found_p.const_data_ptr<float>();
    run_in_pool(static_cast<int>(num_rows) * static_cast<int>(scores.size()), num_threads, [&](int i, int) {
        const std::int64_t row = i % num_rows, at = row * vocab, found_at = std::int64_t{i} * vocab;
        TokenScores& of_pass = scores[static_cast<std::size_t>(i / num_rows)];
        const Change change =
            compare(base_data + at, base_p_data + at, found_data + found_at, found_p_data + found_at, vocab);
        of_pass.kl[static_cast<std::size_t>(begin + row)] = static_cast<float>(change.kl);
        of_pass.tvd[static_cast<std::size_t>(begin + row)] = static_cast<float>(change.tvd);
    });
}

Result<std::vector<TokenScores>> TokenScorer::score_each(std::span<const torch::Tensor> hidden,
                                                         bool wants_distribution, int num_threads,
                                                         const JobContext& job) {
    const std::int64_t num_tokens = base_.size(0), vocab = arch_.vocab_size;
    const std::int64_t num_scored = arch_.is_causal ? num_tokens - 1 : 0;
    TokenScores empty;
    empty.loss.resize(static_cast<std::size_t>(num_scored));
    empty.kl.resize(static_cast<std::size_t>(wants_distribution ? num_tokens : 0));
    empty.tvd = empty.kl;
    std::vector<TokenScores> scores(hidden.size(), empty);
    const std::int64_t last = wants_distribution ? num_tokens : num_scored;
    const std::int64_t block_bytes = rows_per_block_ * vocab * static_cast<std::int64_t>(sizeof(float));
    const auto at_once = static_cast<std::size_t>(std::max<std::int64_t>(1, kSharedBytes / block_bytes));
    for (std::size_t first = 0; first < hidden.size(); first += at_once) {
        const auto passes = hidden.subspan(first, std::min(at_once, hidden.size() - first));
        for (std::int64_t begin = 0; begin < last; begin += rows_per_block_) {
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "the run was stopped");
            const std::int64_t end = std::min(num_tokens, begin + rows_per_block_);
            const torch::Tensor found = log_probabilities(passes, begin, end);
            for (std::size_t i = 0; i < passes.size(); ++i) {
                const std::int64_t row = static_cast<std::int64_t>(i) * (end - begin);
                add_losses(found.const_data_ptr<float>() + row * vocab, begin, end, scores[first + i]);
            }
            if (wants_distribution)
                add_changes(found, begin, end, num_threads, std::span(scores).subspan(first, passes.size()));
        }
    }
    return scores;
}

}  // namespace headlight
