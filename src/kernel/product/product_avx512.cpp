// Compiled with -mavx512f,bw,dq,vl and -mf16c; entered only where the processor has them all.
#include "kernel/product/decode_avx512.h"

namespace headlight {

extern const KernelIsa k_isa_avx512;

namespace {

template <class F>
constexpr void add_avx512_type(ProductIsa& isa, StoredType type, int most_dot_rows) {
    const auto index = static_cast<std::size_t>(type);
    isa.dot[index] = dot<Avx512, F>;
    isa.widen[index] = widen<Avx512, F>;
    isa.most_dot_rows[index] = most_dot_rows;
}

// Up to 24 rows of plain types, 12 of others: from there blocks of 8 take as long as panels (Xeon, 576 x
// 1536).
constexpr ProductIsa avx512_products() {
    ProductIsa isa;
    isa.kernel = &k_isa_avx512;
    add_avx512_type<avx512::F32>(isa, StoredType::F32, 24);
    add_avx512_type<avx512::Bf16>(isa, StoredType::BF16, 24);
    add_avx512_type<avx512::F16>(isa, StoredType::F16, 24);
    add_avx512_type<avx512::Q8_0>(isa, StoredType::Q8_0, 12);
    add_avx512_type<avx512::Q4_0>(isa, StoredType::Q4_0, 12);
    add_avx512_type<avx512::Q4_1>(isa, StoredType::Q4_1, 12);
    add_avx512_type<avx512::Q5_0>(isa, StoredType::Q5_0, 12);
    add_avx512_type<avx512::Q5_1>(isa, StoredType::Q5_1, 12);
    add_avx512_type<avx512::Iq4Nl>(isa, StoredType::IQ4_NL, 12);
    add_avx512_type<avx512::Mxfp4>(isa, StoredType::MXFP4, 12);
    add_avx512_type<avx512::Q2K>(isa, StoredType::Q2_K, 12);
    add_avx512_type<avx512::Q3K>(isa, StoredType::Q3_K, 12);
    add_avx512_type<avx512::Q4K>(isa, StoredType::Q4_K, 12);
    add_avx512_type<avx512::Q5K>(isa, StoredType::Q5_K, 12);
    add_avx512_type<avx512::Q6K>(isa, StoredType::Q6_K, 12);
    add_avx512_type<avx512::F8E4M3>(isa, StoredType::F8_E4M3, 12);
    add_avx512_type<avx512::F8E5M2>(isa, StoredType::F8_E5M2, 12);
    add_avx512_type<avx512::Fp4>(isa, StoredType::FP4, 12);
    return isa;
}

}  // namespace

extern const ProductIsa k_product_avx512 = avx512_products();

}  // namespace headlight
