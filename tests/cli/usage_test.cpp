// What every command owes its user: help, exit codes, one line for an error.
#include <doctest/doctest.h>

#include "cli/run_headlight.h"
#include "lint/source_tree.h"

using namespace headlight;
using test::has;
using test::run_headlight;

TEST_CASE("help names every subcommand, and each has help with an example") {
    const auto all = run_headlight("--help");
    CHECK(all.code == 0);
    CHECK(has(all.out, "Exit codes"));
    const auto names = lint::read_registry("src/cli/subcommands/subcommands.def");
    REQUIRE_FALSE(names.empty());
    for (const std::string& name : names) {
        CHECK_MESSAGE(has(all.out, "  " + name), name);
        const auto help = run_headlight(name + " --help");
        CHECK(help.code == 0);
        CHECK(help.err.empty());
        CHECK_MESSAGE(has(help.out, "headlight " + name), name, " has no example");
    }
}

TEST_CASE("version") {
    const auto version = run_headlight("--version");
    CHECK(version.code == 0);
    CHECK(version.out.rfind("headlight ", 0) == 0);
}

TEST_CASE("wrong use exits with 2 and says so on stderr only") {
    for (const char* arguments :
         {"", "nonsense", "analyze --no-such-option", "analyze --top-k many", "analyze --format gif",
          "analyze --text a --text-file b", "inspect", "train --corpus absent.txt --output-dir d",
          "open --size 12", "open --size 100000x5", "open --theme pink", "bench --threads 0",
          "tokenize --jsonl --wrong"}) {
        const auto outcome = run_headlight(arguments);
        CHECK_MESSAGE(outcome.code == 2, arguments, ": ", outcome.err);
        CHECK_MESSAGE(outcome.out.empty(), arguments);
        CHECK_MESSAGE(outcome.err.rfind("error: ", 0) == 0, arguments, ": ", outcome.err);
    }
}

TEST_CASE("wrong use: a command that does not exist is named") {
    const auto outcome = run_headlight("frobnicate");
    CHECK(outcome.code == 2);
    CHECK(outcome.err.find("no command 'frobnicate'") != std::string::npos);
}

TEST_CASE("what is not there exits with 1 and names the path") {
    for (const char* command : {"inspect", "tokenize --model", "analyze --no-plots --text a --model"}) {
        const auto outcome = run_headlight(std::string(command) + " no/such/folder");
        CHECK_MESSAGE(outcome.code == 1, command, ": ", outcome.err);
        CHECK(outcome.err.rfind("error: ", 0) == 0);
        CHECK_MESSAGE(has(outcome.err, "no/such/folder"), command, ": ", outcome.err);
        CHECK(outcome.out.empty());
    }
}

TEST_CASE("commands for scripts can be listed") {
    const auto listed = run_headlight("open --list-commands");
    CHECK(listed.code == 0);
    for (const char* name : {"text", "select", "screenshot", "wait", "quit"})
        CHECK_MESSAGE(has(listed.out, name), name);
}
