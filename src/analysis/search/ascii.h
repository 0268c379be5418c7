// Bytes of the small languages that people type here: rules and expressions about heads.
#pragma once

namespace headlight::ascii {

inline bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace headlight::ascii
