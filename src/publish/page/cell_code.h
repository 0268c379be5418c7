// How a page keeps the cells of a head: few bits each, finer where weights are small, and rows that keep
// their sums. assets/page/decode.js reads the same bytes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/attention_trace.h"

namespace headlight {

/// Codes below kNumSmallCodes stand for (code / levels)^2; the ones above, with a byte behind all codes,
/// divide the rest up to 1 into kNumLargeSteps equal steps. So small weights, of which there are most, take
/// few bits, and large ones are as exact.
inline constexpr int kNumSmallCodes = 16;
inline constexpr int kNumLargeSteps = 4095;
/// Steps of the wide code: value = (code / kWideLevels)^2 in two bytes.
inline constexpr int kWideLevels = 32767;

/// What is known of the sum of a row before its codes are read.
enum class RowSums {
    Unknown,  // lengths and effects: nothing
    One,      // 1, or 0 where a row has no values
    Stored,   // a float in front of the codes: some mass went to a learned sink
};

struct CellCode {
    int levels = 128;      // of the narrow code, kLeastCellLevels to kMostCellLevels
    bool is_wide = false;  // two bytes a cell in place of the narrow code
    bool is_signed = false;
    RowSums sums = RowSums::One;
};
inline constexpr int kLeastCellLevels = 64, kMostCellLevels = 512;

/// One head: all its values, and which keys each query may see; others are 0 and not kept.
struct HeadCells {
    std::span<const float> values;     // [num_queries, num_keys]
    std::span<const KeyRange> ranges;  // [num_queries]
    int num_keys = 0;
    double scale = 1;  // of the largest value; 1 for weights
};

/// Codes row by row over `ranges`: for each cell a byte (bit 5: negative), then a byte for each large one; of
/// the wide code all upper bytes (top bit: negative), then all lower ones. In front of them with
/// RowSums::Stored the sums, float32.
std::vector<std::uint8_t> encode_cells(const HeadCells& head, const CellCode& code);

/// What comes back, [num_queries, num_keys] in double. `bytes` as encode_cells() gave them, for the same
/// ranges. A row whose sum is known gets what its codes miss or have too much, each small cell in proportion
/// to its own uncertainty and by no more than that: at most 2 (k - 1 + 1/8) / levels^2 of an error, k =
/// kNumSmallCodes.
std::vector<double> decode_cells(std::span<const std::uint8_t> bytes, std::span<const KeyRange> ranges,
                                 int num_keys, double scale, const CellCode& code);

/// The codes with those of the row above subtracted (0 where it does not see the key), modulo 256: often
/// shorter when deflated. Only the codes of the narrow code, one a cell; `bytes` are changed in place.
void subtract_rows_above(std::span<std::uint8_t> codes, std::span<const KeyRange> ranges);

/// Number of cells of all rows.
std::size_t num_cells(std::span<const KeyRange> ranges);

}  // namespace headlight
