// One reader of strangers' files as a function of one file. The fuzzer and the replay of its findings both
// call it.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace headlight::fuzz {

struct FuzzTarget {
    const char* name;       // of its folders in corpus/ and regressions/
    const char* file_name;  // what the input is called while it is read: readers look at names
    /// Reads the file and everything that it holds. Refusing is fine, crashing is not.
    Status (*read)(const std::string& path);
};

/// All of targets.def; only in the replay, since a fuzzer is linked with one of them.
std::span<const FuzzTarget* const> fuzz_targets();

/// What is wrong with the way in which a reader refused; empty if nothing is. An error has a text and names
/// its file.
std::string fault_of(const FuzzTarget& target, const Status& status);

}  // namespace headlight::fuzz
