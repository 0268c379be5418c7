// How alike heads are: Jensen-Shannon distances between their patterns, and a 2-D map of them.
#pragma once

#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/matrix.h"

namespace headlight {

struct HeadMap {
    Matrix distances;          // [L * H, L * H]: mean over the compared rows of the JSD, nats, 0..ln 2
    std::vector<float> x, y;   // [L * H]: classical multidimensional scaling of the distances
    double explained = 0;      // share of the positive eigenvalues that the two axes hold
    std::vector<int> queries;  // rows that were compared (all, or evenly spaced ones of a long text)
};

/// Rows are smoothed a <- 0.999 a + 0.001 / n first (Clark et al. 2019). At most `max_rows` rows are
/// compared. Errors: Cancelled, InvalidInput (fewer than two heads, no row with two keys).
Result<HeadMap> compute_head_map(const AttentionTrace& trace, const JobContext& job, int max_rows = 128);

/// Jensen-Shannon divergence of two distributions of equal length, nats, in [0, ln 2].
double jensen_shannon(std::span<const float> a, std::span<const float> b);

}  // namespace headlight
