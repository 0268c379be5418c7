// Sums over texts that one change of the model needs, so that no text has to stay in memory.
#pragma once

#include <cstdint>
#include <vector>

#include "core/ablation_run.h"
#include "study/ablation/sweep.h"

namespace headlight {

class AblationTally {
  public:
    /// One text: losses of the unchanged and the changed model [N - 1], and which of them count (empty: all).
    /// Models without next-token loss have empty losses; then only the distributions are compared.
    void add(const std::vector<float>& base_loss, const AblationOutcome& outcome,
             const std::vector<bool>& scored);
    /// The effect over all texts so far; the interval from `seed`.
    AblationEffect effect(std::uint64_t seed) const;
    int num_texts() const { return static_cast<int>(text_delta_.size()); }

  private:
    void add_distribution(const AblationOutcome& outcome, const std::vector<bool>& scored,
                          std::size_t num_losses);
    std::vector<double> interval_values(double delta) const;

    double base_sum_ = 0, changed_sum_ = 0, kl_sum_ = 0, tvd_sum_ = 0;
    std::int64_t num_tokens_ = 0, num_worse_ = 0, num_compared_ = 0;
    std::vector<double> text_delta_, text_tokens_;  // [texts] summed loss change; scored tokens
    std::vector<double> token_delta_;  // of the first text: the bootstrap over tokens when it stays alone
};

}  // namespace headlight
