#include "publish/page/cell_code.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace headlight {
namespace {

constexpr std::uint8_t kNegative = 0x20;
constexpr int kWideNegative = 0x8000;

/// From here on values get a large code.
double largest_small_value(const CellCode& code) {
    const double edge = (kNumSmallCodes - 0.5) / code.levels;
    return edge * edge;
}

std::span<const float> cells_of_row(const HeadCells& head, std::size_t query) {
    const KeyRange range = head.ranges[query];
    const std::size_t begin = query * static_cast<std::size_t>(head.num_keys);
    return head.values.subspan(begin + static_cast<std::size_t>(range.begin),
                               static_cast<std::size_t>(std::max(0, range.count())));
}

void append_sums(const HeadCells& head, std::vector<std::uint8_t>& out) {
    for (std::size_t query = 0; query < head.ranges.size(); ++query) {
        double sum = 0;
        for (const float value : cells_of_row(head, query))
            sum += value;
        const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(sum));
        for (int shift = 0; shift < 32; shift += 8)
            out.push_back(static_cast<std::uint8_t>(bits >> shift));
    }
}

struct SmallAndLarge {
    std::vector<std::uint8_t> codes, large;
};

void encode_narrow(double share, const CellCode& code, double edge, std::uint8_t sign, SmallAndLarge& out) {
    if (share < edge) {
        const long step = std::lround(std::sqrt(share) * code.levels);
        out.codes.push_back(static_cast<std::uint8_t>(std::min<long>(step, kNumSmallCodes - 1) | sign));
        return;
    }
    const long step =
        std::clamp<long>(std::lround((share - edge) / (1 - edge) * kNumLargeSteps), 0, kNumLargeSteps);
    out.codes.push_back(static_cast<std::uint8_t>((kNumSmallCodes + (step >> 8)) | sign));
    out.large.push_back(static_cast<std::uint8_t>(step & 0xFF));
}

/// What the codes of one row say, and what of it may still be moved so that the row has its sum.
void settle_row(std::span<double> row, std::span<const int> small, double sum, const CellCode& code) {
    const double square = static_cast<double>(code.levels) * code.levels;
    double total = 0, steps = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
        total += row[i];
        steps += small[i];
    }
    if (total == 0 || steps == 0) return;
    const double shift = std::clamp((sum - total) * square / steps, -1.0, 1.0);
    for (std::size_t i = 0; i < row.size(); ++i)
        row[i] += shift * small[i] / square;
}

float sum_of_row(std::span<const std::uint8_t> bytes, std::size_t index) {
    std::uint32_t bits = 0;
    for (std::size_t byte = 0; byte < 4; ++byte)
        bits |= std::uint32_t{bytes[4 * index + byte]} << (8 * byte);
    return std::bit_cast<float>(bits);
}

}  // namespace

std::size_t num_cells(std::span<const KeyRange> ranges) {
    std::size_t count = 0;
    for (const KeyRange range : ranges)
        count += static_cast<std::size_t>(std::max(0, range.count()));
    return count;
}

std::vector<std::uint8_t> encode_cells(const HeadCells& head, const CellCode& code) {
    std::vector<std::uint8_t> out;
    if (code.sums == RowSums::Stored) append_sums(head, out);
    SmallAndLarge parts;
    parts.codes.reserve(num_cells(head.ranges));
    const double edge = largest_small_value(code);
    for (std::size_t query = 0; query < head.ranges.size(); ++query) {
        for (const float value : cells_of_row(head, query)) {
            const bool is_negative = code.is_signed && value < 0;
            const double share = std::min(1.0, std::abs(static_cast<double>(value)) / head.scale);
            if (!code.is_wide) {
                encode_narrow(share, code, edge, is_negative ? kNegative : std::uint8_t{0}, parts);
                continue;
            }
            const long step = std::lround(std::sqrt(share) * kWideLevels) | (is_negative ? kWideNegative : 0);
            parts.codes.push_back(static_cast<std::uint8_t>(step >> 8));
            parts.large.push_back(static_cast<std::uint8_t>(step & 0xFF));
        }
    }
    out.insert(out.end(), parts.codes.begin(), parts.codes.end());
    out.insert(out.end(), parts.large.begin(), parts.large.end());
    return out;
}

std::vector<double> decode_cells(std::span<const std::uint8_t> bytes, std::span<const KeyRange> ranges,
                                 int num_keys, double scale, const CellCode& code) {
    std::vector<double> out(ranges.size() * static_cast<std::size_t>(num_keys));
    const auto sums = bytes;
    if (code.sums == RowSums::Stored) bytes = bytes.subspan(4 * ranges.size());
    const std::size_t count = num_cells(ranges);
    const double edge = largest_small_value(code);
    std::size_t cell = 0, large = count;
    std::vector<int> small;
    for (std::size_t query = 0; query < ranges.size(); ++query) {
        const auto size = static_cast<std::size_t>(std::max(0, ranges[query].count()));
        const auto row = std::span(out).subspan(
            query * static_cast<std::size_t>(num_keys) + static_cast<std::size_t>(ranges[query].begin), size);
        small.assign(size, 0);
        for (std::size_t i = 0; i < size; ++i, ++cell) {
            if (code.is_wide) {
                const int step = bytes[cell] << 8 | bytes[count + cell];
                const double root = static_cast<double>(step & (kWideNegative - 1)) / kWideLevels;
                row[i] = (step & kWideNegative ? -1 : 1) * root * root * scale;
                continue;
            }
            const int step = bytes[cell] & (kNegative - 1);
            double share =
                static_cast<double>(step) * step / (static_cast<double>(code.levels) * code.levels);
            if (step < kNumSmallCodes)
                small[i] = step;
            else
                share =
                    edge + (((step - kNumSmallCodes) << 8) + bytes[large++]) * (1 - edge) / kNumLargeSteps;
            row[i] = (bytes[cell] & kNegative ? -1 : 1) * share * scale;
        }
        if (code.is_wide || code.sums == RowSums::Unknown) continue;
        settle_row(row, small, code.sums == RowSums::Stored ? sum_of_row(sums, query) : 1.0, code);
    }
    return out;
}

void subtract_rows_above(std::span<std::uint8_t> codes, std::span<const KeyRange> ranges) {
    // From the last row up, so that the row above still holds its codes.
    std::size_t end = codes.size();
    for (std::size_t query = ranges.size(); query-- > 1;) {
        const KeyRange range = ranges[query], above = ranges[query - 1];
        const std::size_t begin = end - static_cast<std::size_t>(std::max(0, range.count()));
        const std::size_t begin_above = begin - static_cast<std::size_t>(std::max(0, above.count()));
        for (int key = std::max(range.begin, above.begin); key < std::min(range.end, above.end); ++key) {
            std::uint8_t& code = codes[begin + static_cast<std::size_t>(key - range.begin)];
            code = static_cast<std::uint8_t>(
                code - codes[begin_above + static_cast<std::size_t>(key - above.begin)]);
        }
        end = begin;
    }
}

}  // namespace headlight
