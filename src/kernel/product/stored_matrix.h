// A weight matrix as its file has it: the bytes, and what they mean. Nothing is widened until a product asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace headlight {

/// Number types that matrices are stored in. Blocks are GGUF's but for FP4 (two e2m1 numbers a byte, the low
/// half first, with scales beside).
enum class StoredType : std::uint8_t {
    F32,
    BF16,
    F16,
    Q8_0,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    IQ4_NL,
    MXFP4,
    Q2_K,
    Q3_K,
    Q4_K,
    Q5_K,
    Q6_K,
    F8_E4M3,
    F8_E5M2,
    FP4
};
inline constexpr int kNumStoredTypes = static_cast<int>(StoredType::FP4) + 1;

struct StoredTypeFacts {
    StoredType type;
    const char* name;  // "Q4_K"
    int block;         // numbers that have scales in common; 1 for plain types
    int bytes;         // of a block (of two numbers for FP4, whose block is 2)
};
const StoredTypeFacts& facts_of(StoredType type);

/// Factors beside the numbers: value = number * values[(first_row + row) / block_rows * grid_cols + col /
/// block_cols], rows as they are stored.
struct StoredScales {
    std::int64_t block_rows = 1, block_cols = 1;
    std::int64_t grid_cols = 0;
    std::int64_t first_row = 0;  // of the matrix within what the scales cover
    std::shared_ptr<const std::vector<float>> values;
};

/// [rows, cols]. The bytes stay where they are, usually in a mapped file, which `owner` keeps.
struct StoredMatrix {
    StoredType type = StoredType::F32;
    const std::byte* data = nullptr;  // of stored row 0; aligned to nothing
    std::int64_t rows = 0, cols = 0;  // cols: a multiple of the type's block
    std::size_t row_bytes = 0;        // from one stored row to the next
    /// Row i is stored row row_order[i]; null: row i.
    std::shared_ptr<const std::vector<std::uint32_t>> row_order;
    std::shared_ptr<const StoredScales> scales;  // null: none
    std::shared_ptr<const void> owner;

    std::int64_t stored_row(std::int64_t row) const {
        return row_order ? (*row_order)[static_cast<std::size_t>(row)] : row;
    }
    const std::byte* row(std::int64_t index) const {
        return data + static_cast<std::size_t>(stored_row(index)) * row_bytes;
    }
    std::size_t size_bytes() const { return static_cast<std::size_t>(rows) * row_bytes; }
};

/// Rows [begin, begin + count) alone. The bytes are shared.
StoredMatrix narrow_rows(const StoredMatrix& matrix, std::int64_t begin, std::int64_t count);

}  // namespace headlight
