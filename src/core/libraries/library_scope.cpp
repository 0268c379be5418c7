#include "core/libraries/library_scope.h"

#include <dlfcn.h>

namespace headlight {
namespace {

/// The file that the first symbol of this name lies in, as an address; null if there is none.
const void* home_of(const char* symbol) {
    Dl_info info{};
    void* const found = dlsym(RTLD_DEFAULT, symbol);
    return found != nullptr && dladdr(found, &info) != 0 ? info.dli_fbase : nullptr;
}

}  // namespace

int library_scope() {
    constexpr int kUsual = RTLD_NOW | RTLD_LOCAL;
#ifdef RTLD_DEEPBIND
    const void* const system = home_of("getenv");
    if (system != nullptr && system == home_of("malloc") && system == home_of("free"))
        return kUsual | RTLD_DEEPBIND;
#endif
    return kUsual;
}

}  // namespace headlight
