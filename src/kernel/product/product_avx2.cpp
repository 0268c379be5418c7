// Compiled with -mavx2, -mfma and -mf16c; entered only where the processor has them all.
#include "kernel/product/decode_avx2.h"

namespace headlight {

extern const KernelIsa k_isa_avx2;

namespace {

template <class F>
constexpr void add_avx2_type(ProductIsa& isa, StoredType type, int most_dot_rows) {
    const auto index = static_cast<std::size_t>(type);
    isa.dot[index] = dot<Avx2, F>;
    isa.widen[index] = widen<Avx2, F>;
    isa.most_dot_rows[index] = most_dot_rows;
}

// At 16 rows blocks of 8 take as long as panels (Xeon, 576 x 1536).
constexpr ProductIsa avx2_products() {
    ProductIsa isa;
    isa.kernel = &k_isa_avx2;
    add_avx2_type<avx2::F32>(isa, StoredType::F32, 12);
    add_avx2_type<avx2::Bf16>(isa, StoredType::BF16, 12);
    add_avx2_type<avx2::F16>(isa, StoredType::F16, 12);
    add_avx2_type<avx2::Q8_0>(isa, StoredType::Q8_0, 12);
    add_avx2_type<avx2::Q4_0>(isa, StoredType::Q4_0, 12);
    add_avx2_type<avx2::Q4_1>(isa, StoredType::Q4_1, 12);
    add_avx2_type<avx2::Q5_0>(isa, StoredType::Q5_0, 12);
    add_avx2_type<avx2::Q5_1>(isa, StoredType::Q5_1, 12);
    add_avx2_type<avx2::Iq4Nl>(isa, StoredType::IQ4_NL, 12);
    add_avx2_type<avx2::Mxfp4>(isa, StoredType::MXFP4, 12);
    add_avx2_type<avx2::Q2K>(isa, StoredType::Q2_K, 12);
    add_avx2_type<avx2::Q3K>(isa, StoredType::Q3_K, 12);
    add_avx2_type<avx2::Q4K>(isa, StoredType::Q4_K, 12);
    add_avx2_type<avx2::Q5K>(isa, StoredType::Q5_K, 12);
    add_avx2_type<avx2::Q6K>(isa, StoredType::Q6_K, 12);
    add_avx2_type<avx2::F8E4M3>(isa, StoredType::F8_E4M3, 12);
    add_avx2_type<avx2::F8E5M2>(isa, StoredType::F8_E5M2, 12);
    add_avx2_type<avx2::Fp4>(isa, StoredType::FP4, 12);
    return isa;
}

}  // namespace

extern const ProductIsa k_product_avx2 = avx2_products();

}  // namespace headlight
