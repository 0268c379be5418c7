// Products with stored matrices for any processor: the compiler's own vectors.
#include "kernel/product/decode_portable.h"
#include "kernel/vectors_portable.h"

namespace headlight {

extern const KernelIsa k_isa_portable;

namespace {

using ProductLanes = Portable<FourLanes, 2, 1>;

// Decoders here write their numbers to memory anyway, so a type needs no dot of its own: that of float32
// reads them there.
template <StoredType Type, int Step, int NumBytes, void (*Widen)(portable::Bytes, portable::Floats)>
constexpr void add_portable_type(ProductIsa& isa) {
    constexpr auto kIndex = static_cast<std::size_t>(Type);
    using Decoder = PortableDecoder<ProductLanes, Step, NumBytes, Widen>;
    if constexpr (Type == StoredType::F32) isa.dot[kIndex] = dot<ProductLanes, Decoder>;
    isa.widen[kIndex] = widen<ProductLanes, Decoder>;
    isa.most_dot_rows[kIndex] = 8;
}

constexpr ProductIsa portable_products() {
    using namespace portable;
    ProductIsa isa;
    isa.kernel = &k_isa_portable;
    add_portable_type<StoredType::F32, kPlainStep, 4 * kPlainStep, f32>(isa);
    add_portable_type<StoredType::BF16, kPlainStep, 2 * kPlainStep, bf16>(isa);
    add_portable_type<StoredType::F16, kPlainStep, 2 * kPlainStep, f16>(isa);
    add_portable_type<StoredType::Q8_0, 32, 34, q8_0>(isa);
    add_portable_type<StoredType::Q4_0, 32, 18, q4_0>(isa);
    add_portable_type<StoredType::Q4_1, 32, 20, q4_1>(isa);
    add_portable_type<StoredType::Q5_0, 32, 22, q5_0>(isa);
    add_portable_type<StoredType::Q5_1, 32, 24, q5_1>(isa);
    add_portable_type<StoredType::IQ4_NL, 32, 18, iq4_nl>(isa);
    add_portable_type<StoredType::MXFP4, 32, 17, mxfp4>(isa);
    add_portable_type<StoredType::Q2_K, 256, 84, q2_k>(isa);
    add_portable_type<StoredType::Q3_K, 256, 110, q3_k>(isa);
    add_portable_type<StoredType::Q4_K, 256, 144, q4_k>(isa);
    add_portable_type<StoredType::Q5_K, 256, 176, q5_k>(isa);
    add_portable_type<StoredType::Q6_K, 256, 210, q6_k>(isa);
    add_portable_type<StoredType::F8_E4M3, kPlainStep, kPlainStep, f8_e4m3>(isa);
    add_portable_type<StoredType::F8_E5M2, kPlainStep, kPlainStep, f8_e5m2>(isa);
    add_portable_type<StoredType::FP4, kPlainStep, kPlainStep / 2, fp4>(isa);
    return isa;
}

}  // namespace

extern const ProductIsa k_product_portable = portable_products();

}  // namespace headlight
