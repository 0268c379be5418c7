// The trace of a changed pass: measured rows everywhere, and the rows that were put in for the replaced
// heads.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "core/attention_trace.h"
#include "core/head_id.h"

namespace headlight {

/// Dense rows of one replaced head, [num_tokens, num_tokens]; 0 outside the mask. Heads with equal rows share
/// one.
using DenseRows = std::shared_ptr<const std::vector<float>>;

struct OverlayParts {
    TracePtr below;  // layers before first_layer: the unchanged pass
    TracePtr above;  // the others: the changed pass
    int first_layer = 0;
    std::map<HeadId, DenseRows> replaced;
    std::vector<KeySet> key_sets;  // those that `below` and `above` captured
};

TracePtr make_overlay_trace(OverlayParts parts);

}  // namespace headlight
