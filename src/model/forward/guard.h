// The wall between LibTorch and the program: nothing that it throws goes further than this.
#pragma once

#include <c10/util/Exception.h>

#include <string>

#include "base/guard.h"

namespace headlight {

/// As translate_exceptions(), in the words of LibTorch where it throws.
template <class Body>
auto guarded(const GuardedWork& work, const Body& body) -> decltype(body()) {
    return translate_exceptions(work, [&]() -> decltype(body()) {
        try {
            return body();
        } catch (const c10::OutOfMemoryError&) {  // of a device
            return fail(out_of_memory(work));
        } catch (const c10::Error& error) {
            const std::string words = error.what_without_backtrace();
            if (words.find("allocate memory") != std::string::npos) return fail(out_of_memory(work));
            return fail(ErrorKind::Internal, "{} failed in LibTorch: {}", work.what, words);
        }
    });
}

/// `what` names the work: "running the model".
template <class Body>
auto guarded(const char* what, const Body& body) -> decltype(body()) {
    return guarded(GuardedWork{what}, body);
}

}  // namespace headlight
