// Detector: attends to earlier copies of the same token.
#include <unordered_map>

#include "analysis/detector.h"
#include "analysis/patterns/detector_scoring.h"

namespace headlight {
namespace {

constexpr double kThreshold = 0.4;

/// A BOS whose id also stands in the text is no duplicate: key 0 is left out if it is special.
KeySet key_set(const TextLabels& labels) {
    const std::span<const TokenLabel> tokens = labels.tokens;
    KeySet set;
    set.id = "duplicate_token";
    set.row_begin.push_back(0);
    std::unordered_map<std::int32_t, std::vector<std::uint32_t>> keys_for;  // token id -> keys, ascending
    for (std::size_t query = 0; query < tokens.size(); ++query) {
        std::vector<std::uint32_t>& earlier = keys_for[tokens[query].id];
        set.keys.insert(set.keys.end(), earlier.begin(), earlier.end());
        set.row_begin.push_back(static_cast<std::uint32_t>(set.keys.size()));
        if (query > 0 || !tokens[query].is_special) earlier.push_back(static_cast<std::uint32_t>(query));
    }
    return set;
}

DetectorScore score(const DetectorInput& input) {
    return score_key_set(input, kThreshold);
}

}  // namespace

extern const DetectorDescriptor k_detector_duplicate_token = {
    .id = "duplicate_token",
    .label = "duplicate token",
    .glyph = "D",
    .help = "attends to earlier copies of the same token",
    .definition =
        "P: j < i with token j = token i; not key 0 if that is a special token. "
        "Null: pairs over admissible keys of each row. The tag is decided on the attention outside the first "
        "token and "
        "the token itself, which must be 0.2 or more.",
    .source = "0.4 on random repeats; heads of Wang et al. 2022",
    .kind = DetectorKind::Content,
    .threshold = kThreshold,
    .key_set = key_set,
    .score = score,
    .is_live = true,
    .permutation = LabelPermutation::Shuffle,
    .equal_id_offset = 0,
};

}  // namespace headlight
