// Pickles read as data, never run: tensors, arrays, containers, numbers and strings. A pickle is a program;
// whatever would call into Python, except the few names by which PyTorch and NumPy spell their data, becomes
// an Object: a value with the name of the code, which is never made. Names that nobody has among data, such
// as posix.system, are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headlight {

using PickleId = std::uint32_t;  // index into PickleTree::nodes

enum class PickleKind : std::uint8_t {
    None,
    Bool,
    Int,
    Real,
    Text,
    Bytes,
    Tuple,
    List,
    Dict,
    Global,
    Storage,
    Tensor,
    Array,
    Object
};

struct PickleNode {
    PickleKind kind = PickleKind::None;
    std::int64_t number = 0;  // Bool, Int (a longer Int keeps its little-endian bytes in `text`)
    double real = 0;          // Real
    std::string text;  // Text, Bytes; Global: "torch.FloatStorage"; Object: the class or function. Of Bytes
                       // and Objects `number` is their place in the file
    std::vector<PickleId> items;  // Tuple, List; Dict, and Object as far as it says: key, value, key, value
                                  // ...; Storage: the persistent id's parts, or the bytes that hold it;
                                  // Tensor: storage, offset, size, stride, and the dtype where it is spelled;
                                  // Array (of NumPy): shape, element type ("<f4"), is_fortran, bytes
};

/// All values of one pickle. Nodes may name each other in circles: whoever walks them bounds the depth.
struct PickleTree {
    std::vector<PickleNode> nodes;
    PickleId root = 0;
    std::size_t length_bytes = 0;  // of the pickle, where more follows it

    const PickleNode& operator[](PickleId id) const { return nodes[id]; }
    /// Value of a text key of a Dict, or of an attribute of an Object; null if it has none.
    const PickleNode* find(const PickleNode& dict, std::string_view key) const;
};

/// A pickle that has more values than this is refused: a state dict of a large model has some ten thousand.
inline constexpr std::size_t kMostPickleNodes = 1'000'000;
/// The same for the entries of all lists and dicts together: a call may repeat a long list that stands once
/// in the file.
inline constexpr std::size_t kMostPickleItems = 8'000'000;

/// Reads one pickle from the beginning of `bytes`. `offset_bytes`: where they lie in `file`, for errors.
/// Errors: Corrupt (cut off, unknown instruction, stack), Unsupported (all of it is code, or some of
/// it runs programs: which, and at which byte).
Result<PickleTree> read_pickle(std::span<const std::byte> bytes, const std::string& file,
                               std::uint64_t offset_bytes);

/// What is said of a value that code would have to make.
Error pickled_code(const PickleNode& object, const std::string& file);

}  // namespace headlight
