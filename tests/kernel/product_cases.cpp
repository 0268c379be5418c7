#include "kernel/product_cases.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <numeric>
#include <thread>

namespace headlight::test {
namespace {

/// Scales beside the numbers, of a larger matrix of which this one is the part from row 3 on.
std::shared_ptr<const StoredScales> make_scales(const MatrixShape& shape, Random& random) {
    StoredScales scales;
    scales.block_rows = shape.scale_rows;
    scales.block_cols = shape.scale_cols;
    scales.grid_cols = (shape.cols + shape.scale_cols - 1) / shape.scale_cols;
    scales.first_row = 3;
    const std::int64_t grid_rows = (shape.rows + 3 + shape.scale_rows - 1) / shape.scale_rows;
    scales.values = std::make_shared<std::vector<float>>(
        normal_numbers(static_cast<std::size_t>(grid_rows * scales.grid_cols), random));
    return std::make_shared<StoredScales>(std::move(scales));
}

}  // namespace

MadeMatrix make_matrix(StoredType type, const MatrixShape& shape, Random& random) {
    MadeMatrix made;
    StoredMatrix& matrix = made.matrix;
    matrix.type = type;
    matrix.rows = shape.rows;
    matrix.cols = shape.cols;
    const std::size_t row_bytes = stored_bytes(type, shape.cols);
    matrix.row_bytes = row_bytes + static_cast<std::size_t>(shape.gap);
    const auto rows = static_cast<std::size_t>(shape.rows), cols = static_cast<std::size_t>(shape.cols);
    // The last row ends with its own bytes, no gap behind it; what no row holds is all ones.
    const auto lead = static_cast<std::size_t>(shape.lead);
    auto bytes = std::make_shared<std::vector<std::byte>>(lead + (rows - 1) * matrix.row_bytes + row_bytes,
                                                          std::byte{0xff});
    std::vector<float> stored;
    for (std::size_t r = 0; r < rows; ++r) {
        const std::vector<std::byte> row = weight_bytes(type, shape.cols, random);
        std::memcpy(bytes->data() + lead + r * matrix.row_bytes, row.data(), row.size());
        const std::vector<float> numbers = numbers_of(type, row);
        stored.insert(stored.end(), numbers.begin(), numbers.end());
    }
    matrix.data = bytes->data() + lead;
    matrix.owner = bytes;
    if (shape.scale_rows > 0) {
        matrix.scales = make_scales(shape, random);
        for (std::size_t i = 0; i < stored.size(); ++i) {
            const std::int64_t row = static_cast<std::int64_t>(i / cols) + matrix.scales->first_row;
            const std::int64_t at = row / shape.scale_rows * matrix.scales->grid_cols +
                                    static_cast<std::int64_t>(i % cols) / shape.scale_cols;
            stored[i] *= (*matrix.scales->values)[static_cast<std::size_t>(at)];
        }
    }
    if (shape.is_reordered) {
        auto order = std::make_shared<std::vector<std::uint32_t>>(rows);
        std::iota(order->begin(), order->end(), 0u);
        std::shuffle(order->begin(), order->end(), random);
        matrix.row_order = order;
    }
    for (std::int64_t r = 0; r < shape.rows; ++r) {
        const auto from = stored.begin() + matrix.stored_row(r) * shape.cols;
        made.numbers.insert(made.numbers.end(), from, from + shape.cols);
    }
    return made;
}

std::vector<float> normal_numbers(std::size_t count, Random& random) {
    std::normal_distribution<float> normal;
    std::vector<float> numbers(count);
    for (float& x : numbers)
        x = normal(random);
    return numbers;
}

ExactProduct exact_product(const MadeMatrix& made, const float* bias, const float* x, std::int64_t x_stride,
                           int num_rows) {
    ExactProduct exact;
    for (int m = 0; m < num_rows; ++m) {
        for (std::int64_t r = 0; r < made.matrix.rows; ++r) {
            const float* w = made.numbers.data() + r * made.matrix.cols;
            double sum = bias != nullptr ? bias[r] : 0.0, squares = sum * sum;
            for (std::int64_t k = 0; k < made.matrix.cols; ++k) {
                const double part = static_cast<double>(w[k]) * x[m * x_stride + k];
                sum += part;
                squares += part * part;
            }
            exact.values.push_back(sum);
            exact.sizes.push_back(std::sqrt(squares));
        }
    }
    return exact;
}

double product_error(const ExactProduct& exact, std::int64_t cols, const float* out, std::int64_t out_stride,
                     int num_rows) {
    double worst = 0;
    for (int m = 0; m < num_rows; ++m) {
        for (std::int64_t c = 0; c < cols; ++c) {
            const auto i = static_cast<std::size_t>(m * cols + c);
            const double difference = std::abs(out[m * out_stride + c] - exact.values[i]);
            if (difference == 0) continue;
            const double error = difference / exact.sizes[i];
            worst = std::isnan(error) ? 1e30 : std::max(worst, error);
        }
    }
    return worst;
}

ProductThreads test_threads(int num_threads) {
    ProductThreads threads;
    threads.num_threads = num_threads;
    threads.run = [num_threads](int count, const std::function<void(int, int)>& body) {
        std::atomic<int> next = 0;
        const auto work = [&](int thread) {
            for (int i = next++; i < count; i = next++)
                body(i, thread);
        };
        std::vector<std::thread> others;
        for (int t = 1; t < num_threads; ++t)
            others.emplace_back(work, t);
        work(0);
        for (std::thread& other : others)
            other.join();
    };
    return threads;
}

}  // namespace headlight::test
