// The trace that keeps all weights: the simplest implementation, and the one that tests compare others with.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/attention_trace.h"

namespace headlight {

/// A trace over given dense weights [layer, head, query, key] (files of other programs, tests, means of
/// heads). Statistics are computed here in double precision. Errors are programming mistakes: sizes must
/// agree.
TracePtr make_dense_trace(TraceInfo info, std::vector<float> weights);
/// The same over weights in memory that `owner` keeps and nobody changes.
TracePtr make_dense_trace(TraceInfo info, std::span<const float> weights, std::shared_ptr<const void> owner);

}  // namespace headlight
