// LibTorch that the user installed with pip: an engine that comes in a Python package brings none of its own.
#pragma once

#include <string>

#include "base/result.h"

namespace headlight {

/// The file beside the engine that says so. Its first line is the version of torch that the engine was built
/// with, its second the folder of that torch, relative to the file: "2.13.0\n../../../torch\n".
inline constexpr const char* kInstalledTorchFile = "installed-torch.txt";

/// Does the C++ interface of `found` fit an engine that was built with `expected`? Versions of one minor
/// release do, whatever processors or GPUs they are for: 2.13.0+cpu and 2.13.1.
bool is_torch_version_fit(const std::string& found, const std::string& expected);

/// Opens the libraries of the installed torch before the engine that lies in `folder` asks for them. Does
/// nothing without the file. Errors: Missing (no torch there), Unsupported (another version), Internal with
/// the loader's words; each says what to install.
Status open_installed_torch(const std::string& folder);

}  // namespace headlight
