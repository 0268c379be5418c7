#include "kernel/product/product.h"

#include <algorithm>

#include "kernel/product/matrix_rows.h"
#include "kernel/product/panels.h"

namespace headlight {
namespace {

constexpr int kMostDotRows = 8;  // of one DotRows call
constexpr int kPanelRows = 96;   // of W that are widened at once
constexpr int kStripRows = 24;   // a multiple of every tile's height
constexpr int kPanelDepth = 256;
constexpr int kPanelTokens = 512;  // whose sums stay in the second cache

/// Rows [begin, begin + count) of a task: what a thread takes at once.
struct Chunk {
    const ProductTask* task = nullptr;
    std::int64_t begin = 0;
    int count = 0;
};

/// One call of multiply.
class Product {
  public:
    Product(const ProductIsa& isa, std::span<const ProductTask> tasks, const float* x, std::int64_t x_stride,
            int num_rows, const ProductThreads& threads)
        : isa_(isa), tasks_(tasks), x_(x), x_stride_(x_stride), num_rows_(num_rows), threads_(threads) {}

    void run() {
        std::vector<Chunk> chunks;
        bool packs = false;
        for (const ProductTask& task : tasks_) {
            packs = packs || !is_dotted(*task.matrix);
            const std::int64_t step = chunk_rows(*task.matrix);
            for (std::int64_t begin = 0; begin < task.matrix->rows; begin += step) {
                const std::int64_t count = std::min(step, task.matrix->rows - begin);
                chunks.push_back({&task, begin, static_cast<int>(count)});
            }
        }
        if (packs) {
            panels_.shape(num_rows_, static_cast<int>(tasks_.front().matrix->cols));
            each(panels_.count(), [&](int p, int) { panels_.pack(p, x_, x_stride_); });
        }
        each(static_cast<int>(chunks.size()), [&](int i, int) { work(chunks[static_cast<std::size_t>(i)]); });
    }

  private:
    void each(int count, const std::function<void(int, int)>& body) const {
        if (threads_.num_threads > 1 && threads_.run && count > 1) {
            threads_.run(count, body);
        } else {
            for (int i = 0; i < count; ++i)
                body(i, 0);
        }
    }

    bool has_dots(const StoredMatrix& matrix) const {
        return isa_.dot[static_cast<std::size_t>(matrix.type)] != nullptr && !matrix.scales;
    }
    bool is_dotted(const StoredMatrix& matrix) const {
        return num_rows_ <=
               (has_dots(matrix) ? isa_.most_dot_rows[static_cast<std::size_t>(matrix.type)] : kMostDotRows);
    }

    /// Rows of a chunk: some tens of kilobytes for dots, whole strips for panels, so that small matrices
    /// still make several.
    std::int64_t chunk_rows(const StoredMatrix& matrix) const {
        if (!is_dotted(matrix)) {
            const std::int64_t shared = matrix.rows / (4 * std::int64_t{threads_.num_threads});
            return std::clamp<std::int64_t>(shared / kStripRows * kStripRows, kStripRows, kPanelRows);
        }
        const auto row_bytes = static_cast<std::int64_t>(std::max<std::size_t>(matrix.row_bytes, 1));
        const std::int64_t share = matrix.rows / (8 * std::int64_t{threads_.num_threads});
        const std::int64_t least = (64 << 10) / row_bytes + 1, most = (512 << 10) / row_bytes + 1;
        return (std::clamp(share, least, most) + 15) / 16 * 16;
    }

    void work(const Chunk& chunk) const {
        if (is_dotted(*chunk.task->matrix)) {
            dots(chunk);
        } else {
            panel(chunk);
        }
    }

    void dots(const Chunk& chunk) const {
        const ProductTask& task = *chunk.task;
        for (int m = 0; m < num_rows_; m += kMostDotRows) {
            const int count = std::min(kMostDotRows, num_rows_ - m);
            const float* x = x_ + m * x_stride_;
            float* out = task.out + m * task.out_stride + chunk.begin;
            if (has_dots(*task.matrix)) {
                stored_dots(chunk, x, count, out);
            } else {
                widened_dots(chunk, x, count, out);
            }
            if (task.bias == nullptr) continue;
            for (int i = 0; i < count; ++i) {
                for (int r = 0; r < chunk.count; ++r)
                    out[i * task.out_stride + r] += task.bias[chunk.begin + r];
            }
        }
    }
    void stored_dots(const Chunk& chunk, const float* x, int count, float* out) const {
        const StoredMatrix& matrix = *chunk.task->matrix;
        const DotRows dot = isa_.dot[static_cast<std::size_t>(matrix.type)];
        for (int done = 0; done < chunk.count;) {
            const RowRun run = run_of_rows(matrix, chunk.begin + done, chunk.count - done);
            dot(run.first, run.stride, run.count, static_cast<int>(matrix.cols), x, x_stride_, count,
                out + done, chunk.task->out_stride);
            done += run.count;
        }
    }
    void widened_dots(const Chunk& chunk, const float* x, int count, float* out) const {
        const StoredMatrix& matrix = *chunk.task->matrix;
        const DotRows dot = isa_.dot[static_cast<std::size_t>(StoredType::F32)];
        const int cols = static_cast<int>(matrix.cols);
        constexpr int kRows = 8;
        float* numbers = scratch_floats(0, std::size_t{kRows} * static_cast<std::size_t>(cols));
        for (int done = 0; done < chunk.count; done += kRows) {
            const int rows = std::min(kRows, chunk.count - done);
            widen_part(isa_, matrix, chunk.begin + done, rows, 0, cols, numbers, cols);
            dot(reinterpret_cast<const std::byte*>(numbers), sizeof(float) * static_cast<std::size_t>(cols),
                rows, cols, x, x_stride_, count, out + done, chunk.task->out_stride);
        }
    }

    /// W's rows times panels of tokens, a part of the depth at a time, and the result turned round.
    void panel(const Chunk& chunk) const {
        const StoredMatrix& matrix = *chunk.task->matrix;
        const int cols = static_cast<int>(matrix.cols);
        // float32 is copied as well: rows as far apart as in the file meet in few sets of the first cache.
        float* numbers = scratch_floats(0, std::size_t{kPanelRows} * kPanelDepth);
        for (int first = 0; first < num_rows_; first += kPanelTokens) {
            const int num_panels = (std::min(kPanelTokens, num_rows_ - first) + kPanel - 1) / kPanel;
            const std::int64_t stride = std::int64_t{num_panels} * kPanel + kPanel;  // not a power of two
            float* sums = scratch_floats(1, std::size_t{kPanelRows} * static_cast<std::size_t>(stride));
            for (int k = 0; k < cols; k += kPanelDepth) {
                const int depth = std::min(kPanelDepth, cols - k);
                widen_part(isa_, matrix, chunk.begin, chunk.count, k, depth, numbers, kPanelDepth);
                isa_.kernel->gemm_of_part(numbers, kPanelDepth, chunk.count, depth,
                                          panels_.at(first / kPanel, k), panels_.stride(), num_panels, sums,
                                          stride, k > 0);
            }
            turn_sums(sums, stride, chunk.count, std::min(kPanelTokens, num_rows_ - first),
                      chunk.task->bias == nullptr ? nullptr : chunk.task->bias + chunk.begin,
                      chunk.task->out + first * chunk.task->out_stride + chunk.begin, chunk.task->out_stride);
        }
    }

    const ProductIsa& isa_;
    std::span<const ProductTask> tasks_;
    const float* x_;
    std::int64_t x_stride_;
    int num_rows_;
    const ProductThreads& threads_;
    PackedPanels panels_;
};

}  // namespace

void multiply(const ProductIsa& isa, std::span<const ProductTask> tasks, const float* x,
              std::int64_t x_stride, int num_rows, const ProductThreads& threads) {
    if (tasks.empty() || num_rows <= 0) return;
    Product(isa, tasks, x, x_stride, num_rows, threads).run();
}

void widen_rows(const ProductIsa& isa, const StoredMatrix& matrix, std::int64_t begin, std::int64_t count,
                float* out, std::int64_t out_stride) {
    constexpr std::int64_t kRows = 1 << 20;
    for (std::int64_t done = 0; done < count; done += kRows) {
        const auto rows = static_cast<int>(std::min(kRows, count - done));
        widen_part(isa, matrix, begin + done, rows, 0, static_cast<int>(matrix.cols), out + done * out_stride,
                   out_stride);
    }
}

void gather_rows(const ProductIsa& isa, const StoredMatrix& matrix, std::span<const std::int64_t> rows,
                 float* out, std::int64_t out_stride) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        widen_part(isa, matrix, rows[i], 1, 0, static_cast<int>(matrix.cols),
                   out + static_cast<std::int64_t>(i) * out_stride, out_stride);
    }
}

std::size_t bytes_read(std::span<const ProductTask> tasks) {
    std::size_t bytes = 0;
    for (const ProductTask& task : tasks)
        bytes += task.matrix->size_bytes();
    return bytes;
}

}  // namespace headlight
