// What a head that spreads evenly over tokens gives between units: the null of everything that is said of
// them.
#pragma once

#include <map>
#include <vector>

#include "analysis/patterns/detector_text.h"

namespace headlight {

/// The even head of a layer with units.
struct EvenHead {
    std::vector<RowStats> rows;            // [num_queries]
    std::vector<KeyRange> keys;            // [num_queries], that the mask allows
    std::vector<std::vector<float>> mass;  // [detector][num_queries]; empty without a key set
    std::vector<float> matrix;             // [num_queries, num_keys]; empty without a row pass
};

/// Of all layers; those with one mask share theirs. Empty between tokens, where 1 / n says everything.
class EvenHeads {
  public:
    EvenHeads() = default;
    EvenHeads(const AttentionTrace& trace, const DetectorText& text);

    /// Null between tokens.
    const EvenHead* of(int layer) const;

  private:
    std::vector<int> masks_;  // [layer]
    std::map<int, EvenHead> heads_;
};

}  // namespace headlight
