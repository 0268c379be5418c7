// What the fixed-offset detectors share: P is the one key `offset` before the query (negative: after it).
#pragma once

#include "analysis/detectors/registry.h"
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

/// 0.3 was used for every offset, and 0.2 or 0.1 by offset; the stricter one is kept.
inline constexpr double kOffsetThreshold = 0.3;

/// The descriptor of `offset_<Offset>`.
template <int Offset>
constexpr DetectorDescriptor offset_detector(const char* id, const char* label, const char* glyph,
                                             const char* help, const char* definition) {
    return {
        .id = id,
        .label = label,
        .glyph = glyph,
        .help = help,
        .definition = definition,
        .source = "0.3: as the requirement's first detector; its later cuts by offset are 0.2 and 0.1",
        .kind = DetectorKind::Positional,
        .threshold = kOffsetThreshold,
        .key_set =
            [](const TextLabels& labels) {
                constexpr const char* kIds[] = {"",         "",         "offset_2", "offset_3", "offset_4",
                                                "offset_5", "offset_6", "offset_7", "offset_8"};
                return offset_key_set(kIds[Offset], labels, Offset);
            },
        .score = [](const DetectorInput& input) { return offset_score(input, kOffsetThreshold); },
    };
}

}  // namespace headlight
