#include "cli/json_out.h"

#include <cstdio>

#include "base/atomic_file.h"

namespace headlight {

Status write_json(const std::string& path, const Json& json, int indent) {
    const std::string text = json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
    // /dev/stdout would be another place in the file that standard output goes to.
    if (path != "-" && path != "/dev/stdout") return write_file_atomic(path, text);
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
    return fail(ErrorKind::Internal, "cannot write the JSON to standard output");
}

}  // namespace headlight
