// Pictures that were given to a model, as rows that enter its first block: what an embedding table is to
// ids of a text.
#pragma once

#include <torch/types.h>

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/result.h"
#include "core/picture.h"
#include "family/architecture.h"

namespace headlight {

struct Weights;

/// Safe from any thread.
class PictureRows {
  public:
    /// Makes the rows of a picture and gives them ids; the same pixels keep theirs. Errors: InvalidInput (a
    /// size that the model does not take), OutOfMemory (ids or memory of pictures are used up).
    Result<PictureTokens> add(const Architecture& arch, const Weights& weights, const PixelValues& pixels);
    /// The first id that belongs to no picture; -1: all do.
    std::int32_t first_stranger(std::span<const std::int32_t> ids) const;
    /// [.., D] float32 of ids [..] int64. Throws std::out_of_range for an id of no picture.
    torch::Tensor gather(const torch::Tensor& ids) const;

  private:
    struct Picture {
        PictureTokens tokens;
        std::string digest;  // of its pixels
        torch::Tensor rows;  // [tokens, D]
    };
    const Picture* find(std::int32_t id) const;

    mutable std::mutex mutex_;
    std::vector<std::unique_ptr<const Picture>> pictures_;  // by first id
};

/// Rows [tokens, D] of one picture before any norm: patches times their matrix, learned tokens, positions.
torch::Tensor embed_picture(const Architecture& arch, const Weights& weights, const PixelValues& pixels);

/// Puts the vectors of Architecture::has_layer_scale into the output projections in front of them.
void fold_layer_scales(const Architecture& arch, Weights& weights);

}  // namespace headlight
