#include "kernel/kernel_isa.h"

#include <cctype>
#include <cstdlib>
#include <string>
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

bool is_asked_for(const char* isa_name) {
    const char* asked = std::getenv("HEADLIGHT_ISA");
    std::string name;
    for (const char* c = isa_name; *c != 0; ++c) {
        if (*c != '-') name += static_cast<char>(std::tolower(static_cast<unsigned char>(*c)));
    }
    return asked != nullptr && name == asked;
}

const KernelIsa& kernel_isa() {
    static const KernelIsa* chosen = [] {
        for (const KernelIsa* isa : kernel_isas()) {
            if (is_asked_for(isa->name)) return isa;
        }
        return kernel_isas().front();
    }();
    return *chosen;
}

}  // namespace headlight
