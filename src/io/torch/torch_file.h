// A file of torch.save, in the zip form or the older stream of pickles, or one pickle of Python's own: its
// values, and where its tensors' numbers lie.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/mapped_file.h"
#include "io/checkpoint/checkpoint.h"
#include "io/torch/pickle.h"

namespace headlight {

/// Numbers that one or several tensors look at.
struct TorchStorage {
    DType dtype = DType::Float32;
    std::uint64_t offset_bytes = 0;  // in the file
    std::uint64_t length_bytes = 0;
};

struct TorchFile {
    std::shared_ptr<const MappedFile> file;
    PickleTree tree;
    std::map<std::string, TorchStorage> storages;  // by the key that the pickle gives them
};

/// True for the first bytes of either form.
bool looks_like_torch_file(const std::string& path);

/// Reads the values and finds every storage; checks its place and, in the zip form, its checksum. Errors:
/// Corrupt, Unsupported (code in the pickle, a TorchScript program, big-endian numbers).
Result<TorchFile> read_torch_file(const std::string& path);

/// The values alone: no storage is looked for, so that the time does not grow with the file. Errors: as
/// above.
Result<TorchFile> peek_torch_file(const std::string& path);

/// True for the zip archive of a TorchScript program (torch.jit.save). Reads its directory only.
bool is_torchscript(const std::string& path);

/// The tensor of a node of kind Tensor or Array, placed in file `file_index`. One that does not lie in rows
/// one after the other is copied. Errors: Corrupt (outside its storage, negative sizes), Unsupported (element
/// type).
Result<TensorInfo> torch_tensor(const TorchFile& torch, const PickleNode& node, const std::string& name,
                                std::size_t file_index);

}  // namespace headlight
