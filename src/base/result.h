// Result<T>: what a function returns where failure is expected (files, configs, user input, jobs).
// An error is handled exactly once: passed on or shown, never both, never dropped.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace headlight {

/// Kinds are behavioural: what the caller can do about it.
enum class ErrorKind {
    NotThisFormat,  // try the next reader
    Corrupt,        // it is this format, but broken: stop and show
    Unsupported,    // sound, but we cannot do it
    Missing,        // a file, tensor or key that should be there is not
    InvalidInput,   // the user asked for something impossible (bad option, index out of range)
    OutOfMemory,
    Cancelled,  // not an error to the user
    Internal,
};

/// "corrupt", "missing" ... for logs and tests.
const char* to_string(ErrorKind kind);

/// One failure. `message` says what was attempted, what was found, what was expected and what to do.
struct Error {
    ErrorKind kind = ErrorKind::Internal;
    std::string message;
    std::string file;                     // path, empty if none
    std::string tensor;                   // tensor or key, empty if none
    std::optional<std::uint64_t> offset;  // byte offset in `file`
    std::vector<std::string> choices;     // answers of the user that would settle it; empty if there are none

    Error&& in_file(std::string path) && {
        file = std::move(path);
        return std::move(*this);
    }
    Error&& at_tensor(std::string name) && {
        tensor = std::move(name);
        return std::move(*this);
    }
    Error&& at_offset(std::uint64_t byte) && {
        offset = byte;
        return std::move(*this);
    }
    Error&& with_choices(std::vector<std::string> answers) && {
        choices = std::move(answers);
        return std::move(*this);
    }

    /// First line: the message; then one indented line each for file, tensor and offset that are set.
    std::string to_string() const;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

/// An Error from a format string: `return fail(make_error(ErrorKind::Corrupt, "... {}", x).in_file(path));`
template <class... Args>
Error make_error(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
    return Error{kind, fmt::format(format, std::forward<Args>(args)...), {}, {}, {}, {}};
}

/// Wraps an Error for a function that returns Result<anything>.
inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

template <class... Args>
tl::unexpected<Error> fail(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
    return fail(make_error(kind, format, std::forward<Args>(args)...));
}

/// HEADLIGHT_TRY(auto value, expression): value of a Result, or return its error.
#define HEADLIGHT_CONCAT_2(a, b) a##b
#define HEADLIGHT_CONCAT(a, b) HEADLIGHT_CONCAT_2(a, b)
#define HEADLIGHT_TRY_IMPL(temporary, declaration, ...)                     \
    auto temporary = (__VA_ARGS__);                                         \
    if (!temporary) return ::headlight::fail(std::move(temporary).error()); \
    declaration = std::move(*temporary)
#define HEADLIGHT_TRY(declaration, ...) \
    HEADLIGHT_TRY_IMPL(HEADLIGHT_CONCAT(try_result_, __LINE__), declaration, __VA_ARGS__)
/// The same for a Status, which has no value.
#define HEADLIGHT_CHECK(...)                              \
    if (auto check_result = (__VA_ARGS__); !check_result) \
    return ::headlight::fail(std::move(check_result).error())

}  // namespace headlight
