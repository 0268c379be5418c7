#include "model/forward/products.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>

#include "kernel/product/product.h"
#include "kernel/worker_pool.h"
#include "model/forward/kernel_choice.h"
#include "model/forward/worker_threads.h"

namespace headlight {
namespace {

/// float32 rows as they lie in memory, without a copy; undefined for any other matrix.
torch::Tensor view_of(const StoredMatrix& stored) {
    const bool is_plain = stored.type == StoredType::F32 && !stored.row_order && !stored.scales &&
                          reinterpret_cast<std::uintptr_t>(stored.data) % sizeof(float) == 0;
    if (!is_plain) return {};
    // LibTorch has no const tensors; no weight is ever written.
    return torch::from_blob(const_cast<std::byte*>(stored.data), {stored.rows, stored.cols}, torch::kFloat32);
}

torch::Tensor by_torch(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias) {
    const torch::Tensor same = weight.to(x.scalar_type());
    return bias.defined() ? torch::linear(x, same, bias) : torch::linear(x, same);
}

/// Threads that pay for themselves: starting them costs some microseconds.
int threads_for(std::span<const ProductTask> tasks, int num_rows) {
    constexpr double kBytesPerSecond = 1e10, kFlopsPerSecond = 6e10, kLeastSeconds = 6e-5;
    double flops = 0;
    for (const ProductTask& task : tasks)
        flops +=
            2.0 * static_cast<double>(task.matrix->rows) * static_cast<double>(task.matrix->cols) * num_rows;
    const double seconds = static_cast<double>(bytes_read(tasks)) / kBytesPerSecond + flops / kFlopsPerSecond;
    return seconds < kLeastSeconds ? 1 : product_threads();
}

}  // namespace

std::vector<torch::Tensor> project_all(const torch::Tensor& x,
                                       std::initializer_list<Projection> projections) {
    std::vector<torch::Tensor> results, biases;
    results.reserve(projections.size());
    std::vector<ProductTask> tasks;
    const torch::Tensor rows = x.scalar_type() == torch::kFloat32 ? x.contiguous() : torch::Tensor();
    const int num_rows = static_cast<int>(x.numel() / std::max<std::int64_t>(1, x.size(-1)));
    std::vector<std::int64_t> shape = x.sizes().vec();
    for (const Projection& projection : projections) {
        const StoredMatrix* stored = projection.weight.stored();
        if (stored == nullptr || !rows.defined()) {
            results.push_back(
                by_torch(x, stored == nullptr ? projection.weight.tensor() : projection.weight.widened(),
                         projection.bias));
            continue;
        }
        const torch::Tensor view = view_of(*stored);
        if (view.defined() && torch_multiplies_faster(num_rows)) {
            results.push_back(by_torch(x, view, projection.bias));
            continue;
        }
        shape.back() = stored->rows;
        results.push_back(torch::empty(shape, torch::kFloat32));
        const torch::Tensor bias = projection.bias.defined() ? projection.bias.contiguous() : torch::Tensor();
        biases.push_back(bias);
        tasks.push_back({stored, bias.defined() ? bias.const_data_ptr<float>() : nullptr,
                         results.back().mutable_data_ptr<float>(), stored->rows});
    }
    if (tasks.empty() || num_rows == 0) return results;
    const int num_threads = threads_for(tasks, num_rows);
    multiply(product_isa(), tasks, rows.const_data_ptr<float>(), x.size(-1), num_rows,
             {num_threads, [&](int count, const auto& body) { run_in_pool(count, num_threads, body); }});
    return results;
}

}  // namespace headlight
