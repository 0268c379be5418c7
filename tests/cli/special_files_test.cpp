// Texts from anywhere, and pipes, devices and links where files are named.
#include <doctest/doctest.h>

#include "cli/run_headlight.h"

using namespace headlight;
using test::bash;
using test::has;
using test::make_fifo;
using test::quoted;
using test::run_headlight;

namespace fs = std::filesystem;

namespace {

std::string analyze(const std::string& rest) {
    return "analyze --no-plots --model " + quoted(test::demo_path()) + " " + rest;
}

}  // namespace

TEST_CASE("texts: every command reads UTF-16, pipes and standard input, and refuses what is no Unicode") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("cli_texts");
    const std::string text = "The cat sat on the mat.";
    std::string utf16 = "\xFF\xFE";
    for (const char c : text)
        utf16 += std::string{c, '\0'};
    test::write_file(folder + "/utf16.txt", utf16);
    test::write_file(folder + "/utf8.txt", "\xEF\xBB\xBF" + text);
    test::write_file(folder + "/latin1.txt", "caf\xE9 au lait");
    test::write_file(folder + "/empty.txt", "");
    const auto report = [](const std::string& rest, const std::string& input = {}) {
        return test::without_times(run_headlight(analyze(rest), input).out);
    };
    const std::string direct = report("--text " + quoted(text));
    CHECK(!direct.empty());
    CHECK(report("--text-file " + quoted(folder + "/utf16.txt")) == direct);
    CHECK(report("--text-file " + quoted(folder + "/utf8.txt")) == direct);
    CHECK(report("--text-file -", text) == direct);
    CHECK(report("--text-file /dev/stdin", utf16) == direct);
    CHECK(bash("$headlight " + analyze("--text-file <(printf 'The cat') > /dev/null")) == 0);
    const std::string tokenize = "tokenize --model " + quoted(test::demo_path()) + " ";
    const std::string tokens = run_headlight(tokenize + quoted(text)).out;
    CHECK(run_headlight(tokenize, utf16).out == tokens);
    CHECK(run_headlight(tokenize + "--text-file " + quoted(folder + "/utf16.txt")).out == tokens);
    for (const std::string& command :
         {analyze(""), tokenize, "ablate --model " + quoted(test::demo_path()) + " ",
          "validate --model " + quoted(test::demo_path()) + " ",
          "bench --tokenizer " + quoted(test::demo_path()) + " ", "watch --once " + quoted(folder) + " "}) {
        const auto latin1 = run_headlight(command + "--text-file " + quoted(folder + "/latin1.txt"));
        CHECK_MESSAGE(latin1.code == 1, command << latin1.err);
        CHECK_MESSAGE(has(latin1.err, "byte 3"), command << latin1.err);
        const auto absent = run_headlight(command + "--text-file " + quoted(folder + "/absent.txt"));
        CHECK_MESSAGE(absent.code == 1, command << absent.err);
        CHECK_MESSAGE(has(absent.err, "No such file"), command << absent.err);
        CHECK_MESSAGE(has(run_headlight(command + "--text-file " + quoted(folder)).err, "folder"), command);
    }
    for (const std::string& command : {analyze("--text $'caf\\xe9'"), tokenize + "$'caf\\xe9'"})
        CHECK_MESSAGE(bash("$headlight " + command + " > /dev/null 2>&1") == 1, command);
    const auto empty = run_headlight(analyze("--text-file " + quoted(folder + "/empty.txt")));
    CHECK(empty.code == run_headlight(analyze("--text ''")).code);
    CHECK(empty.err == run_headlight(analyze("--text ''")).err);
}

TEST_CASE(
    "pipes: one that is named as a model, a tokenizer or another file is refused, and nothing waits for it") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string fifo = quoted(make_fifo(test::fresh_dir("cli_fifo"))), demo = quoted(test::demo_path());
    for (const std::string& command :
         {"analyze --no-plots --text hi --model " + fifo,
          "analyze --no-plots --text hi --tokenizer " + fifo + " --model " + demo,
          "analyze --no-plots --text hi --config " + fifo + " --model " + demo, "tokenize hi --model " + fifo,
          "tokenize hi --tokenizer " + fifo, "inspect " + fifo, "inspect " + demo + " --config " + fifo,
          "verify --model " + demo + " --reference " + fifo, "verify --reference x --model " + fifo,
          "validate --model " + fifo, "ablate --text hi --model " + fifo, "bench --model " + fifo,
          "bench --tokenizer " + fifo + " --text-file /dev/null", "scan --corpus /dev/null --model " + fifo,
          "scan --corpus " + fifo + " --model " + demo, "watch --once " + fifo,
          "scan --compare " + fifo + " " + fifo, "ablate --text hi --pattern " + fifo + " --model " + demo}) {
        const auto outcome = run_headlight(command);
        CHECK_MESSAGE(outcome.code != 0, command);
        CHECK_MESSAGE(has(outcome.err, "error:"), command << outcome.err);
    }
    CHECK(has(run_headlight("analyze --text hi --model " + fifo).err, "named pipe"));
}

TEST_CASE("texts: too long for the model is said before anything is built") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("cli_long");
    std::string text;
    while (text.size() < 400'000)
        text += "abcdefghij";
    test::write_file(folder + "/long.txt", text);
    // The fixture knows 64 positions or fewer; ids need no tokenizer.
    std::string ids = "1";
    for (int i = 0; i < 20'000; ++i)
        ids += ",1";
    const auto by_ids =
        run_headlight("analyze --no-plots --model " + quoted(test::own_fixture("gpt2")) + " --ids " + ids);
    CHECK(by_ids.code == 2);
    CHECK(has(by_ids.err, "has 20001 tokens"));
    CHECK(has(by_ids.err, "takes at most"));
    const auto by_text = run_headlight(analyze("--text-file " + quoted(folder + "/long.txt")));
    CHECK(by_text.code != 0);
    CHECK_MESSAGE(has(by_text.err, "takes at most 256"), by_text.err);
}
