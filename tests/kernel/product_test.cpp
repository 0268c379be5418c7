// Products with stored matrices: every instruction set of this machine and every type against double
// precision.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernel/guarded_memory.h"
#include "kernel/product_cases.h"

using namespace headlight;
using namespace headlight::test;

namespace {

// Largest errors, in units of the root of the sum of the squared parts.
constexpr double kDotBound = 1.5e-6, kPanelBound = 4e-6;

double bound_of(const ProductIsa& isa, const StoredMatrix& matrix, int num_rows) {
    const auto index = static_cast<std::size_t>(matrix.type);
    const int most = isa.dot[index] != nullptr && !matrix.scales ? isa.most_dot_rows[index] : 8;
    return num_rows <= most ? kDotBound : kPanelBound;
}

/// What multiply writes: [num_rows, stride], 77 where nothing was written.
std::vector<float> product_of(const ProductIsa& isa, const MadeMatrix& made, const float* bias,
                              const std::vector<float>& x, std::int64_t x_stride, int num_rows,
                              std::int64_t stride, int num_threads) {
    std::vector<float> out(static_cast<std::size_t>(num_rows * stride), 77.0f);
    const ProductTask task{&made.matrix, bias, out.data(), stride};
    multiply(isa, {&task, 1}, x.data(), x_stride, num_rows, test_threads(num_threads));
    return out;
}

/// Whether what lies between the rows of `out` is still as it was.
bool is_clean_between(const std::vector<float>& out, std::int64_t stride, std::int64_t cols) {
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (static_cast<std::int64_t>(i) % stride >= cols && out[i] != 77.0f) return false;
    }
    return true;
}

void check_products(StoredType type, const MatrixShape& shape, const std::vector<int>& row_counts,
                    bool has_bias) {
    Random random(static_cast<unsigned>(shape.cols * 31 + shape.rows));
    const MadeMatrix made = make_matrix(type, shape, random);
    const int most = *std::max_element(row_counts.begin(), row_counts.end());
    const std::int64_t x_stride = shape.cols + 5, out_stride = shape.rows + 3;
    const std::vector<float> x = normal_numbers(static_cast<std::size_t>(most * x_stride), random);
    const std::vector<float> bias = normal_numbers(static_cast<std::size_t>(shape.rows), random);
    const float* added = has_bias ? bias.data() : nullptr;
    const ExactProduct exact = exact_product(made, added, x.data(), x_stride, most);
    for (const ProductIsa* isa : product_isas()) {
        for (const int num_rows : row_counts) {
            INFO(label_of(*isa, type)
                 << ", " << shape.rows << " x " << shape.cols << ", " << num_rows << " rows of x");
            const auto out = product_of(*isa, made, added, x, x_stride, num_rows, out_stride, 1);
            CHECK(product_error(exact, shape.rows, out.data(), out_stride, num_rows) <=
                  bound_of(*isa, made.matrix, num_rows));
            CHECK(is_clean_between(out, out_stride, shape.rows));
            CHECK(product_of(*isa, made, added, x, x_stride, num_rows, out_stride, 2) == out);
        }
    }
}

const std::vector<int> kRowCounts = {1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 33, 70};

}  // namespace

TEST_CASE("product: every type, few and many rows of x, one block to 14,336 columns") {
    for (const StoredType type : all_stored_types()) {
        const int block = facts_of(type).block;
        check_products(type, {7, block}, kRowCounts, false);
        check_products(type, {101, block > 32 ? 3 * block : 608}, kRowCounts, true);
        check_products(type, {3, 14336, 1}, {1, 2, 8, 9, 17}, false);
    }
}

TEST_CASE("product: columns that fill no step of the loops") {
    for (const StoredType type : all_stored_types()) {
        const int block = facts_of(type).block;
        if (block > 2) continue;
        for (const int blocks : {2, 3, 5, 15, 17, 31, 33, 63, 65, 129, 259, 8193})
            check_products(type, {5, blocks * block}, {1, 3, 8, 16, 19}, true);
    }
}

TEST_CASE("product: rows in another order, between gaps, misaligned, with scales beside the numbers") {
    for (const StoredType type : all_stored_types()) {
        const int block = facts_of(type).block, cols = block > 32 ? 2 * block : 320;
        check_products(type, {1, cols, 1, 0, false}, {1, 9}, true);
        check_products(type, {115, cols, 3, 5, true}, {1, 3, 8, 21}, true);
        check_products(type, {115, cols, 7, 0, true, 4, block > 2 ? block : 32}, {1, 3, 8, 21}, true);
        check_products(type, {40, cols, 0, 0, false, 16, cols}, {1, 33}, false);
    }
}

TEST_CASE("product: matrices of several types share one x and do not touch each other") {
    Random random(21);
    constexpr int kCols = 512, kMost = 33;
    const std::vector<float> x = normal_numbers(std::size_t{kMost} * kCols, random);
    std::vector<MadeMatrix> made;
    std::vector<std::vector<float>> biases;
    for (const StoredType type : all_stored_types()) {
        made.push_back(
            make_matrix(type, {static_cast<std::int64_t>(3 + 40 * (made.size() % 4)), kCols}, random));
        biases.push_back(normal_numbers(static_cast<std::size_t>(made.back().matrix.rows), random));
    }
    std::int64_t stride = 0;  // one row of all results, side by side
    for (const MadeMatrix& one : made)
        stride += one.matrix.rows;
    for (const ProductIsa* isa : product_isas()) {
        for (const int num_rows : {1, 4, 8, 12, kMost}) {
            INFO(std::string(isa->kernel->name) << ", " << num_rows);
            std::vector<float> out(static_cast<std::size_t>(num_rows * stride));
            std::vector<ProductTask> tasks;
            std::size_t bytes = 0;
            float* to = out.data();
            for (std::size_t i = 0; i < made.size(); ++i) {
                tasks.push_back({&made[i].matrix, i % 3 == 0 ? nullptr : biases[i].data(), to, stride});
                to += made[i].matrix.rows;
                bytes += made[i].matrix.size_bytes();
            }
            CHECK(bytes_read(tasks) == bytes);
            multiply(*isa, tasks, x.data(), kCols, num_rows, test_threads(2));
            for (const ProductTask& task : tasks) {
                const auto i = static_cast<std::size_t>(&task - tasks.data());
                const ExactProduct exact = exact_product(made[i], task.bias, x.data(), kCols, num_rows);
                INFO(std::string(facts_of(task.matrix->type).name));
                CHECK(product_error(exact, task.matrix->rows, task.out, stride, num_rows) <= kPanelBound);
            }
        }
    }
}

TEST_CASE("product: a part of the rows gives the bits that the whole gives") {
    Random random(22);
    for (const StoredType type : all_stored_types()) {
        const int block = facts_of(type).block;
        const MadeMatrix made = make_matrix(type, {50, block > 32 ? 2 * block : 256, 2, 0, true}, random);
        const StoredMatrix part = narrow_rows(made.matrix, 11, 20);
        const std::vector<float> x = normal_numbers(static_cast<std::size_t>(40 * part.cols), random);
        for (const ProductIsa* isa : product_isas()) {
            for (const int num_rows : {1, 5, 40}) {
                INFO(label_of(*isa, type) << ", " << num_rows);
                const auto whole = product_of(*isa, made, nullptr, x, part.cols, num_rows, 50, 1);
                const auto some = product_of(*isa, {part, {}}, nullptr, x, part.cols, num_rows, 20, 1);
                bool is_same = true;
                for (int m = 0; m < num_rows; ++m)
                    is_same = is_same && std::equal(some.begin() + m * 20, some.begin() + (m + 1) * 20,
                                                    whole.begin() + m * 50 + 11);
                CHECK(is_same);
            }
        }
    }
}

TEST_CASE("product: infinite and undefined weights show in their rows and nowhere else") {
    Random random(23);
    for (const StoredType type : {StoredType::F32, StoredType::F16, StoredType::Q8_0, StoredType::Q4_K}) {
        const MadeMatrix made = make_matrix(type, {6, 512}, random);
        std::vector<std::byte> bytes(made.matrix.data, made.matrix.data + made.matrix.size_bytes());
        const std::uint16_t nan = 0x7e00;
        std::byte* row = bytes.data() + 2 * made.matrix.row_bytes;
        std::memcpy(row + (type == StoredType::F32 ? 2 : 0), &nan, sizeof nan);
        if (type == StoredType::F32) row[3] = std::byte{0x7f}, row[2] = std::byte{0xc0};
        StoredMatrix broken = made.matrix;
        broken.data = bytes.data();
        const std::vector<float> x = normal_numbers(20 * 512, random);
        for (const ProductIsa* isa : product_isas()) {
            for (const int num_rows : {1, 8, 20}) {
                INFO(label_of(*isa, type) << ", " << num_rows);
                const auto out = product_of(*isa, {broken, {}}, nullptr, x, 512, num_rows, 6, 1);
                int num_right = 0;
                for (std::size_t i = 0; i < out.size(); ++i)
                    num_right += std::isnan(out[i]) == (i % 6 == 2) ? 1 : 0;
                CHECK(num_right == 6 * num_rows);
            }
        }
    }
}

TEST_CASE("product: no byte beside weights, x and bias is read, none beside the result written") {
    Random random(24);
    for (const StoredType type : all_stored_types()) {
        const int block = facts_of(type).block;
        for (const int cols : {block, block > 32 ? 3 * block : 37 * block}) {
            const MadeMatrix made = make_matrix(type, {13, cols}, random);
            for (const auto at : {GuardedMemory::At::FirstByte, GuardedMemory::At::LastByte}) {
                const GuardedMemory weights({made.matrix.data, made.matrix.size_bytes()}, at);
                StoredMatrix matrix = made.matrix;
                matrix.data = weights.data();
                for (const int num_rows : {1, 2, 8, 19}) {
                    const auto numbers = normal_numbers(static_cast<std::size_t>(num_rows * cols), random);
                    const auto biases = normal_numbers(13, random);
                    const GuardedMemory x(std::as_bytes(std::span(numbers)), at),
                        bias(std::as_bytes(std::span(biases)), at);
                    const GuardedMemory out(static_cast<std::size_t>(num_rows * 13) * sizeof(float), at);
                    const ExactProduct exact =
                        exact_product(made, biases.data(), numbers.data(), cols, num_rows);
                    const ProductTask task{&matrix, reinterpret_cast<const float*>(bias.data()),
                                           reinterpret_cast<float*>(out.data()), 13};
                    for (const ProductIsa* isa : product_isas()) {
                        INFO(label_of(*isa, type) << ", " << cols << ", " << num_rows);
                        multiply(*isa, {&task, 1}, reinterpret_cast<const float*>(x.data()), cols, num_rows,
                                 test_threads(1));
                        CHECK(product_error(exact, 13, task.out, 13, num_rows) <=
                              bound_of(*isa, made.matrix, num_rows));
                    }
                }
            }
        }
    }
}
