#include "kernel/product/product_isa.h"

#include <vector>

namespace headlight {

extern const ProductIsa k_product_portable;
#ifdef HEADLIGHT_KERNEL_X86
extern const ProductIsa k_product_avx2;
extern const ProductIsa k_product_avx512;
#endif

namespace {

std::vector<const ProductIsa*> supported_products() {
    std::vector<const ProductIsa*> list;
#ifdef HEADLIGHT_KERNEL_X86
    __builtin_cpu_init();
    const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool has_f16c = __builtin_cpu_supports("f16c");
    const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                            __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (has_avx512 && has_avx2 && has_f16c) list.push_back(&k_product_avx512);
    if (has_avx2 && has_f16c) list.push_back(&k_product_avx2);
#endif
    list.push_back(&k_product_portable);
    return list;
}

}  // namespace

std::span<const ProductIsa* const> product_isas() {
    static const std::vector<const ProductIsa*> list = supported_products();
    return list;
}

const ProductIsa& product_isa() {
    static const ProductIsa* chosen = [] {
        for (const ProductIsa* isa : product_isas()) {
            if (is_asked_for(isa->kernel->name)) return isa;
        }
        return product_isas().front();
    }();
    return *chosen;
}

}  // namespace headlight
