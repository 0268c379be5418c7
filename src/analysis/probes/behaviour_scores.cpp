#include "analysis/probes/behaviour_scores.h"

#include <algorithm>
#include <set>

namespace headlight {

std::optional<double> retrieval_score(std::span<const DecodingStep> steps,
                                      std::span<const std::int32_t> context_ids, int needle_begin,
                                      int needle_end) {
    if (needle_begin < 0 || needle_end <= needle_begin || needle_end > static_cast<int>(context_ids.size())) {
        return std::nullopt;
    }
    std::set<std::int32_t> hits;
    for (const DecodingStep& step : steps) {
        if (step.argmax_key < needle_begin || step.argmax_key >= needle_end) continue;
        if (context_ids[static_cast<std::size_t>(step.argmax_key)] == step.generated_id)
            hits.insert(step.argmax_key);
    }
    return static_cast<double>(hits.size()) / (needle_end - needle_begin);
}

std::optional<double> copy_score(std::span<const int> ranks, int top_k) {
    int num_measured = 0, num_copied = 0;
    for (const int rank : ranks) {
        num_measured += rank >= 0 ? 1 : 0;
        num_copied += rank >= 0 && rank < top_k ? 1 : 0;
    }
    if (num_measured == 0) return std::nullopt;
    return static_cast<double>(num_copied) / num_measured;
}

double copy_null(int vocab_size, int top_k) {
    return vocab_size <= 0 ? 0.0 : std::min(1.0, static_cast<double>(top_k) / vocab_size);
}

}  // namespace headlight
