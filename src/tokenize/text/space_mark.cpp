#include "tokenize/text/space_mark.h"

namespace headlight {

std::string with_spaces(std::string_view piece) {
    std::string out;
    for (std::size_t i = 0; i < piece.size();) {
        const bool is_mark = piece.substr(i).starts_with(kSpaceMark);
        out += is_mark ? ' ' : piece[i];
        i += is_mark ? kSpaceMark.size() : 1;
    }
    return out;
}

}  // namespace headlight
