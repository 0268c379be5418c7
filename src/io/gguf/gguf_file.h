// A GGUF file: typed metadata and tensors, checked against the file's size before anything is believed.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

struct GgufFile {
    std::shared_ptr<const MappedFile> file;
    std::vector<std::shared_ptr<const MappedFile>> parts;  // the other files of a model that comes in parts
    nlohmann::json metadata;                               // key -> number, text, truth or list of numbers
    std::vector<TensorInfo> tensors;                       // shapes outermost first; in the order of the file
    /// The lists of texts of the metadata, a vocabulary's and its merges: they point into `file`.
    std::map<std::string, std::vector<std::string_view>, std::less<>> texts;

    /// Null where the metadata has no such list of texts.
    const std::vector<std::string_view>* find_texts(std::string_view key) const {
        const auto found = texts.find(key);
        return found == texts.end() ? nullptr : &found->second;
    }
};

/// True for a file that begins with the format's mark.
bool looks_like_gguf(const std::string& path);

/// The GGUF files of a folder, sorted, or the file itself; empty if there is none. A model in parts
/// ("name-00002-of-00003.gguf") counts once, by the first part that is there.
std::vector<std::string> gguf_files(const std::string& path);

/// Versions 2 and 3, little-endian. Errors: Corrupt (cut off, lengths that the file cannot hold, overlapping
/// or misplaced tensors), Unsupported (version, element type), each with the byte where it was found.
Result<GgufFile> read_gguf(const std::string& path);

/// The same, and where the file is a part of a model, all its parts: settings of the first, tensors of all,
/// with file_index 0 for `file` and i + 1 for parts[i]. Errors: those of read_gguf for each, Missing (names
/// the part that is not there), Corrupt (parts of different models, or fewer tensors than the first part
/// says).
Result<GgufFile> read_gguf_whole(const std::string& path);

}  // namespace headlight
