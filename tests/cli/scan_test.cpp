// headlight scan as a user runs it: killed and continued, in shards, and what it says when it cannot.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "cli/run_headlight.h"

using namespace headlight::test;
namespace fs = std::filesystem;

namespace {

/// Two files of English from the clone.
std::string corpus_of_docs(const std::string& name) {
    const std::string folder = fresh_dir(name);
    for (const char* file : {"README.md", "docs/architecture.md"}) {
        std::string text;
        for (int copy = 0; copy < 3; ++copy)
            text += read_file(source_dir() + "/" + file);
        write_file(folder + "/" + fs::path(file).stem().string() + ".txt", text);
    }
    return folder;
}

std::string options_for(const std::string& corpus, const std::string& out) {
    return "scan --model " + quoted(demo_path()) + " --corpus " + quoted(corpus) + " --output-dir " +
           quoted(out) + " --sequences 24 --length 48 --random-models 1";
}

/// Starts the scan and kills it once its journal has grown by `growth` bytes. False when it ended by itself.
bool kill_when_grown(const std::string& arguments, const std::string& journal, std::uintmax_t growth) {
    std::error_code ignored;
    const std::uintmax_t before = fs::exists(journal) ? fs::file_size(journal, ignored) : 0;
    const std::string command = "exec " + quoted(binary_path()) + " " + arguments + " >/dev/null 2>&1";
    const pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    REQUIRE(child > 0);
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (fs::exists(journal, ignored) && fs::file_size(journal, ignored) >= before + growth) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return WIFSIGNALED(status);
        }
        std::this_thread::yield();
    }
    return false;
}

}  // namespace

TEST_CASE("scan: killed twice and continued, or in two shards, the atlas has the same bytes") {
    HEADLIGHT_NEEDS(engine_path());
    const std::string corpus = corpus_of_docs("scan_corpus");
    const std::string whole = fresh_dir("scan_whole"), cut = fresh_dir("scan_cut"),
                      parts = fresh_dir("scan_parts");
    const auto once = run_headlight(options_for(corpus, whole));
    REQUIRE_MESSAGE(once.code == 0, once.err);
    CHECK(has(once.out, "L0H2     previous token"));
    CHECK(has(once.out, "induction"));
    for (const char* name : {"/atlas.json", "/atlas.csv", "/report.html"})
        CHECK(has(once.out, whole + name));

    const std::string journal = cut + "/journal-0-of-1.bin";
    CHECK(kill_when_grown(options_for(corpus, cut), journal, 40'000));
    CHECK(kill_when_grown(options_for(corpus, cut), journal, 100'000));
    CHECK_FALSE(fs::exists(cut + "/atlas.json"));
    const auto resumed = run_headlight(options_for(corpus, cut) + " --threads 2");
    REQUIRE_MESSAGE(resumed.code == 0, resumed.err);

    REQUIRE(run_headlight(options_for(corpus, parts) + " --shard 1/2").code == 0);
    const auto early = run_headlight("scan --merge " + quoted(parts) + " --output-dir " + quoted(parts));
    CHECK(early.code == 1);
    CHECK(has(early.err, "sequences are in no journal"));
    const auto first = run_headlight(options_for(corpus, parts) + " --shard 0/2");
    CHECK(has(first.out, "headlight scan --merge"));
    REQUIRE(run_headlight("scan --merge " + quoted(parts) + " --output-dir " + quoted(parts)).code == 0);
    for (const char* name : {"/atlas.json", "/atlas.csv", "/report.html"}) {
        CHECK_MESSAGE(read_file(cut + name) == read_file(whole + name), name);
        CHECK_MESSAGE(read_file(parts + name) == read_file(whole + name), name);
    }

    const auto atlas = parse(read_file(whole + "/atlas.json"));
    CHECK(atlas["layers"] == 4);
    CHECK(atlas["confirmation_sequences"] == 12);
    CHECK(atlas["controls"].size() == 2);
    const auto compared = run_headlight("scan --compare " + quoted(whole) + " " + quoted(cut) +
                                        " --output-dir " + quoted(parts));
    CHECK(compared.code == 0);
    CHECK(fs::exists(parts + "/comparison.html"));
    const auto other = run_headlight(options_for(corpus, whole) + " --seed 9");
    CHECK(other.code == 2);
    CHECK(has(other.err, "seed (1, now 9)"));
}

TEST_CASE(
    "scan: gold syntax, killed and continued, or in two shards, has the same bytes and leaves the rest "
    "alone") {
    HEADLIGHT_NEEDS(engine_path());
    const std::string corpus = corpus_of_docs("scan_syntax_corpus");
    const std::string whole = fresh_dir("scan_syntax_whole"), cut = fresh_dir("scan_syntax_cut"),
                      parts = fresh_dir("scan_syntax_parts"), plain = fresh_dir("scan_syntax_plain");
    const std::string syntax =
        " --no-controls --conllu " + quoted(source_dir() + "/tests/fixtures/syntax/small.conllu");
    const auto once = run_headlight(options_for(corpus, whole) + syntax);
    REQUIRE_MESSAGE(once.code == 0, once.err);
    CHECK(has(once.out, "gold syntax: "));
    CHECK(has(once.out, whole + "/relations.csv"));
    CHECK(kill_when_grown(options_for(corpus, cut) + syntax, cut + "/journal-0-of-1.bin", 60'000));
    REQUIRE(run_headlight(options_for(corpus, cut) + syntax).code == 0);
    REQUIRE(run_headlight(options_for(corpus, parts) + syntax + " --shard 1/2").code == 0);
    REQUIRE(run_headlight(options_for(corpus, parts) + syntax + " --shard 0/2").code == 0);
    REQUIRE(run_headlight("scan --merge " + quoted(parts) + " --output-dir " + quoted(parts)).code == 0);
    for (const char* name : {"/atlas.json", "/atlas.csv", "/relations.csv", "/report.html"}) {
        CHECK_MESSAGE(read_file(cut + name) == read_file(whole + name), name);
        CHECK_MESSAGE(read_file(parts + name) == read_file(whole + name), name);
    }
    const auto atlas = parse(read_file(whole + "/atlas.json"));
    CHECK(atlas["syntax"]["files"][0] == "small.conllu");
    const int num_sentences = atlas["syntax"]["confirmation_sentences"];
    CHECK(num_sentences >= 20);
    REQUIRE(atlas["relations"].size() >= 3);
    CHECK(atlas["relation_entries"].size() == atlas["heads"].size() * atlas["relations"].size());
    bool has_determiner = false;
    for (const auto& relation : atlas["relations"]) {
        if (relation["name"] != "det from head") continue;
        has_determiner = true;
        // Every sentence has a subject and an object with a determiner each, and the nouns see them.
        CHECK(relation["sentences"] == num_sentences);
        CHECK(relation["pairs"] >= 2 * num_sentences);
        CHECK(relation["baseline"] > 0.4);
    }
    CHECK(has_determiner);

    REQUIRE(run_headlight(options_for(corpus, plain) + " --no-controls").code == 0);
    const auto without = parse(read_file(plain + "/atlas.json"));
    CHECK_FALSE(without.contains("syntax"));
    CHECK_FALSE(without.contains("relations"));
    CHECK_FALSE(fs::exists(plain + "/relations.csv"));
    CHECK(without["entries"] == atlas["entries"]);
    CHECK(read_file(plain + "/atlas.csv") == read_file(whole + "/atlas.csv"));
}

TEST_CASE("scan: what cannot be is said in one line") {
    const std::string out = fresh_dir("scan_refused");
    const auto empty = run_headlight("scan --output-dir " + quoted(out));
    CHECK(empty.code == 2);
    CHECK(has(empty.err, "no corpus was given"));
    const auto syntax = run_headlight("scan --conllu x.conllu --output-dir " + quoted(out));
    CHECK(syntax.code == 2);
    CHECK(has(syntax.err, "--conllu adds gold syntax to a scan of a corpus"));
    const auto shard = run_headlight("scan --corpus x.txt --shard 4/4 --output-dir " + quoted(out));
    CHECK(shard.code == 2);
    CHECK(has(shard.err, "--shard wants i/n"));
    const auto merge = run_headlight("scan --merge " + quoted(out) + " --output-dir " + quoted(out));
    CHECK(merge.code == 1);
    CHECK(has(merge.err, "no journal of a scan"));
    const auto missing = run_headlight("scan --compare none.json other.json --output-dir " + quoted(out));
    CHECK(missing.code == 1);
}
