// The trace that keeps all weights: the simplest implementation, and the one that tests compare others with.
#pragma once

#include <vector>

#include "core/attention_trace.h"

namespace headlight {

/// A trace over given dense weights [layer, head, query, key] (files of other programs, tests, means of
/// heads). Statistics are computed here in double precision. Errors are programming mistakes: sizes must
/// agree.
TracePtr make_dense_trace(TraceInfo info, std::vector<float> weights);

}  // namespace headlight
