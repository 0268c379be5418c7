// Which keys a layer's mask lets a query see: the one rule of kernel, traces and checks.
#pragma once

#include <algorithm>

#include "core/attention_trace.h"

namespace headlight {

/// Keys [begin, end) of `num_keys` that `query` sees. `window` as TraceInfo::window: 0 all; with a causal
/// mask the number of keys, the query itself included, otherwise of keys to either side; -c the query's own
/// chunk of c tokens (Llama 4).
inline KeyRange keys_in_window(int query, int num_keys, bool is_causal, int window) {
    KeyRange range{0, is_causal ? query + 1 : num_keys};
    if (window > 0) {
        range.begin = std::max(0, is_causal ? query + 1 - window : query - window);
        if (!is_causal) range.end = query + window + 1;
    } else if (window < 0) {
        range.begin = query - query % -window;
        if (!is_causal) range.end = range.begin - window;
    }
    range.end = std::min(range.end, num_keys);
    return range;
}

}  // namespace headlight
