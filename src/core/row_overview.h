// Thumbnails of traces that make their rows when they are asked for.
#pragma once

#include <functional>

#include "core/attention_trace.h"

namespace headlight {

/// The tiles of a captured trace's overview, of a head of `layer` whose rows `read` gives a few at a time:
/// queries [begin, end) into [count, num_keys]. `max` is the value farthest from zero.
Overview overview_of_rows(const AttentionTrace& trace, int layer,
                          const std::function<void(int begin, int end, std::span<float> out)>& read);

}  // namespace headlight
