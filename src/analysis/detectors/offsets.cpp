// The table of detectors of one fixed offset, two to eight tokens back.
#include "analysis/detectors/offset.h"

namespace headlight {
namespace {

/// 0.3 was used for every offset, and 0.2 or 0.1 by offset; the stricter one is kept.
constexpr double kThreshold = 0.3;

constexpr const char* kIds[] = {"",         "",         "offset_2", "offset_3", "offset_4",
                                "offset_5", "offset_6", "offset_7", "offset_8"};

/// A line of the table.
struct OffsetWords {
    const char *label, *glyph, *help, *definition;
};

template <int Offset>
constexpr DetectorDescriptor offset_detector(const OffsetWords& words) {
    return {
        .id = kIds[Offset],
        .label = words.label,
        .glyph = words.glyph,
        .help = words.help,
        .definition = words.definition,
        .source = "0.3: as the requirement's first detector; its later cuts by offset are 0.2 and 0.1",
        .kind = DetectorKind::Positional,
        .threshold = kThreshold,
        .key_set = [](const TextLabels& labels) { return offset_key_set(kIds[Offset], labels, Offset); },
        .score = [](const DetectorInput& input) { return offset_score(input, kThreshold); },
    };
}

}  // namespace

extern const DetectorDescriptor k_detector_offset_2 = offset_detector<2>({
    .label = "two back",
    .glyph = "2",
    .help = "attends to the token two places before",
    .definition = "P: j = i - 2, rows >= 2. Causal null (H_T - H_2) / (T - 2).",
});
extern const DetectorDescriptor k_detector_offset_3 = offset_detector<3>({
    .label = "three back",
    .glyph = "3",
    .help = "attends to the token three places before",
    .definition = "P: j = i - 3, rows >= 3. Causal null (H_T - H_3) / (T - 3).",
});
extern const DetectorDescriptor k_detector_offset_4 = offset_detector<4>({
    .label = "four back",
    .glyph = "4",
    .help = "attends to the token four places before",
    .definition = "P: j = i - 4, rows >= 4. Causal null (H_T - H_4) / (T - 4).",
});
extern const DetectorDescriptor k_detector_offset_5 = offset_detector<5>({
    .label = "five back",
    .glyph = "5",
    .help = "attends to the token five places before",
    .definition = "P: j = i - 5, rows >= 5. Causal null (H_T - H_5) / (T - 5).",
});
extern const DetectorDescriptor k_detector_offset_6 = offset_detector<6>({
    .label = "six back",
    .glyph = "6",
    .help = "attends to the token six places before",
    .definition = "P: j = i - 6, rows >= 6. Causal null (H_T - H_6) / (T - 6).",
});
extern const DetectorDescriptor k_detector_offset_7 = offset_detector<7>({
    .label = "seven back",
    .glyph = "7",
    .help = "attends to the token seven places before",
    .definition = "P: j = i - 7, rows >= 7. Causal null (H_T - H_7) / (T - 7).",
});
extern const DetectorDescriptor k_detector_offset_8 = offset_detector<8>({
    .label = "eight back",
    .glyph = "8",
    .help = "attends to the token eight places before",
    .definition = "P: j = i - 8, rows >= 8. Causal null (H_T - H_8) / (T - 8).",
});

}  // namespace headlight
