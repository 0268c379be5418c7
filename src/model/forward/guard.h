// The wall between LibTorch and the program: nothing that it throws goes further than this.
#pragma once

#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <string>

#include "base/result.h"

namespace headlight {

/// Calls body() and turns exceptions into errors. `what` names the work: "running the model".
template <class Body>
auto guarded(const char* what, const Body& body) -> decltype(body()) {
    try {
        return body();
    } catch (const std::bad_alloc&) {
        return fail(ErrorKind::OutOfMemory, "{} needs more memory than there is", what);
    } catch (const c10::Error& error) {
        const std::string words = error.what_without_backtrace();
        if (words.find("allocate memory") != std::string::npos) {
            return fail(ErrorKind::OutOfMemory, "{} needs more memory than there is", what);
        }
        return fail(ErrorKind::Internal, "{} failed in LibTorch: {}", what, words);
    } catch (const std::exception& error) {
        return fail(ErrorKind::Internal, "{} failed: {}", what, error.what());
    }
}

}  // namespace headlight
