// A checkpoint as the rest of the program sees it: a config and a list of tensors whose bytes are mapped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "core/open_request.h"
#include "io/checkpoint/dtype.h"

namespace headlight {

/// Scales of a weight that is stored in eight bits: value = stored * scales[row / rows][col / cols].
struct BlockScales {
    std::int64_t block_rows = 0,
                 block_cols = 0;  // of one scale; the last block of a row or column may be cut
    std::int64_t grid_cols = 0;   // scales in a row of the grid
    std::vector<float> values;    // [grid_rows, grid_cols]
};

struct TensorInfo {
    std::string name;
    DType dtype = DType::Float32;
    std::vector<std::int64_t> shape;  // outermost first; empty for a scalar
    std::size_t file_index = 0;       // into Checkpoint::files()
    std::uint64_t offset_bytes = 0;   // of the first byte in that file
    std::uint64_t length_bytes = 0;
    bool is_transposed = false;  // the bytes hold the transpose of `shape`
    int num_rotary_heads =
        0;            // > 0: rows of each head alternate between its two rotary halves (Llama in GGUF)
    float added = 0;  // to every number as stored (Gemma's norms in GGUF hold 1 + w)
    std::shared_ptr<const std::vector<std::uint32_t>>
        row_order;  // row i of `shape` is stored row row_order[i]
    std::shared_ptr<const BlockScales> scales;
    std::shared_ptr<const std::vector<std::byte>>
        copy;  // set where the file's own bytes are not row after row

    std::int64_t num_elements() const {
        std::int64_t n = 1;
        for (const std::int64_t size : shape)
            n *= size;
        return n;
    }
};

/// True when the bytes are the numbers of `shape`, row after row.
inline bool is_plain(const TensorInfo& tensor) {
    return !is_quantized(tensor.dtype) && !is_float8(tensor.dtype) && !tensor.is_transposed &&
           tensor.num_rotary_heads == 0 && tensor.added == 0 && !tensor.row_order && !tensor.scales;
}

/// Opened checkpoint. Immutable; keeps its files mapped while it lives.
class Checkpoint {
  public:
    std::string path;         // as opened: folder or file
    std::string format;       // registry id, e.g. "safetensors"
    nlohmann::json config;    // config.json; null if there is none
    std::string config_path;  // where config came from
    std::string base_path;    // of an adapter: where its base lies
    std::vector<std::shared_ptr<const MappedFile>> files;
    std::vector<TensorInfo> tensors;                            // sorted by name, names unique
    std::vector<std::pair<std::string, std::string>> metadata;  // of the file's own header
    std::vector<std::string> notes;     // sentences for people: which file was taken, what was left out
    bool is_named = false;              // tensors carry the names of the config's family (name_weights)
    std::vector<std::string> left_out;  // names of tensors of the files that are not in `tensors`, in order
    std::vector<std::pair<std::string, std::string>>
        absent;  // weights that the files name but do not give, in order, each with the reason

    /// Null if there is no tensor of that name.
    const TensorInfo* find(std::string_view name) const;
    /// The tensor's bytes in the mapping; valid while this checkpoint lives.
    std::span<const std::byte> bytes(const TensorInfo& tensor) const;
    /// MappedFile::check_unchanged() of the file that the tensor lies in, or of all files.
    Status check_unchanged(const TensorInfo& tensor) const;
    Status check_unchanged() const;
};

using CheckpointPtr = std::shared_ptr<const Checkpoint>;

struct CheckpointFormat {
    const char* id;
    const char* label;       // "safetensors (Hugging Face)"
    const char* extensions;  // ".safetensors"
    /// Can this reader take the path (a folder or a file)? Never fails, looks at names and few bytes.
    bool (*can_open)(const std::string& path);
    /// Errors: Missing, Corrupt, Unsupported; each with file, and tensor and offset where they are known.
    Result<CheckpointPtr> (*open)(const std::string& path, const std::string& config_path);
};

/// All formats, in probing order.
std::span<const CheckpointFormat* const> checkpoint_formats();

/// Opens a Hugging Face folder (config.json beside weights, single or sharded), one file in it, or a name in
/// the Hugging Face cache (resolve_model_path). `config_path` takes the place of the folder's config.json
/// when not empty. A folder with an adapter opens over its base, as `adapter` says (adapter/open_adapter.h).
/// Maps what it can: time grows with the size only of weights that are packed or adapted.
Result<CheckpointPtr> open_checkpoint(const std::string& name, const std::string& config_path = {},
                                      const AdapterChoice& adapter = {});

}  // namespace headlight
