#include "base/result.h"

namespace headlight {

const char* to_string(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::NotThisFormat:
            return "not this format";
        case ErrorKind::Corrupt:
            return "corrupt";
        case ErrorKind::Unsupported:
            return "unsupported";
        case ErrorKind::Missing:
            return "missing";
        case ErrorKind::InvalidInput:
            return "invalid input";
        case ErrorKind::OutOfMemory:
            return "out of memory";
        case ErrorKind::Cancelled:
            return "cancelled";
        case ErrorKind::Internal:
            return "internal";
    }
    return "unknown";
}

std::string Error::to_string() const {
    std::string text = message;
    if (!file.empty()) text += "\n  file: " + file;
    if (!tensor.empty()) text += "\n  tensor: " + tensor;
    if (offset) text += fmt::format("\n  offset: {}", *offset);
    return text;
}

}  // namespace headlight
