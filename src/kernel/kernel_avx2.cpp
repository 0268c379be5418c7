// Compiled with -mavx2 -mfma; entered only where the processor has both.
#include "kernel/kernel_loops.h"
#include "kernel/vectors_avx2.h"

namespace headlight {

extern const KernelIsa k_isa_avx2 = make_isa<Avx2>("AVX2");

}  // namespace headlight
