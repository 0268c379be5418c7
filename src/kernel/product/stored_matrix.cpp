#include "kernel/product/stored_matrix.h"

#include <array>

namespace headlight {

const StoredTypeFacts& facts_of(StoredType type) {
    static constexpr std::array<StoredTypeFacts, kNumStoredTypes> kFacts = {{
        {StoredType::F32, "F32", 1, 4},
        {StoredType::BF16, "BF16", 1, 2},
        {StoredType::F16, "F16", 1, 2},
        {StoredType::Q8_0, "Q8_0", 32, 34},
        {StoredType::Q4_0, "Q4_0", 32, 18},
        {StoredType::Q4_1, "Q4_1", 32, 20},
        {StoredType::Q5_0, "Q5_0", 32, 22},
        {StoredType::Q5_1, "Q5_1", 32, 24},
        {StoredType::IQ4_NL, "IQ4_NL", 32, 18},
        {StoredType::MXFP4, "MXFP4", 32, 17},
        {StoredType::Q2_K, "Q2_K", 256, 84},
        {StoredType::Q3_K, "Q3_K", 256, 110},
        {StoredType::Q4_K, "Q4_K", 256, 144},
        {StoredType::Q5_K, "Q5_K", 256, 176},
        {StoredType::Q6_K, "Q6_K", 256, 210},
        {StoredType::F8_E4M3, "F8_E4M3", 1, 1},
        {StoredType::F8_E5M2, "F8_E5M2", 1, 1},
        {StoredType::FP4, "FP4", 2, 1},
    }};
    static_assert([] {
        for (std::size_t i = 0; i < kFacts.size(); ++i) {
            if (static_cast<std::size_t>(kFacts[i].type) != i) return false;
        }
        return true;
    }());
    return kFacts[static_cast<std::size_t>(type)];
}

StoredMatrix narrow_rows(const StoredMatrix& matrix, std::int64_t begin, std::int64_t count) {
    StoredMatrix part = matrix;
    part.rows = count;
    if (matrix.row_order) {
        const auto first = matrix.row_order->begin() + begin;
        part.row_order = std::make_shared<const std::vector<std::uint32_t>>(first, first + count);
        return part;
    }
    part.data = matrix.row(begin);
    if (matrix.scales) {
        StoredScales scales = *matrix.scales;
        scales.first_row += begin;
        part.scales = std::make_shared<const StoredScales>(std::move(scales));
    }
    return part;
}

}  // namespace headlight
