// Every case of ../shared/cases as its case.json says, and by hand those without one.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "cli/case_files.h"

using namespace headlight;
using test::case_dir;
using test::has;
using test::quoted;
using test::run_headlight;

namespace fs = std::filesystem;

namespace {

/// What is known not to be as its case.json says, with what it waits for. A case that has come right fails
/// the test until it is taken off this list.
const std::map<std::string, std::string> kNotYet = {};

std::string gpt2() {
    return test::shared_fixture("models/gpt2");
}

std::string analyze(const std::string& model, const std::string& rest) {
    return "analyze --no-plots --model " + quoted(model) + " " + rest;
}

std::vector<nlohmann::json> rows_of(const std::string& folder) {
    std::vector<nlohmann::json> rows;
    std::istringstream lines(test::read_file(folder + "/metrics.jsonl"));
    for (std::string line; std::getline(lines, line);)
        rows.push_back(test::parse(line));
    return rows;
}

std::string texts(const char* name) {
    return quoted(case_dir("50_text_files/") + name);
}

}  // namespace

TEST_CASE("cases: each as its case.json says, or on the list of those that wait") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(case_dir(""));
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(case_dir(""))) {
        if (fs::exists(entry.path() / "case.json")) names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    CHECK(!names.empty());
    for (const std::string& name : names) {
        const std::string problem = test::run_case(case_dir(name));
        const auto waits = kNotYet.find(name);
        if (waits == kNotYet.end()) {
            CHECK_MESSAGE(problem.empty(), name << ": " << problem);
        } else if (problem.empty()) {
            FAIL_CHECK(name << " is as it should be now: take it off the list of cases that wait");
        } else {
            MESSAGE("not yet, " << name << ": " << waits->second);
        }
    }
}

TEST_CASE(
    "case 30: the checkpoints of a trainer's run are three rows, with the tokenizer that lies in the run") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(case_dir("30_trainer_run"));
    const std::string log = test::fresh_dir("case_30");
    const auto outcome =
        run_headlight("watch --once --text 'In the beginning' --metrics attn_entropy --output-dir " +
                      quoted(log) + " " + quoted(case_dir("30_trainer_run")));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto rows = rows_of(log);
    REQUIRE(rows.size() == 3);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(rows[i]["step"] == 500 * (i + 1));
    CHECK(has(outcome.err, "30_trainer_run/tok/"));
    CHECK_FALSE(has(outcome.err, "random ids"));
}

TEST_CASE("case 31: steps of Lightning files stand inside, not in their metric") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(case_dir("31_lightning_names"));
    const std::string log = test::fresh_dir("case_31");
    const auto outcome = run_headlight("watch --once --text 'In the beginning' --output-dir " + quoted(log) +
                                       " " + quoted(case_dir("31_lightning_names")));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto rows = rows_of(log);
    REQUIRE(rows.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(rows[i]["step"] == 100 * (i + 1));
        CHECK(rows[i]["epoch"] == i);
    }
    CHECK(has(outcome.err, "31_lightning_names/tokenizer.json"));
    // The numbers are those of analyze on the same file and text.
    const auto analyzed = run_headlight(analyze(case_dir("31_lightning_names/epoch=01-val_loss=0.50.ckpt"),
                                                "--text 'In the beginning' --json -"));
    REQUIRE_MESSAGE(analyzed.code == 0, analyzed.err);
    const auto json = test::parse(analyzed.out);
    for (const auto& [name, value] : json["metrics"].items())
        CHECK_MESSAGE(rows[1][name].get<double>() == doctest::Approx(value.get<double>()).epsilon(1e-6),
                      name);
}

TEST_CASE("case 50: the forms of a text give the same tokens, or are refused with the byte") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(case_dir("50_text_files"));
    HEADLIGHT_NEEDS(gpt2());
    const std::string plain = test::read_file(case_dir("50_text_files/plain.txt"));
    const auto tokens = [](const std::string& arguments, const std::string& input = {}) {
        const auto outcome =
            run_headlight("tokenize --model " + quoted(gpt2()) + " --jsonl --text-file " + arguments, input);
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        return outcome.out;
    };
    const std::string expected = tokens(texts("plain.txt"));
    // The same text with CR LF, in three forms; the first without its mark is the text itself.
    const std::string marked = test::read_file(case_dir("50_text_files/utf8_bom.txt"));
    const std::string unmarked = tokens("-", marked.substr(3));
    for (const char* name : {"utf8_bom.txt", "utf16le_bom.txt", "utf16be_bom.txt"})
        CHECK_MESSAGE(tokens(texts(name)) == unmarked, name);
    for (const char* file : {"-", "/dev/stdin"})
        CHECK_MESSAGE(tokens(file, plain) == expected, file);
    for (const char* command : {"tokenize", "analyze --no-plots", "ablate --heads 0.0 --mode zero",
                                "validate --seq_len 8", "watch --once ."}) {
        const bool is_watch = std::string(command).starts_with("watch");
        const auto latin1 =
            run_headlight(std::string(command) + (is_watch ? " " : " --model " + quoted(gpt2())) +
                          " --text-file " + texts("latin1.txt"));
        CHECK_MESSAGE(latin1.code == 1, command << ": " << latin1.err);
        CHECK_MESSAGE(has(latin1.err, "iconv"), command << ": " << latin1.err);
    }
    const auto empty = run_headlight(analyze(gpt2(), "--text-file " + texts("empty.txt")));
    CHECK(empty.code == 2);
    CHECK(has(empty.err, "no token"));
    for (const char* name : {"nul.txt", "crlf.txt", "spaces.txt", "utf16le_bom.txt"})
        CHECK_MESSAGE(run_headlight(analyze(gpt2(), "--text-file " + texts(name))).code == 0, name);
    const std::string piped = quoted(test::binary_path()) + " " +
                              analyze(gpt2(), "--text-file <(printf 'hi there')") + " >/dev/null";
    CHECK(std::system(("bash -c " + quoted(piped)).c_str()) == 0);
}

TEST_CASE("case 50: too long is said at once, with the numbers") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(case_dir("50_text_files"));
    struct Long {
        const char *family, *text;
    };
    // Families whose table of positions ends. WordPiece makes one unknown token of a word of 100,000 letters.
    for (const Long& one :
         {Long{"gpt2", "long_nospace.txt"}, Long{"gpt2", "long_cjk.txt"}, Long{"opt", "long_nospace.txt"},
          Long{"bart", "long_nospace.txt"}, Long{"bert", "long_cjk.txt"}}) {
        const std::string model = test::shared_fixture(std::string("models/") + one.family);
        HEADLIGHT_NEEDS(model);
        const auto outcome = run_headlight(analyze(model, "--text-file " + texts(one.text)));
        CHECK_MESSAGE(outcome.code == 2, one.family << ": " << outcome.err);
        CHECK_MESSAGE(has(outcome.err, "takes at most"), one.family << ": " << outcome.err);
    }
}

TEST_CASE("case 91: the weights file of a folder is the folder, in every command") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(gpt2() + "/model.safetensors");
    const std::string folder = quoted(gpt2());
    for (const char* name : {"model.safetensors", "config.json"}) {
        const std::string file = quoted(gpt2() + "/" + name);
        const auto same = [&](const std::string& before, const std::string& after) {
            const auto of_folder = run_headlight(before + folder + after),
                       of_file = run_headlight(before + file + after);
            CHECK_MESSAGE(of_folder.code == 0, before << of_folder.err);
            CHECK_MESSAGE(of_file.code == 0, before << of_file.err);
            CHECK_MESSAGE(test::without_times(of_file.out) == test::without_times(of_folder.out), before);
        };
        same("analyze --no-plots --text 'In the beginning' --model ", "");
        same("tokenize --model ", " 'In the beginning'");
        same("inspect ", "");
        same("ablate --text 'In the beginning' --heads 0.0 --mode zero --model ", "");
        same("verify --model ", " --reference " + quoted(gpt2() + "/reference.safetensors"));
    }
}
