// Where test inputs lie. The shared fixtures are beside the clone and may be absent: tests that need them
// call HEADLIGHT_NEEDS_SHARED(path) first, which says so and returns.
#pragma once

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace headlight::test {

inline std::vector<std::string>& skipped_cases() {
    static std::vector<std::string> cases;
    return cases;
}
inline int& num_checked_cases() {
    static int count = 0;
    return count;
}

/// Root of the clone.
std::string source_dir();
/// Folder of the build: the program, its engine, and what tests write.
std::string binary_dir();
/// Small fixtures of the project's own (made again by tests/fixtures/make_fixtures.py).
inline std::string own_fixture(const std::string& relative) {
    return source_dir() + "/tests/fixtures/" + relative;
}
/// Fixtures beside the clone: $HEADLIGHT_FIXTURES or ../shared/fixtures.
inline std::string shared_fixture(const std::string& relative) {
    const char* given = std::getenv("HEADLIGHT_FIXTURES");
    return (given != nullptr ? std::string(given) : source_dir() + "/../shared/fixtures") + "/" + relative;
}

/// A folder of this test's own under the build folder, emptied. Each test program has its own: they run side
/// by side.
inline std::string fresh_dir(const std::string& name) {
    const std::string path = binary_dir() + "/test_output/" + program_invocation_short_name + "/" + name;
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
    return path;
}

}  // namespace headlight::test

/// First statement of a test case that needs a file which may be absent.
#define HEADLIGHT_NEEDS(path)                                                             \
    do {                                                                                  \
        if (!std::filesystem::exists(path)) {                                             \
            headlight::test::skipped_cases().push_back(std::string("absent: ") + (path)); \
            MESSAGE("SKIPPED, absent: " << (path));                                       \
            return;                                                                       \
        }                                                                                 \
        ++headlight::test::num_checked_cases();                                           \
    } while (false)
