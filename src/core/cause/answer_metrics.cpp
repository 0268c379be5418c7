#include "core/cause/answer_metrics.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

/// ln of the sum of e^logit.
double log_sum(std::span<const float> logits) {
    const double largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(logit - largest);
    return largest + std::log(sum);
}

double mean_of(std::span<const float> values) {
    double sum = 0;
    for (const float value : values)
        sum += value;
    return sum / static_cast<double>(values.size());
}

}  // namespace

double kl_of_logits(std::span<const float> p, std::span<const float> q) {
    if (p.empty() || p.size() != q.size()) return 0;
    const double sum_p = log_sum(p), sum_q = log_sum(q);
    double kl = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        const double log_p = p[i] - sum_p;
        kl += std::exp(log_p) * (log_p - (q[i] - sum_q));
    }
    return std::max(0.0, kl);
}

AnswerMetrics answer_metrics(std::span<const float> logits, std::span<const float> reference,
                             const Question& question) {
    const double answer = logits[static_cast<std::size_t>(question.answer)];
    const double rival = question.rival ? logits[static_cast<std::size_t>(*question.rival)] : mean_of(logits);
    AnswerMetrics out;
    out.answer_logit = static_cast<float>(answer);
    out.rival_logit = static_cast<float>(rival);
    out.difference = static_cast<float>(answer - rival);
    out.probability = static_cast<float>(std::exp(answer - log_sum(logits)));
    out.kl = static_cast<float>(kl_of_logits(reference, logits));
    return out;
}

}  // namespace headlight
