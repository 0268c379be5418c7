// Compiled with -mavx512f; entered only where the processor has it.
#include "kernel/kernel_loops.h"
#include "kernel/vectors_avx512.h"

namespace headlight {

extern const KernelIsa k_isa_avx512 = make_isa<Avx512>("AVX-512");

}  // namespace headlight
