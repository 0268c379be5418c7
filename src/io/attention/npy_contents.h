// Puts an array of NumPy among the contents of a dump.
#pragma once

#include <string>

#include "io/attention/dump_contents.h"
#include "io/attention/npy_array.h"

namespace headlight {

/// Texts become a list (a 0-dimensional one a single text), numbers an array. One that cannot be read
/// (objects, an element type that is of no use here) is left out and noted; broken ones are errors.
Status add_npy(Result<NpyArray> array, const std::string& name, DumpContents& contents);

}  // namespace headlight
