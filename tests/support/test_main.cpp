// Entry point of every doctest executable. Exit code 77 tells ctest "skipped": every case that ran asked for
// fixtures that are absent, so nothing was checked.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

#include "support/fixtures.h"

int main(int argc, char** argv) {
    doctest::Context context(argc, argv);
    const int result = context.run();
    if (context.shouldExit()) return result;
    const auto& skipped = headlight::test::skipped_cases();
    for (const std::string& reason : skipped)
        std::printf("SKIPPED: %s\n", reason.c_str());
    if (result == 0 && !skipped.empty() && headlight::test::num_checked_cases() == 0) return 77;
    return result;
}
