// Stored numbers as float32: every instruction set of this machine and every type gives the bits that the
// readers of files give.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "io/checkpoint/dtype.h"
#include "kernel/guarded_memory.h"
#include "kernel/product_cases.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// How many of `rows` rows of `bytes` an instruction set widens to other numbers; -1 where it writes beside
/// them.
int differing_numbers(const ProductIsa& isa, StoredType type, const std::vector<std::byte>& bytes, int rows,
                      int begin, int count) {
    const std::vector<float> expected = numbers_of(type, bytes);
    const auto cols = expected.size() / static_cast<std::size_t>(rows);
    const std::int64_t stride = count + 3;
    std::vector<float> out(static_cast<std::size_t>(rows * stride), 77.0f);
    isa.widen[static_cast<int>(type)](bytes.data(), bytes.size() / static_cast<std::size_t>(rows), rows,
                                      begin, count, out.data(), stride);
    int num_different = 0;
    for (int r = 0; r < rows; ++r) {
        const float* row = out.data() + r * stride;
        for (int i = 0; i < count; ++i)
            num_different +=
                is_same_number(
                    row[i],
                    expected[static_cast<std::size_t>(r) * cols + static_cast<std::size_t>(begin + i)])
                    ? 0
                    : 1;
        if (std::count(row + count, row + stride, 77.0f) != stride - count) return -1;
    }
    return num_different;
}

/// Each value that the scale of a block may have is met, and with it the small, the infinite and no numbers.
std::vector<std::byte> blocks_of_all_scales(StoredType type, Random& random) {
    const StoredTypeFacts& facts = facts_of(type);
    const int num_scales = type == StoredType::MXFP4 ? 256 : 1 << 16,
              step = type == StoredType::MXFP4 ? 1 : 37;
    std::vector<std::byte> bytes;
    for (int scale = 0; scale < num_scales; scale += step) {
        std::vector<std::byte> block = any_bytes(type, facts.block, random);
        set_scales(type, block.data(), static_cast<std::uint16_t>(scale));
        bytes.insert(bytes.end(), block.begin(), block.end());
    }
    for (const int scale :
         {0x0000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0x7c01, 0x7e00, 0x8000, 0x8001, 0xfbff, 0xfc00}) {
        std::vector<std::byte> block = any_bytes(type, facts.block, random);
        set_scales(type, block.data(), static_cast<std::uint16_t>(scale));
        bytes.insert(bytes.end(), block.begin(), block.end());
    }
    return bytes;
}

/// All values of a type of up to 16 bits; of float32 those of all upper halves.
std::vector<std::byte> all_plain_values(StoredType type) {
    const StoredTypeFacts& facts = facts_of(type);
    std::vector<std::byte> bytes;
    for (int value = 0; value < (facts.bytes == 1 ? 256 : 1 << 16); ++value) {
        std::uint32_t bits = static_cast<std::uint32_t>(value);
        if (facts.bytes == 4) bits = bits << 16 | (bits * 40503u & 0xffffu);
        for (int b = 0; b < facts.bytes; ++b)
            bytes.push_back(static_cast<std::byte>(bits >> (8 * b)));
    }
    return bytes;
}

}  // namespace

TEST_CASE("widen: the facts of each stored type are those of files") {
    for (const StoredType type : all_stored_types()) {
        const StoredTypeFacts& facts = facts_of(type);
        INFO(facts.name);
        CHECK(facts.type == type);
        CHECK(facts.block >= 1);
        for (int dtype = 0; dtype <= static_cast<int>(DType::UInt64); ++dtype) {
            if (std::strcmp(to_string(static_cast<DType>(dtype)), facts.name) != 0) continue;
            CHECK(block_elements(static_cast<DType>(dtype)) == static_cast<std::size_t>(facts.block));
            CHECK(size_bytes(static_cast<DType>(dtype)) == static_cast<std::size_t>(facts.bytes));
        }
    }
}

TEST_CASE("widen: every value of plain types, every scale of blocks, any bytes") {
    Random random(11);
    for (const StoredType type : all_stored_types()) {
        const int block = facts_of(type).block;
        const auto bytes = block > 2 ? blocks_of_all_scales(type, random) : all_plain_values(type);
        const auto count = static_cast<int>(numbers_of(type, bytes).size());
        const auto any = any_bytes(type, 40 * block, random);
        for (const ProductIsa* isa : product_isas()) {
            INFO(isa->kernel->name << ", " << facts_of(type).name);
            REQUIRE(isa->widen[static_cast<int>(type)] != nullptr);
            CHECK(differing_numbers(*isa, type, bytes, 1, 0, count) == 0);
            CHECK(differing_numbers(*isa, type, any, 1, 0, 40 * block) == 0);
        }
    }
}

TEST_CASE("widen: any part of rows, whatever its length") {
    Random random(12);
    for (const StoredType type : all_stored_types()) {
        const int block = facts_of(type).block;
        const int cols = block > 32 ? 3 * block : (300 / block + 1) * block;
        const auto bytes = any_bytes(type, 5 * cols, random);
        for (const ProductIsa* isa : product_isas()) {
            for (const int begin : {0, block, 2 * block, (cols / block - 1) * block}) {
                for (const int blocks : {1, 2, 3, 7, 8, 15, 16, 31, 33, 64, 100}) {
                    if (begin + blocks * block > cols) continue;
                    INFO(isa->kernel->name << ", " << facts_of(type).name << ", " << begin << " + "
                                           << blocks * block);
                    CHECK(differing_numbers(*isa, type, bytes, 5, begin, blocks * block) == 0);
                }
            }
        }
    }
}

TEST_CASE("widen: rows through the door, in their order, with their scales, misaligned") {
    Random random(13);
    for (const StoredType type : all_stored_types()) {
        const int block = facts_of(type).block;
        const MatrixShape shapes[] = {{7, 2 * block},
                                      {7, 6 * block, 1, 3},
                                      {7, 6 * block, 3, 0, true},
                                      {9, 6 * block, 5, 1, true, 4, 2 * block}};
        for (const MatrixShape& shape : shapes) {
            const MadeMatrix made = make_matrix(type, shape, random);
            const auto cols = static_cast<std::size_t>(shape.cols);
            for (const ProductIsa* isa : product_isas()) {
                INFO(isa->kernel->name << ", " << facts_of(type).name << ", scales " << shape.scale_rows);
                const std::int64_t stride = shape.cols + 2;
                std::vector<float> out(static_cast<std::size_t>(4 * stride), 77.0f);
                widen_rows(*isa, made.matrix, 2, 4, out.data(), stride);
                std::vector<std::int64_t> rows = {5, 0, 5, 6};
                std::vector<float> gathered(out.size(), 77.0f);
                gather_rows(*isa, made.matrix, rows, gathered.data(), stride);
                const StoredMatrix part = narrow_rows(made.matrix, 1, 5);
                std::vector<float> narrowed(out.size(), 77.0f);
                widen_rows(*isa, part, 1, 4, narrowed.data(), stride);
                int num_different = 0;
                for (std::size_t r = 0; r < 4; ++r) {
                    for (std::size_t i = 0; i < static_cast<std::size_t>(stride); ++i) {
                        const std::size_t at = r * static_cast<std::size_t>(stride) + i;
                        const bool is_inside = i < cols;
                        const float expected = is_inside ? made.numbers[(2 + r) * cols + i] : 77.0f;
                        const float gathers =
                            is_inside ? made.numbers[static_cast<std::size_t>(rows[r]) * cols + i] : 77.0f;
                        num_different += is_same_number(out[at], expected) ? 0 : 1;
                        num_different += is_same_number(narrowed[at], expected) ? 0 : 1;
                        num_different += is_same_number(gathered[at], gathers) ? 0 : 1;
                    }
                }
                CHECK(num_different == 0);
            }
        }
    }
}

TEST_CASE("widen: no byte beside the matrix is read, no number beside the result written") {
    Random random(14);
    for (const StoredType type : all_stored_types()) {
        const int block = facts_of(type).block;
        for (const int cols : {block, 3 * block, 37 * block}) {
            const std::vector<std::byte> bytes = weight_bytes(type, 3 * cols, random);
            const std::vector<float> expected = numbers_of(type, bytes);
            for (const auto at : {GuardedMemory::At::FirstByte, GuardedMemory::At::LastByte}) {
                const GuardedMemory memory(bytes, at), out(expected.size() * sizeof(float), at);
                for (const ProductIsa* isa : product_isas()) {
                    INFO(isa->kernel->name << ", " << facts_of(type).name << ", " << cols);
                    isa->widen[static_cast<int>(type)](memory.data(), bytes.size() / 3, 3, 0, cols,
                                                       reinterpret_cast<float*>(out.data()), cols);
                    CHECK(std::memcmp(out.data(), expected.data(), expected.size() * sizeof(float)) == 0);
                }
            }
        }
    }
}
