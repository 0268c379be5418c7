// What a file of stored attention holds, for people and for programs.
#pragma once

#include <string>

#include "io/attention/attention_dump.h"
#include "report/json_out.h"

namespace headlight {

/// `path` as it was given.
std::string dump_text(const AttentionDump& dump, const std::string& path);
Json dump_json(const AttentionDump& dump, const std::string& path);

}  // namespace headlight
