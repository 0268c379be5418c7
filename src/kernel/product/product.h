// Products with matrices as they are stored: y = x W^T + b in float32, W exactly as its bytes say. The one
// door to the kernels of an instruction set (product_isa.h). No LibTorch.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "kernel/product/product_isa.h"
#include "kernel/product/stored_matrix.h"

namespace headlight {

/// Threads of a product: `run(count, body)` calls body(i, thread) for each i < count, thread < num_threads.
/// Results do not depend on them.
struct ProductThreads {
    int num_threads = 1;
    std::function<void(int count, const std::function<void(int index, int thread)>& body)> run;
};

/// One of several products of the same rows (q, k and v; gate and up): they share one packing of x and one
/// start of the threads.
struct ProductTask {
    const StoredMatrix* matrix = nullptr;
    const float* bias = nullptr;  // [matrix rows] or null
    float* out = nullptr;         // [num_rows, matrix rows], out_stride from row to row
    std::int64_t out_stride = 0;
};

/// out = x W^T + bias for every task. x [num_rows, cols], x_stride from row to row; the matrices have the
/// same cols. Each value of W is widened once, exactly; sums are float32, a chain per part of a row.
void multiply(const ProductIsa& isa, std::span<const ProductTask> tasks, const float* x,
              std::int64_t x_stride, int num_rows, const ProductThreads& threads);

/// float32 of rows [begin, begin + count), [count, cols] with out_stride from row to row.
void widen_rows(const ProductIsa& isa, const StoredMatrix& matrix, std::int64_t begin, std::int64_t count,
                float* out, std::int64_t out_stride);
/// The same of any rows, such as those of an embedding table.
void gather_rows(const ProductIsa& isa, const StoredMatrix& matrix, std::span<const std::int64_t> rows,
                 float* out, std::int64_t out_stride);

/// Bytes that a product has to read; what says whether threads pay.
std::size_t bytes_read(std::span<const ProductTask> tasks);

}  // namespace headlight
