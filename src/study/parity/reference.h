// A file of reference attention: the texts in it and their tensors by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/matrix.h"
#include "core/picture.h"
#include "io/attention/dump_contents.h"
#include "study/parity/parity.h"

namespace headlight {

class ParityReference {
  public:
    /// Any file of arrays that io reads: safetensors, NumPy, PyTorch, JSON. Errors: those of
    /// read_dump_contents.
    static Result<ParityReference> open(const std::string& path);

    /// t of every text with ids, ascending; {-1} for one text whose keys have no prefix; empty if there are
    /// no ids.
    std::vector<int> texts() const;

    /// "attn" alone counts as "attn.0": files of a model with one layer.
    bool has(int text, const std::string& key) const { return find(text, key) != nullptr; }
    /// Errors: Missing, Corrupt (an id that fits no int32).
    Result<std::vector<std::int32_t>> ids(int text, const std::string& key) const;
    /// `pixel_values` of a picture. Errors: Corrupt (no such tensor, another shape).
    Result<PixelValues> pixels(int text) const;
    /// float32 of a tensor with exactly this shape, leading axes of 1 apart. Errors: Missing, Corrupt
    /// (another shape).
    Result<std::vector<float>> values(int text, const std::string& key,
                                      std::vector<std::int64_t> shape) const;

  private:
    explicit ParityReference(DumpContents contents) : contents_(std::move(contents)) {}
    const Checkpoint& file() const { return contents_.arrays; }
    const TensorInfo* find(int text, const std::string& key) const;
    DumpContents contents_;
};

}  // namespace headlight
