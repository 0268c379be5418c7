// Content tags of one text are put to a test: would the same heads look the same if this text's tokens stood
// in other places?
#pragma once

#include <span>

#include "analysis/patterns/detector_text.h"
#include "base/progress.h"

namespace headlight {

/// A content tag on one text stands from here on.
inline constexpr double kMostTagQ = 0.05;

/// The tags of one head, and whether it spends enough outside the first token and itself to say anything.
struct TestedHead {
    HeadId head;
    bool is_active = false;
    std::vector<Tag>* tags = nullptr;  // [detector]
};

/// Content tags whose detector can be permuted keep their tag only where the permutation of the text's own
/// labels (null N2, see PermutedPairs: every shift, or at least 999 orders) gives q <= 0.05:
/// Benjamini-Hochberg over the heads that do not rest, one detector at a time. Heads below the detector's
/// thresholds cannot be tagged and count with p = 1, which is on the safe side; so only candidates cost
/// anything. Of texts beyond 4,096 tokens the beginning is tested. Fills p, q and the reason. A stopped job
/// leaves tags as they were.
void test_content_tags(const AttentionTrace& trace, const DetectorText& text, std::span<TestedHead> heads,
                       const JobContext& job, int num_threads);

}  // namespace headlight
