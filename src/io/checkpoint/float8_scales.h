// Weights stored in eight bits with scales beside them, as published checkpoints have them.
#pragma once

#include "base/result.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// Puts the scales ("<weight>_scale_inv" for blocks, "<weight>_scale" for a tensor, rows or groups) into the
/// tensors that they belong to, and takes them and the scales of activations out of the list. Both kinds are
/// multiplied with. Experts in four bits ("<weight>_blocks" and "<weight>_scales", MXFP4 of the OCP) become
/// the weight that they stand for (its dtype stays UInt8: two numbers a byte). What
/// bitsandbytes, GPTQ and AWQ packed is unpacked (packed/unpack_weights.h). A checkpoint whose weights are
/// packed in another way or scaled by something that is not understood is refused by name: a scale is never
/// ignored. Call once, on the whole checkpoint, sorted. Errors: Unsupported,
/// Corrupt (a grid of scales that does not fit its weight).
Status attach_scales(Checkpoint& checkpoint);

}  // namespace headlight
