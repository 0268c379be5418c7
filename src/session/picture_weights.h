// Which weights the pictures show in place of the plain ones.
#pragma once

#include <cstdint>
#include <string>

#include "core/cause/weighted_trace.h"

namespace headlight {

struct PictureWeights {
    WeightsShown weights = WeightsShown::Raw;  // that are shown, not those that are wanted
    // Of Snapshot::text, and of base_text while differences are shown. Null: the plain weights.
    WeightedPtr trace, before;
    std::uint64_t id = 0;     // of `trace`; changes with text, choice and question. 0: the plain weights
    std::string why_not;      // why the wanted weights are not shown; empty: they are
    bool is_pending = false;  // they are being measured

    bool is_signed() const { return trace && trace->is_signed(); }
};

}  // namespace headlight
