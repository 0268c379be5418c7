// What the fixed-offset detectors share: P is the one key `offset` before the query (negative: after it).
#pragma once

#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/key_set_builder.h"

namespace headlight {

inline KeySet offset_key_set(const char* id, const TextLabels& labels, int offset) {
    KeySetBuilder builder(id);
    const int num_tokens = static_cast<int>(labels.tokens.size());
    for (int query = 0; query < num_tokens; ++query) {
        const int key = query - offset;
        const bool is_visible = key <= query || !labels.is_causal;
        if (key >= 0 && key < num_tokens && is_visible) builder.add(static_cast<std::size_t>(key));
        builder.end_row();
    }
    return builder.take();
}

inline DetectorScore offset_score(const DetectorInput& input, double threshold) {
    DetectorScore score = score_pairs(input);
    apply_tag_rule(score, threshold);
    return score;
}

}  // namespace headlight
