// Whose float32 product is faster on this machine, measured once and remembered.
#pragma once

namespace headlight {

/// Is LibTorch's product of `num_rows` rows with a float32 matrix faster than ours? Measured at the first
/// question for each class of lengths (few rows, tens, hundreds) and remembered for this processor and this
/// LibTorch in the user's cache, so that every later run computes in the same way; without a cache that can
/// be written it is measured once a process. HEADLIGHT_PRODUCT=own or torch decides instead.
bool torch_multiplies_faster(int num_rows);

}  // namespace headlight
