#include "kernel/kernel_isa.h"

#include <vector>

namespace headlight {

extern const KernelIsa k_isa_portable;
#ifdef HEADLIGHT_KERNEL_X86
extern const KernelIsa k_isa_avx2;
extern const KernelIsa k_isa_avx512;
#endif

namespace {

std::vector<const KernelIsa*> supported() {
    std::vector<const KernelIsa*> list;
#ifdef HEADLIGHT_KERNEL_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) list.push_back(&k_isa_avx512);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) list.push_back(&k_isa_avx2);
#endif
    list.push_back(&k_isa_portable);
    return list;
}

}  // namespace

std::span<const KernelIsa* const> kernel_isas() {
    static const std::vector<const KernelIsa*> list = supported();
    return list;
}

const KernelIsa& kernel_isa() {
    return *kernel_isas().front();
}

}  // namespace headlight
