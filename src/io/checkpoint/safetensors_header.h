// The header of a safetensors file: 8 bytes with the length (little-endian), JSON, then the tensors' bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// As the format's own library: a longer header is refused.
inline constexpr std::uint64_t kMaxSafetensorsHeaderBytes = 100'000'000;

struct SafetensorsHeader {
    std::vector<TensorInfo> tensors;  // in the order of their bytes; offsets count from the start of the file
    std::vector<std::pair<std::string, std::string>> metadata;
};

/// "F32", "BF16" ...
const char* safetensors_dtype_name(DType dtype);
std::optional<DType> safetensors_dtype(std::string_view name);

/// Reads and checks the whole header; touches none of the tensors' bytes. The data must be covered from first
/// to last byte, without holes or overlaps, as the format demands. Errors: Corrupt, Unsupported (an element
/// type that this program has no use for); each with file, and tensor and offset where they are known.
Result<SafetensorsHeader> read_safetensors_header(const MappedFile& file, std::size_t file_index = 0);

/// Cheap look at the first bytes: a plausible length followed by '{'.
bool looks_like_safetensors(const std::string& path);

}  // namespace headlight
