// Where reports go: pipes, devices, links, files with permissions, full disks and closed streams, of every
// subcommand.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "cli/run_headlight.h"

using namespace headlight::test;
namespace fs = std::filesystem;

namespace {

/// A command that prints something and ends with `code`. Each run gets a folder of its own in place of {}.
struct Printing {
    const char* subcommand;
    std::string arguments;
    int code = 0;
};

/// A small corpus, a model of its letters and a run of checkpoints to watch.
const std::string& inputs() {
    static const std::string folder = [] {
        std::string made = fresh_dir("cli_output_inputs"), text;
        for (int i = 0; i < 200; ++i)
            text += "the cat sat on mat " + std::to_string(i * 7919 % 1000) + " and ran home .\n";
        write_file(made + "/corpus.txt", text);
        const Outcome trained = run_headlight(
            "train --tokenizer characters --steps 1 --embedding-dimension 16 --number-of-heads 2 "
            "--number-of-layers 1 "
            "--intermediate-size 16 --corpus " +
            quoted(made + "/corpus.txt") + " --output-dir " + quoted(made + "/model"));
        REQUIRE_MESSAGE(trained.code == 0, trained.err);
        const Outcome drawn = run_headlight("figure heatmap --text hi --model " + quoted(demo_path()) +
                                            " --output " + quoted(made + "/figure.svg"));
        REQUIRE_MESSAGE(drawn.code == 0, drawn.err);
        fs::create_directories(made + "/run");
        fs::copy(own_fixture("gpt2"), made + "/run/step_3", fs::copy_options::recursive);
        for (const auto& entry : fs::recursive_directory_iterator(made + "/run"))
            fs::last_write_time(entry, fs::file_time_type::clock::now() - std::chrono::hours(1));
        return made;
    }();
    return folder;
}

std::vector<Printing> printing_commands() {
    const std::string demo = " --model " + quoted(demo_path()) + " ", gpt2 = quoted(own_fixture("gpt2"));
    return {
        {"", "--help"},
        {"", "--version"},
        {"analyze", "analyze --no-plots --text hi" + demo},
        {"analyze", "analyze --no-plots --text hi --json -" + demo},
        {"open", "open --list-commands"},
        {"tokenize", "tokenize hi" + demo},
        {"tokenize", "tokenize --jsonl hi" + demo},
        {"inspect", "inspect " + gpt2},
        {"inspect", "inspect --json " + gpt2},
        {"verify",
         "verify --model " + gpt2 + " --reference " + quoted(own_fixture("gpt2/reference.safetensors"))},
        {"validate",
         "validate --embedding-dimension 32 --number-of-heads 2 --number-of-layers 2 --seq_len 32 "
         "--sequences 12",
         1},
        {"ablate", "ablate --repeat-probe --mode zero --layers 0" + demo},
        {"compare", "compare --text hi --other-text ho" + demo},
        {"attribute", "attribute --text hi --answer-id 5" + demo},
        {"lens", "lens --text hi" + demo},
        {"circuit", "circuit --heads 0.0 --text hi --no-partners" + demo},
        {"patch", "patch --ids 5,6 --corrupt-ids 5,7 --answer-id 5 --rival-id 6 --sites head" + demo},
        {"path", "path --ids 5,6 --corrupt-ids 5,7 --answer-id 5 --rival-id 6" + demo},
        {"generate", "generate --text hi --max-new-tokens 2" + demo},
        {"find", "find --text hi --rule self --row-orders 3" + demo},
        {"dilute", "dilute --text hi --fact ho --lengths 24,32" + demo},
        {"figure", "figure --help"},
        {"render", "render --help"},
        {"recipe", "recipe " + quoted(inputs() + "/figure.svg")},
        {"page", "page --help"},
        {"send", "send --help"},
        {"manual", "manual --completion bash"},
        {"scan", "scan --sequences 2 --length 8 --no-controls --output-dir {} --corpus " +
                     quoted(inputs() + "/corpus.txt") + " --model " + quoted(inputs() + "/model")},
        {"train", "train --task addition --modulus 11 --embedding-dimension 32 --steps 1 --output-dir {}"},
        {"watch", "watch --once --ids 1,2,3 --output-dir {} " + quoted(inputs() + "/run")},
        {"bench", "bench --tokens 4 --threads 1 --repeats 1" + demo},
        {"bench", "bench --kernels --shapes 8x32 --types Q8_0 --rows 1 --threads 1 --pool-mb 1"},
        {"selftest", "selftest"},
        {"reference", "reference"},
    };
}

std::string in_fresh_folder(std::string arguments) {
    static int number = 0;
    const std::size_t place = arguments.find("{}");
    if (place != std::string::npos)
        arguments.replace(place, 2, quoted(fresh_dir("cli_output_" + std::to_string(number++))));
    return arguments;
}

/// The line is bash with $headlight; what it wrote to $errors comes back with the code.
Outcome bash_with_errors(const std::string& line) {
    static const std::string folder = fresh_dir("cli_output_errors");
    const std::string errors = folder + "/errors";
    Outcome outcome;
    outcome.code = bash("errors=" + quoted(errors) + "; unset DISPLAY WAYLAND_DISPLAY; " + line);
    outcome.err = read_file(errors);
    return outcome;
}

/// A command that writes one report to the file in place of {}.
struct Reporting {
    std::string arguments;
    int code = 0;
};

/// Weights that no family knows and no headlight.json describes.
std::string home_made_model() {
    const std::string path = fresh_dir("home_made") + "/model.pt";
    std::filesystem::copy_file(own_fixture("custom/gpt/model.pt"), path);
    return path;
}

std::vector<Reporting> reporting_commands() {
    const std::string demo = " --model " + quoted(demo_path()) + " ";
    const std::string random =
        "validate --embedding-dimension 32 --number-of-heads 2 --number-of-layers 2 --seq_len 32 --sequences "
        "12 ";
    return {
        {"analyze --no-plots --text hi --json {}" + demo},
        {"analyze --no-plots --text hi --dump {}" + demo},
        {"ablate --repeat-probe --mode zero --layers 0 --json {}" + demo},
        {"bench --tokens 4 --threads 1 --repeats 1 --json {}" + demo},
        {"bench --kernels --shapes 8x32 --types Q8_0 --rows 1 --threads 1 --pool-mb 1 --json {}"},
        {"find --text hi --rule self --row-orders 3 --json {}" + demo},
        {"dilute --text hi --fact ho --lengths 24,32 --json {}" + demo},
        {"compare --text hi --other-text ho --no-null --json {}" + demo},
        {"compare --text hi --other-text ho --no-null --dump {}" + demo},
        {random + "--json {}", 1},
        {random + "--html {}", 1},
        {"inspect --propose {} " + quoted(home_made_model())},
    };
}

std::string writing_to(const Reporting& command, const std::string& path) {
    std::string arguments = command.arguments;
    return arguments.replace(arguments.find("{}"), 2, quoted(path)) + " > /dev/null 2> $errors";
}

}  // namespace

TEST_CASE("outputs: every subcommand is in the table of those that print") {
    HEADLIGHT_NEEDS(engine_path());
    const std::string list = read_file(source_dir() + "/src/cli/subcommands/subcommands.def");
    const std::regex entry(R"(HEADLIGHT_SUBCOMMAND\((\w+)\))");
    std::set<std::string> listed, known;
    for (std::sregex_iterator at(list.begin(), list.end(), entry), end; at != end; ++at)
        listed.insert((*at)[1]);
    for (const Printing& command : printing_commands()) {
        if (*command.subcommand != 0) known.insert(command.subcommand);
    }
    CHECK(listed.size() > 10);
    CHECK(listed == known);
}

TEST_CASE(
    "outputs: a full or closed standard output is a failure of every subcommand, a reader that leaves is "
    "none") {
    HEADLIGHT_NEEDS(engine_path());
    std::vector<Printing> commands = printing_commands();
    std::set<std::string> names;
    for (const Printing& command : commands)
        names.insert(command.subcommand);
    for (const std::string& name : names) {
        if (!name.empty()) commands.push_back({"", name + " --help"});
    }
    for (const Printing& command : commands) {
        const auto run = [&](const std::string& to) {
            return bash_with_errors("$headlight " + in_fresh_folder(command.arguments) + " " + to);
        };
        INFO(command.arguments);
        const std::string printed = fresh_dir("cli_output_printed") + "/out";
        CHECK(run("> " + quoted(printed) + " 2> $errors").code == command.code);
        CHECK(fs::file_size(printed) > 0);
        for (const char* to : {"> /dev/full 2> $errors", ">&- 2> $errors"}) {
            const Outcome refused = run(to);
            CHECK_MESSAGE(refused.code == 1, to << refused.err);
            CHECK_MESSAGE(has(refused.err, "cannot write"), to << refused.err);
        }
        // The reader is gone before anything is written: the usual quiet end by SIGPIPE.
        const Outcome left = run("2> $errors | :; exit ${PIPESTATUS[0]}");
        CHECK_MESSAGE((left.code == command.code || left.code == 128 + SIGPIPE), left.code);
        CHECK_MESSAGE(!has(left.err, "error:"), left.err);
    }
}

TEST_CASE(
    "outputs: every report goes through pipes, devices and links, keeps permissions, and fails on a full "
    "disk") {
    HEADLIGHT_NEEDS(engine_path());
    for (const Reporting& command : reporting_commands()) {
        INFO(command.arguments);
        const std::string folder = fresh_dir("cli_reports"), file = folder + "/data/report",
                          link = folder + "/report";
        fs::create_directories(folder + "/data");
        const auto run = [&](const std::string& path) {
            return bash_with_errors("$headlight " + writing_to(command, path));
        };
        CHECK(run(file).code == command.code);
        REQUIRE(!read_file(file).empty());
        const std::string fifo = make_fifo(folder), got = folder + "/got";
        const Outcome piped =
            bash_with_errors("cat " + quoted(fifo) + " > " + quoted(got) + " & $headlight " +
                             writing_to(command, fifo) + "; code=$?; wait; exit $code");
        CHECK(piped.code == command.code);
        CHECK(!read_file(got).empty());
        CHECK(fs::is_fifo(fifo));
        fs::create_symlink("data/report", link);
        write_file(file, "old");
        fs::permissions(file, fs::perms(0604));
        CHECK(run(link).code == command.code);
        CHECK(fs::is_symlink(link));
        CHECK(read_file(file) != "old");
        CHECK(fs::status(file).permissions() == fs::perms(0604));
        CHECK(run("/dev/null").code == command.code);
        CHECK(fs::is_character_file("/dev/null"));
        const Outcome full = run("/dev/full");
        CHECK(full.code == 1);
        CHECK_MESSAGE(has(full.err, "cannot write"), full.err);
        // Only what was asked for: no temporary file is left.
        CHECK(std::distance(fs::directory_iterator(folder + "/data"), {}) == 1);
    }
}

TEST_CASE("outputs: figures, atlas and training logs go where links lead and keep permissions") {
    HEADLIGHT_NEEDS(engine_path());
    const std::string corpus = quoted(inputs() + "/corpus.txt"),
                      demo = " --model " + quoted(demo_path()) + " ";
    struct Folder {
        std::string arguments;
        std::vector<std::string> files;
    };
    for (const Folder& one :
         {Folder{"analyze --text hi --max-heads 1 --layer 0 --output-dir {}" + demo, {"layer_0_head_0.png"}},
          Folder{"scan --sequences 2 --length 8 --no-controls --output-dir {} --corpus " + corpus +
                     " --model " + quoted(inputs() + "/model"),
                 {"atlas.json", "atlas.csv", "report.html"}},
          Folder{"train --task addition --modulus 11 --embedding-dimension 32 --steps 1 --observe-every 1 "
                 "--output-dir {}",
                 {"config.json", "model.safetensors", "training/metrics.svg", "training/metrics.csv"}}}) {
        const std::string folder = fresh_dir("cli_output_folder"), targets = fresh_dir("cli_output_targets");
        for (const std::string& file : one.files) {
            const std::string target = targets + "/" + fs::path(file).filename().string();
            write_file(target, "old");
            fs::permissions(target, fs::perms(0640));
            fs::create_directories(fs::path(folder + "/" + file).parent_path());
            fs::create_symlink(target, folder + "/" + file);
        }
        std::string arguments = one.arguments;
        const Outcome outcome = run_headlight(arguments.replace(arguments.find("{}"), 2, quoted(folder)));
        REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
        for (const std::string& file : one.files) {
            const std::string target = targets + "/" + fs::path(file).filename().string();
            CHECK_MESSAGE(fs::is_symlink(folder + "/" + file), file);
            CHECK_MESSAGE(read_file(target).size() > 3, file);
            CHECK_MESSAGE(fs::status(target).permissions() == fs::perms(0640), file);
        }
    }
}

TEST_CASE("outputs: reports to standard output stand in the file that it goes to, one after the other") {
    HEADLIGHT_NEEDS(engine_path());
    const std::string file = fresh_dir("cli_output_stdout") + "/out";
    const std::string run = "$headlight analyze --no-plots --text hi --model " + quoted(demo_path());
    for (const char* name : {"-", "/dev/stdout", "/dev/fd/1"}) {
        CHECK(bash("(echo before; " + run + " --json " + name + "; echo after) > " + quoted(file) +
                   " 2> /dev/null") == 0);
        const std::string text = read_file(file);
        CHECK(text.rfind("before\n", 0) == 0);
        CHECK(text.ends_with("after\n"));
        const std::size_t begin = text.find("\n{\n"), end = text.rfind("\n}\n");
        REQUIRE(begin != std::string::npos);
        CHECK(parse(text.substr(begin + 1, end + 1 - begin)).contains("metrics"));
    }
}
