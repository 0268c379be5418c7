// The monkey: what it draws from a seed, how its hands move, what it may not do, and what a crash prints.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "app/monkey.h"
#include "support/fixtures.h"

using namespace headlight;
using namespace headlight::test;

namespace {

MonkeyPaths few_paths() {
    return {{"/k/demo", "/k/atlas"}, {"/m/gpt2", "/m/bert"}, {"/f/empty"}, "/w"};
}

std::vector<std::string> drawn_lines(std::uint64_t seed, int count) {
    MonkeyDice dice(seed, few_paths());
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i)
        out.push_back(monkey_line(dice.next()));
    return out;
}

/// Frames that the hands need for a step on a window of 1000 x 500, as Dear ImGui is given them.
std::vector<ImGuiIO> fed_frames(const MonkeyStep& step, const std::vector<ui::RecordedItem>& items,
                                std::string& typed) {
    MonkeyHands hands;
    hands.plan(step, items, {1000, 500});
    std::vector<ImGuiIO> out;
    ImGuiIO io;
    while (hands.is_moving()) {
        hands.feed(io, typed);
        out.push_back(io);
    }
    return out;
}

}  // namespace

TEST_CASE("monkey: a seed gives the same steps, another seed other ones") {
    CHECK(drawn_lines(7, 3000) == drawn_lines(7, 3000));
    CHECK(drawn_lines(7, 50) != drawn_lines(8, 50));
}

TEST_CASE(
    "monkey: every command of the registry comes, but quit, and each as a script line that reads back") {
    MonkeyDice dice(3, few_paths());
    std::map<std::string, int> seen;
    std::map<MonkeyStep::Kind, int> kinds;
    int num_written = 0;
    for (int i = 0; i < 20000; ++i) {
        const MonkeyStep step = dice.next();
        ++kinds[step.kind];
        const std::string line = monkey_line(step);
        CHECK(line.find('\n') == std::string::npos);
        const auto read = parse_command(line);
        REQUIRE(read);
        if (step.kind != MonkeyStep::Kind::Command) continue;
        ++seen[step.call.id];
        REQUIRE(*read);
        CHECK((*read)->id == step.call.id);
        CHECK((*read)->arguments == step.call.arguments);
        if (step.call.id == "screenshot" && !step.call.arguments.empty()) {
            ++num_written;
            CHECK(step.call.arguments[0].starts_with("/w/"));
        }
    }
    for (const CommandDescriptor* command : commands()) {
        const std::string id = command->id;
        if (id != "quit" && id != "wait") CHECK_MESSAGE(seen[id] > 0, id);
    }
    CHECK(seen.count("quit") == 0);
    CHECK(num_written > 0);
    CHECK(kinds.size() == 9);
    CHECK(kinds[MonkeyStep::Kind::Rest] == 20000 / kStepsToRest);
}

TEST_CASE("monkey: arguments follow the usage line, whatever the command") {
    const CommandDescriptor command{.id = "new_one",
                                    .usage = "new_one LAYER HEAD|all [on|off] [--into FILE]"};
    CHECK(monkey_command_writes(command));  // a path that it is not known only to read
    CHECK_FALSE(monkey_command_writes(*find_command("open")));
    CHECK_FALSE(monkey_command_writes(*find_command("text")));
    SplitMix random(1);
    int num_all = 0, num_on = 0;
    for (int i = 0; i < 500; ++i) {
        const auto words = monkey_arguments(command, few_paths(), random);
        REQUIRE(words.size() >= 2);
        num_all += words[1] == "all" ? 1 : 0;
        for (std::size_t k = 0; k < words.size(); ++k) {
            num_on += words[k] == "on" ? 1 : 0;
            if (k > 0 && words[k - 1] == "--into") CHECK(words[k].starts_with("/w/"));
        }
    }
    CHECK(num_all > 100);
    CHECK(num_on > 50);
}

TEST_CASE("monkey: hands press, drag, turn the wheel and type frame by frame") {
    std::string typed;
    MonkeyStep step;
    step.kind = MonkeyStep::Kind::Press;
    step.x = 0.25f;
    step.y = 0.5f;
    step.num_clicks = 2;
    step.button = 1;
    step.keys.has_shift = true;
    auto frames = fed_frames(step, {}, typed);
    REQUIRE(frames.size() == 5);
    CHECK(frames[0].MousePos.x == doctest::Approx(250));
    CHECK(frames[0].MousePos.y == doctest::Approx(250));
    const bool down[] = {false, true, false, true, false};
    for (std::size_t i = 0; i < frames.size(); ++i) {
        CHECK(frames[i].MouseDown[1] == down[i]);
        CHECK_FALSE(frames[i].MouseDown[0]);
        CHECK(frames[i].KeyShift);
        CHECK(frames[i].DeltaTime == doctest::Approx(1.0 / 60));
    }
    step.is_on_item = true;
    step.item = 5;
    frames = fed_frames(
        step,
        {{"a", "a", {0, 0}, {8, 8}, true, false, ""}, {"b", "b", {100, 40}, {180, 60}, true, false, ""}},
        typed);
    CHECK(frames[0].MousePos.x == doctest::Approx(120));
    CHECK(frames[0].MousePos.y == doctest::Approx(50));

    MonkeyStep drag;
    drag.kind = MonkeyStep::Kind::Drag;
    drag.to_x = 1;
    frames = fed_frames(drag, {}, typed);
    CHECK(frames.front().MousePos.x == doctest::Approx(0));
    CHECK(frames.back().MousePos.x == doctest::Approx(1000));
    CHECK(frames[2].MouseDown[0]);
    CHECK_FALSE(frames.back().MouseDown[0]);

    MonkeyStep wheel;
    wheel.kind = MonkeyStep::Kind::Wheel;
    wheel.wheel = -3;
    CHECK(fed_frames(wheel, {}, typed).back().MouseWheel == doctest::Approx(-3));

    MonkeyStep key;
    key.kind = MonkeyStep::Kind::Key;
    key.keys = *parse_shortcut("Ctrl+Z");
    frames = fed_frames(key, {}, typed);
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].KeysDown['Z']);
    CHECK(frames[0].KeyCtrl);
    CHECK_FALSE(frames[1].KeysDown['Z']);
    CHECK_FALSE(frames[1].KeyCtrl);

    CHECK(typed.empty());
    MonkeyStep type;
    type.kind = MonkeyStep::Kind::Type;
    type.text = "a\xF0\x9F\x99\x82";
    fed_frames(type, {}, typed);
    CHECK(typed == type.text);
}

TEST_CASE("monkey: it neither quits nor writes outside of its folder") {
    const std::string root = fresh_dir("monkey_allows");
    MonkeyFolder folder;
    folder.paths = few_paths();
    folder.paths.write_dir = root + "/written";
    auto log = MonkeyLog::open(root + "/steps.log", 1);
    REQUIRE(log);
    const Monkey monkey({}, folder, std::move(*log));
    CHECK_FALSE(monkey.allows({"quit", {}}));
    CHECK(monkey.allows({"open", {"/anything"}}));
    CHECK(monkey.allows({"screenshot", {root + "/written/a.png"}}));
    CHECK_FALSE(monkey.allows({"screenshot", {root + "/written/../a.png"}}));
    CHECK_FALSE(monkey.allows({"screenshot", {"/etc/a.png"}}));
    CHECK_FALSE(monkey.allows({"screenshot", {"a.png"}}));
}

TEST_CASE("monkey: memory is compared from a sixth of the time on") {
    MonkeyTally tally;
    CHECK_FALSE(memory_growth(tally).has_value());
    tally.memory = {{1, 50}, {150, 100}, {300, 130}, {600, 110}};
    REQUIRE(memory_growth(tally).has_value());
    CHECK(*memory_growth(tally) == doctest::Approx(0.10));
    tally.memory = {{1, 50}, {600, 110}};
    CHECK_FALSE(memory_growth(tally).has_value());  // the first is from before memory had settled
}

TEST_CASE("monkey: its folder has every kind, and fixtures in an order of their own") {
    const std::string fixtures = fresh_dir("monkey_fixtures");
    for (const char* name : {"/b", "/a"}) {
        std::filesystem::create_directories(fixtures + name);
        std::ofstream(fixtures + name + "/config.json") << "{}";
    }
    const auto folder = make_monkey_folder(fixtures);
    REQUIRE(folder);
    CHECK(folder->paths.kinds.size() >= 5);
    for (const std::string& path : folder->paths.kinds)
        CHECK_MESSAGE(std::filesystem::exists(path), path);
    REQUIRE(folder->paths.models.size() == 2);
    CHECK(folder->paths.models[0].ends_with("/a"));
    CHECK(folder->paths.files.size() > 10);
    std::filesystem::remove_all(folder->root);
    CHECK_FALSE(make_monkey_folder(fixtures + "/not_there"));
}

TEST_CASE("monkey: a crash prints the seed, the log and the last steps, which are on the disk already") {
    const std::string root = fresh_dir("monkey_crash");
    int ends[2] = {};
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        std::signal(SIGSEGV, SIG_DFL);  // not to doctest, which would report a failed test of its own
        auto log = MonkeyLog::open(root + "/steps.log", 42);
        for (int i = 0; i < 100; ++i)
            log->step("step " + std::to_string(i));
        std::raise(SIGSEGV);
        _exit(0);
    }
    close(ends[1]);
    std::string said;
    char piece[4096];
    for (ssize_t count = 0; (count = read(ends[0], piece, sizeof piece)) > 0;)
        said.append(piece, static_cast<std::size_t>(count));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(said.find("SIGSEGV") != std::string::npos);
    CHECK(said.find("seed 42") != std::string::npos);
    CHECK(said.find(root + "/steps.log") != std::string::npos);
    CHECK(said.find("step 60\nstep 61\n") != std::string::npos);
    CHECK(said.find("step 59\n") == std::string::npos);
    CHECK(said.ends_with("step 99\n"));
    std::ifstream in(root + "/steps.log");
    std::stringstream written;
    written << in.rdbuf();
    CHECK(written.str().ends_with("step 99\n"));
}
