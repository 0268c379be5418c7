#include "fuzz/fuzz_target.h"

namespace headlight::fuzz {

std::string fault_of(const FuzzTarget& target, const Status& status) {
    if (status) return {};
    const Error& error = status.error();
    if (error.message.empty()) return "the error has no text";
    if (error.kind == ErrorKind::Internal) return "an internal error: " + error.message;
    const bool names_it = error.file.find(target.file_name) != std::string::npos ||
                          error.message.find(target.file_name) != std::string::npos;
    return names_it ? std::string() : "the error does not name the file: " + error.to_string();
}

}  // namespace headlight::fuzz
