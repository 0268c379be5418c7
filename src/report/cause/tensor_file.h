// Named tensors of a result, collected and then written as one safetensors file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/matrix.h"
#include "core/model_spec.h"
#include "io/checkpoint/dtype.h"

namespace headlight {

class TensorFile {
  public:
    using Shape = std::vector<std::int64_t>;

    void add(std::string name, Shape shape, const std::vector<float>& values);
    void add(std::string name, Shape shape, const std::vector<std::int32_t>& values);
    /// 0 or 1, as bytes.
    void add_flags(std::string name, Shape shape, const std::vector<std::uint8_t>& values);
    /// [rows, cols]; or another shape of as many values.
    void add(std::string name, const Matrix& matrix, Shape shape = {});
    /// Ranks and counts that were computed as floats.
    void add_counts(std::string name, const Matrix& matrix);

    /// Metadata: name and family. Errors: Internal (a shape that its values do not fill), those of
    /// write_safetensors().
    Status write(const std::string& path, const ModelSpec& spec) const;

  private:
    struct Entry {
        std::string name;
        DType dtype = DType::Float32;
        Shape shape;
        std::vector<std::byte> bytes;
    };
    template <class Value>
    void put(std::string name, DType dtype, Shape shape, const std::vector<Value>& values);

    std::vector<Entry> entries_;
};

}  // namespace headlight
