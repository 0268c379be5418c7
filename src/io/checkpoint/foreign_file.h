// What a path is that no reader takes, in words that help.
#pragma once

#include <string>

#include "base/result.h"

namespace headlight {

/// The error for a folder or file that no format can open. Unsupported when it holds weights of a kind that
/// is recognised by its first bytes or name (never opened further, so no code in it can run), else Missing.
Error describe_foreign_path(const std::string& path);

}  // namespace headlight
