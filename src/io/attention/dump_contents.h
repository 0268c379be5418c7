// Named arrays and lists of texts in a file of another program, whatever its format. What they mean is
// decided elsewhere.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "io/checkpoint/checkpoint.h"

namespace headlight {

struct DumpContents {
    Checkpoint
        arrays;  // numbers, sorted by name; `metadata` holds single texts (also of 0-dimensional arrays)
    std::map<std::string, std::vector<std::string>> lists;  // "tokens" -> texts
    std::map<std::string, double> rounding;  // of arrays written as decimals: half a unit of the last one
    std::vector<std::string> notes;          // what could not be read and was left out, for people

    /// Null if there is none of that name.
    const std::string* text(std::string_view name) const;
    const std::vector<std::string>* list(std::string_view name) const;
};

struct DumpFormat {
    const char* id;
    const char* label;       // "NumPy archive"
    const char* extensions;  // ".npz"
    /// By the first bytes and the name; never fails.
    bool (*can_open)(const std::string& path);
    /// Errors: Corrupt, Unsupported, OutOfMemory; each with file and, where it is known, array and offset.
    Result<DumpContents> (*read)(const std::string& path);
    /// The names of the arrays and nothing else, where that is much cheaper than reading; null = read.
    Result<DumpContents> (*peek)(const std::string& path);
};

/// All formats, in probing order.
std::span<const DumpFormat* const> dump_formats();

/// Reads the file by the first format that takes it. Errors: Missing (no file), Unsupported (no format), the
/// format's.
Result<DumpContents> read_dump_contents(const std::string& path);

/// Names and shapes only, where the format allows that; values may be absent.
Result<DumpContents> peek_dump_contents(const std::string& path);

}  // namespace headlight
