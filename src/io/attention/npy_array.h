// One array of NumPy (.npy, and the members of .npz): numbers, or texts.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "io/checkpoint/checkpoint.h"

namespace headlight {

struct NpyArray {
    TensorInfo
        tensor;  // shape; for numbers also where they lie (from the first byte of the array), or a copy
    bool is_text = false;
    std::vector<std::string> texts;  // of text arrays, row after row
};

/// Reads the header of `bytes` (the whole array) and checks that the data are there. Big-endian and
/// Fortran-ordered numbers are put in order in a copy. An array of Python objects is read if it holds nothing
/// but texts; its pickle is never run. `offset_bytes`: where the array begins in `file`, for errors. Errors:
/// Corrupt, Unsupported (element type, objects), each with the array's name.
Result<NpyArray> read_npy(std::span<const std::byte> bytes, const std::string& name, const std::string& file,
                          std::uint64_t offset_bytes);

/// True for bytes that begin as such an array does.
bool looks_like_npy(std::span<const std::byte> bytes);

}  // namespace headlight
