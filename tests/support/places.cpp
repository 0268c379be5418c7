// Where the clone and the build lie: the one object that has to know, so that all others can be shared
// between clones.
#include "support/fixtures.h"

namespace headlight::test {

std::string source_dir() {
    return HEADLIGHT_SOURCE_DIR;
}

std::string binary_dir() {
    return HEADLIGHT_BINARY_DIR;
}

}  // namespace headlight::test
