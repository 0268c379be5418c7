#include "model/weights/weight_matrix.h"

#include <numeric>
#include <vector>

#include "kernel/product/product.h"

namespace headlight {
namespace {

torch::Tensor float_rows(const StoredMatrix& stored, std::int64_t begin, std::int64_t count) {
    torch::Tensor out = torch::empty({count, stored.cols}, torch::kFloat32);
    widen_rows(product_isa(), stored, begin, count, out.mutable_data_ptr<float>(), stored.cols);
    return out;
}

}  // namespace

std::int64_t WeightMatrix::size(int axis) const {
    if (!stored_) return tensor_.size(axis);
    return axis == 0 ? stored_->rows : stored_->cols;
}

torch::Tensor WeightMatrix::widened() const {
    return stored_ ? float_rows(*stored_, 0, stored_->rows) : tensor_.to(torch::kFloat32);
}

torch::Tensor WeightMatrix::rows(std::int64_t begin, std::int64_t count) const {
    return stored_ ? float_rows(*stored_, begin, count) : tensor_.narrow(0, begin, count).to(torch::kFloat32);
}

torch::Tensor WeightMatrix::columns(std::int64_t begin, std::int64_t count) const {
    if (!stored_) return tensor_.narrow(1, begin, count).to(torch::kFloat32);
    // Blocks may straddle the columns: rows are widened whole, a few at a time.
    constexpr std::int64_t kRows = 256;
    torch::Tensor out = torch::empty({stored_->rows, count}, torch::kFloat32);
    for (std::int64_t row = 0; row < stored_->rows; row += kRows) {
        const std::int64_t rows = std::min(kRows, stored_->rows - row);
        out.narrow(0, row, rows).copy_(float_rows(*stored_, row, rows).narrow(1, begin, count));
    }
    return out;
}

torch::Tensor WeightMatrix::gather(const torch::Tensor& indices) const {
    if (!stored_) {
        // Through embedding(), which a gradient flows through as well.
        return torch::embedding(tensor_, indices).to(torch::kFloat32);
    }
    const torch::Tensor flat = indices.to(torch::kInt64).contiguous();
    std::vector<std::int64_t> shape = flat.sizes().vec();
    shape.push_back(stored_->cols);
    torch::Tensor out = torch::empty(shape, torch::kFloat32);
    gather_rows(product_isa(), *stored_,
                {flat.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(flat.numel())},
                out.mutable_data_ptr<float>(), stored_->cols);
    return out;
}

}  // namespace headlight
