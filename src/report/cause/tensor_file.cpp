#include "report/cause/tensor_file.h"

#include <cstring>

#include "io/checkpoint/safetensors_writer.h"

namespace headlight {

template <class Value>
void TensorFile::put(std::string name, DType dtype, Shape shape, const std::vector<Value>& values) {
    Entry entry{std::move(name), dtype, std::move(shape),
                std::vector<std::byte>(values.size() * sizeof(Value))};
    if (!values.empty()) std::memcpy(entry.bytes.data(), values.data(), entry.bytes.size());
    entries_.push_back(std::move(entry));
}

void TensorFile::add(std::string name, Shape shape, const std::vector<float>& values) {
    put(std::move(name), DType::Float32, std::move(shape), values);
}

void TensorFile::add(std::string name, Shape shape, const std::vector<std::int32_t>& values) {
    put(std::move(name), DType::Int32, std::move(shape), values);
}

void TensorFile::add_flags(std::string name, Shape shape, const std::vector<std::uint8_t>& values) {
    put(std::move(name), DType::UInt8, std::move(shape), values);
}

void TensorFile::add(std::string name, const Matrix& matrix, Shape shape) {
    put(std::move(name), DType::Float32, shape.empty() ? Shape{matrix.rows, matrix.cols} : std::move(shape),
        matrix.values);
}

void TensorFile::add_counts(std::string name, const Matrix& matrix) {
    const std::vector<std::int32_t> counts(matrix.values.begin(), matrix.values.end());
    put(std::move(name), DType::Int32, {matrix.rows, matrix.cols}, counts);
}

Status TensorFile::write(const std::string& path, const ModelSpec& spec) const {
    std::vector<TensorToWrite> tensors;
    for (const Entry& entry : entries_)
        tensors.push_back({entry.name, entry.dtype, entry.shape, entry.bytes});
    return write_safetensors(path, tensors, {{"name", spec.name}, {"family", spec.family}});
}

}  // namespace headlight
