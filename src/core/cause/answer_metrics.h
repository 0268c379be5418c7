// A question answered from the logits of one row.
#pragma once

#include <span>

#include "core/cause/question.h"

namespace headlight {

/// Sums in double. `reference` are the logits of the run that `kl` is measured from, KL(reference || this);
/// empty: kl is 0. Both [vocab]; answer and rival must be ids below vocab.
AnswerMetrics answer_metrics(std::span<const float> logits, std::span<const float> reference,
                             const Question& question);

/// KL(p || q) of the distributions that two rows of logits mean, nats, never negative. Both [vocab].
double kl_of_logits(std::span<const float> p, std::span<const float> q);

}  // namespace headlight
