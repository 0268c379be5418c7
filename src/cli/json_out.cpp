#include "cli/json_out.h"

#include "base/atomic_file.h"

namespace headlight {

Status write_json(const std::string& path, const Json& json, int indent) {
    const std::string text = json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
    return write_file_atomic(path == "-" ? "/dev/stdout" : path, text);
}

}  // namespace headlight
