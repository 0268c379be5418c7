// Weights to measure with: copies of the matrices of a pass, as files store them, with sane random numbers.
#pragma once

#include <random>
#include <vector>

#include "core/bench/product_timing.h"
#include "kernel/product/stored_matrix.h"

namespace headlight {

/// Matrices of a pass in its order: those of an inner list multiply the same x.
using SamplePass = std::vector<std::vector<StoredMatrix>>;

/// Whether every row of the pass is a whole number of the type's blocks.
bool fits_blocks(StoredType type, const ProductPass& pass);

class SampleWeights {
  public:
    /// As many copies of the pass as take `pool_bytes`, at least one. Throws std::bad_alloc.
    SampleWeights(StoredType type, const ProductPass& pass, std::size_t pool_bytes);

    /// The copies one after another, again and again: the one that was used longest ago.
    const SamplePass& next();
    std::size_t pass_bytes() const { return pass_bytes_; }

  private:
    std::vector<SamplePass> copies_;
    std::size_t pass_bytes_ = 0, next_ = 0;
};

}  // namespace headlight
