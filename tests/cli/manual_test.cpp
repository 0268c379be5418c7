// Manual pages and completions come from the parser's table: each option of --help stands in them.
#include <doctest/doctest.h>

#include <regex>
#include <set>

#include "cli/run_headlight.h"
#include "lint/source_tree.h"

using namespace headlight;
using test::has;
using test::run_headlight;

namespace {

/// "--model", "--checkpoint", ... that the left column of a help text names.
std::set<std::string> options_in(const std::string& help) {
    static const std::regex line("(?:^|\n)  ((?:-[A-Za-z-]|--)[^ ]*)");
    static const std::regex name("--[a-zA-Z0-9_-]+");
    std::set<std::string> names;
    for (std::sregex_iterator it(help.begin(), help.end(), line), end; it != end; ++it) {
        const std::string column = (*it)[1];
        for (std::sregex_iterator each(column.begin(), column.end(), name); each != end; ++each)
            names.insert(each->str());
    }
    return names;
}

std::string in_roff(std::string text) {
    return std::regex_replace(text, std::regex("-"), "\\-");
}

/// Words that bash offers after `words`; the last one is being typed.
std::string offered(const std::string& script, const std::string& words) {
    const std::string folder = test::fresh_dir("completion");
    test::write_file(folder + "/complete.sh", "source " + test::quoted(script) + "\nCOMP_WORDS=(" + words +
                                                  ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_headlight\n"
                                                  "printf '%s\\n' \"${COMPREPLY[@]}\" > " +
                                                  test::quoted(folder + "/words"));
    REQUIRE(std::system(("cd " + test::quoted(test::source_dir()) + " && bash " +
                         test::quoted(folder + "/complete.sh"))
                            .c_str()) == 0);
    return test::read_file(folder + "/words");
}

}  // namespace

TEST_CASE("manual: every command has a page and every option stands in page and completions") {
    const std::string folder = test::fresh_dir("manual");
    REQUIRE(run_headlight("manual --output-dir " + test::quoted(folder)).code == 0);
    const std::string bash = test::read_file(folder + "/bash-completion/completions/headlight"),
                      zsh = test::read_file(folder + "/zsh/site-functions/_headlight"),
                      fish = test::read_file(folder + "/fish/vendor_completions.d/headlight.fish"),
                      program = test::read_file(folder + "/man/man1/headlight.1");
    std::size_t num_options = 0;
    for (const std::string& command : lint::read_registry("src/cli/subcommands/subcommands.def")) {
        const std::string page = test::read_file(folder + "/man/man1/headlight-" + command + ".1");
        CHECK_MESSAGE(has(page, ".SH EXAMPLES"), command);
        CHECK_MESSAGE(has(program, in_roff("headlight-" + command)), command);
        CHECK_MESSAGE(has(zsh, "'" + command + ":"), command);
        CHECK_MESSAGE(has(fish, " -a " + command + " "), command);
        for (const std::string& option : options_in(run_headlight(command + " --help").out)) {
            ++num_options;
            CHECK_MESSAGE(has(page, "\\fB" + in_roff(option) + "\\fR"), command, ' ', option);
            CHECK_MESSAGE(has(bash, option), command, ' ', option);
            CHECK_MESSAGE(has(zsh, option), command, ' ', option);
            CHECK_MESSAGE(has(fish, "_from " + command + "' "), command);
            CHECK_MESSAGE(has(fish, " -l " + option.substr(2)), command, ' ', option);
        }
    }
    CHECK(num_options > 200);
}

TEST_CASE("manual: the printed page is the written one, and knows the version") {
    const auto page = run_headlight("manual analyze");
    CHECK(page.code == 0);
    CHECK(has(page.out, ".TH \"HEADLIGHT\\-ANALYZE\" 1"));
    const std::string version = run_headlight("--version").out;
    CHECK(has(page.out, "Headlight " + version.substr(10, version.size() - 11)));
    CHECK(has(page.out, "One of png, svg, pdf"));
    CHECK(run_headlight("manual no-such-command").code == 2);
    CHECK(run_headlight("manual --completion tcsh").code == 2);
}

TEST_CASE("manual: bash offers commands, options, choices and files") {
    const std::string script = test::fresh_dir("bash") + "/headlight.bash";
    test::write_file(script, run_headlight("manual --completion bash").out);
    CHECK(has(offered(script, "headlight an"), "analyze\n"));
    CHECK(offered(script, "headlight analyze --form") == "--format\n");
    CHECK(offered(script, "headlight analyze --format ''") == "png\nsvg\npdf\n");
    CHECK(offered(script, "headlight analyze --format = p") == "png\npdf\n");
    CHECK(offered(script, "headlight -v analyze --format s") == "svg\n");
    CHECK(offered(script, "headlight analyze --json READ") == "README.md\n");
    CHECK(offered(script, "headlight analyze --output-dir asse") == "assets\n");
    CHECK(offered(script, "headlight analyze --threads ''") == "\n");
    CHECK(offered(script, "headlight open asse") == "assets\n");
    CHECK(offered(script, "headlight recipe READ") == "README.md\n");
    CHECK(offered(script, "headlight send READ") == "README.md\n");
    CHECK(offered(script, "headlight page --output READ") == "README.md\n");
    CHECK(offered(script, "headlight manual ana") == "analyze\n");
}
