// When a character came into Unicode: the reference's tables are those of several versions.
#pragma once

#include <unicode/uchar.h>

namespace headlight {

/// Is the character in Unicode `major` already?
inline bool is_assigned_by(char32_t c, int major) {
    if (c < 0x80) return true;
    UVersionInfo version = {};
    u_charAge(static_cast<UChar32>(c), version);
    return version[0] != 0 && version[0] <= major;
}

}  // namespace headlight
