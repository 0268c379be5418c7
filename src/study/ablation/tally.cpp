#include "study/ablation/tally.h"

#include <limits>

#include "analysis/statistics/statistics.h"

namespace headlight {

void AblationTally::add(const std::vector<float>& base_loss, const AblationOutcome& outcome,
                        const std::vector<bool>& scored) {
    double delta_sum = 0;
    int count = 0;
    for (std::size_t t = 0; t < base_loss.size() && t < outcome.token_loss.size(); ++t) {
        if (!scored.empty() && (t >= scored.size() || !scored[t])) continue;
        const double base = base_loss[t], changed = outcome.token_loss[t], delta = changed - base;
        base_sum_ += base;
        changed_sum_ += changed;
        delta_sum += delta;
        if (delta > 0) ++num_worse_;
        if (text_delta_.empty()) token_delta_.push_back(delta);
        ++count;
    }
    add_distribution(outcome, scored, base_loss.size());
    num_tokens_ += count;
    text_delta_.push_back(delta_sum);
    text_tokens_.push_back(count);
}

/// The predictions that the loss scores; where there is no loss, every position.
void AblationTally::add_distribution(const AblationOutcome& outcome, const std::vector<bool>& scored,
                                     std::size_t num_losses) {
    const bool has_loss = num_losses > 0;
    const std::size_t count = has_loss ? std::min(num_losses, outcome.kl.size()) : outcome.kl.size();
    for (std::size_t t = 0; t < count && t < outcome.tvd.size(); ++t) {
        if (has_loss && !scored.empty() && (t >= scored.size() || !scored[t])) continue;
        kl_sum_ += outcome.kl[t];
        tvd_sum_ += outcome.tvd[t];
        ++num_compared_;
    }
}

/// Several texts: their linearised shares of the ratio (sum of changes) / (sum of tokens), whose mean is that
/// ratio, so that texts of different lengths keep their weight under resampling. One text: its tokens.
std::vector<double> AblationTally::interval_values(double delta) const {
    if (text_delta_.size() < 2) return token_delta_;
    const double mean_tokens = static_cast<double>(num_tokens_) / static_cast<double>(text_tokens_.size());
    std::vector<double> values(text_delta_.size());
    for (std::size_t s = 0; s < values.size(); ++s)
        values[s] = delta + (text_delta_[s] - delta * text_tokens_[s]) / mean_tokens;
    return values;
}

AblationEffect AblationTally::effect(std::uint64_t seed) const {
    AblationEffect effect;
    if (num_compared_ > 0) {
        effect.mean_kl = kl_sum_ / static_cast<double>(num_compared_);
        effect.mean_tvd = tvd_sum_ / static_cast<double>(num_compared_);
    }
    if (num_tokens_ == 0) {
        constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
        effect.base_loss = effect.loss = effect.delta = effect.worse_share = kNone;
        effect.num_tokens = static_cast<int>(num_compared_);
        return effect;
    }
    const auto tokens = static_cast<double>(num_tokens_);
    effect.base_loss = base_sum_ / tokens;
    effect.loss = changed_sum_ / tokens;
    effect.delta = effect.loss - effect.base_loss;
    effect.worse_share = static_cast<double>(num_worse_) / tokens;
    effect.num_tokens = static_cast<int>(num_tokens_);
    const std::vector<double> values = interval_values(effect.delta);
    if (values.size() >= 2) {
        const Interval interval = bootstrap_mean(values, seed);
        effect.low = interval.low;
        effect.high = interval.high;
    }
    return effect;
}

}  // namespace headlight
