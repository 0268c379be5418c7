// The one place where JSON is written.
#include "report/json_out.h"

#include "base/atomic_file.h"

namespace headlight {

namespace {

std::string json_text(const Json& json, int indent) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string json_line(const Json& json) {
    return json_text(json, -1);
}

Status write_json(const std::string& path, const Json& json) {
    const std::string text = json_text(json, 1);
    return write_file_atomic(path == "-" ? "/dev/stdout" : path, text);
}

}  // namespace headlight
