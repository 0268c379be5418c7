// Where exceptions end: what a library throws, or a full memory, becomes an error of the work it stopped.
#pragma once

#include <exception>
#include <new>
#include <string>

#include "base/result.h"

namespace headlight {

/// What is being done, for the errors.
struct GuardedWork {
    const char* what;         // begins the sentence: "reading the attention"
    std::string file = {};    // it is done to; empty: none
    const char* advice = "";  // when the memory does not suffice: "try a shorter text"
};

inline Error out_of_memory(const GuardedWork& work) {
    return make_error(ErrorKind::OutOfMemory, "{} needs more memory than there is{}{}", work.what,
                      *work.advice == '\0' ? "" : "; ", work.advice)
        .in_file(work.file);
}

/// Calls body(), which returns a Result, and turns what it throws into errors. Errors: body's, OutOfMemory,
/// Internal.
template <class Body>
auto translate_exceptions(const GuardedWork& work, const Body& body) -> decltype(body()) {
    try {
        return body();
    } catch (const std::bad_alloc&) {
        return fail(out_of_memory(work));
    } catch (const std::exception& problem) {
        return fail(
            make_error(ErrorKind::Internal, "{} failed: {}", work.what, problem.what()).in_file(work.file));
    }
}

}  // namespace headlight
