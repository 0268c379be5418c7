// For any processor: the compiler's own vectors.
#include "kernel/kernel_loops.h"
#include "kernel/vectors_portable.h"

namespace headlight {

extern const KernelIsa k_isa_portable = make_isa<Portable<FourLanes, 2, 1>>("portable");

// The tile shape of AVX-512, never chosen: so that its loops are tested on machines that have only narrower
// vectors.
extern const KernelIsa k_isa_portable_wide = make_isa<Portable<SixteenLanes, 8, 2>>("portable, 16 wide");

}  // namespace headlight
