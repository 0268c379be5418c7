// A file of reference attention: the texts in it and their tensors by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/matrix.h"
#include "io/checkpoint.h"
#include "study/parity.h"

namespace headlight {

class ParityReference {
  public:
    /// Errors: those of open_checkpoint.
    static Result<ParityReference> open(const std::string& path);

    /// t of every text with ids, ascending; {-1} for one text whose keys have no prefix; empty if there are
    /// no ids.
    std::vector<int> texts() const;

    bool has(int text, const std::string& key) const;
    /// Errors: Missing, Corrupt (an id that fits no int32).
    Result<std::vector<std::int32_t>> ids(int text, const std::string& key) const;
    /// float32 of a tensor with exactly this shape, leading axes of 1 apart. Errors: Missing, Corrupt
    /// (another shape).
    Result<std::vector<float>> values(int text, const std::string& key,
                                      std::vector<std::int64_t> shape) const;

  private:
    explicit ParityReference(CheckpointPtr file) : file_(std::move(file)) {}
    CheckpointPtr file_;
};

}  // namespace headlight
