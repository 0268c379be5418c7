// Attention as generate() of the reference library returns it: a tuple of steps, each a tuple of layers.
#pragma once

#include "io/attention/dump_contents.h"

namespace headlight {

/// Puts arrays "x.{step}.{layer}" of one sequence together, to one array "x.{layer}" [heads, queries, keys] a
/// layer: the first step's rows ([1, H, n, n], or [1, H, n, m] over another text), and one row for each later
/// step ([1, H, 1, n + 1] ...), zero at the keys that came later. Arrays of another form stay; says in
/// `notes` what it did. Errors: Unsupported (steps of several sequences or beams), those of reading a tensor.
Status join_generated_steps(DumpContents& contents);

}  // namespace headlight
