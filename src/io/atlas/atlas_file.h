// atlas.json: an atlas as a file. Deterministic: the same atlas gives the same bytes.
#pragma once

#include <string>

#include "base/result.h"
#include "core/atlas.h"

namespace headlight {

/// True for a file that calls itself an atlas (its first kilobytes are read), or a folder that holds
/// atlas.json.
bool is_atlas(const std::string& path);
/// Errors: Missing, Corrupt (naming the key), Unsupported (a newer version). Sizes are bounded by the file.
Result<Atlas> read_atlas(const std::string& path);
/// Written in one step (temporary file, rename).
Status write_atlas(const std::string& path, const Atlas& atlas);

}  // namespace headlight
