// The phases of a start, as they are written.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/measure/start_log.h"
#include "support/fixtures.h"

using namespace headlight;

TEST_CASE("start log: each phase once, in the order of their ends, with both times") {
    const std::string path = test::fresh_dir("start_log") + "/log";
    ::setenv("HEADLIGHT_START_LOG", path.c_str(), 1);
    note_start("first");  // reads the variable, once in a process
    ::unsetenv("HEADLIGHT_START_LOG");
    note_start("second");
    note_start("first");
    std::ifstream file(path);
    std::string line;
    REQUIRE(std::getline(file, line));
    CHECK(line == "ms\tprocessor_ms\tphase");
    std::vector<std::string> phases;
    double before = 0;
    while (std::getline(file, line)) {
        std::istringstream row(line);
        double ms = -1, processor_ms = -1;
        std::string phase;
        REQUIRE((row >> ms >> processor_ms >> phase));
        CHECK(ms >= before);
        CHECK(processor_ms >= 0);
        before = ms;
        phases.push_back(phase);
    }
    CHECK(phases == std::vector<std::string>{"first", "second"});
}
