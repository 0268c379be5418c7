// The registry of commands: complete, unique, and each does what it says.
#include <cstring>
#include <set>

#include "session/command.h"
#include "session/recording_shell.h"
#include "session/saved/restore.h"
#include "session/script.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;

namespace {

struct CommandFixture : SessionFixture {
    RecordingShell shell;
    CommandContext context{session, shell};

    Status run(const std::string& line) {
        const auto call = parse_command(line);
        if (!call) return fail(call.error());
        if (!*call) return fail(ErrorKind::InvalidInput, "an empty line");
        return run_command(context, **call);
    }
    std::string error_of(const std::string& line) {
        const Status status = run(line);
        return status ? std::string() : status.error().message;
    }
    const Settings& settings() const { return now().settings; }
};

std::vector<std::string> words(const std::string& line) {
    const auto call = parse_command(line);
    REQUIRE(call);
    REQUIRE(*call);
    std::vector<std::string> out{(*call)->id};
    out.insert(out.end(), (*call)->arguments.begin(), (*call)->arguments.end());
    return out;
}
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("commands: every descriptor is complete, parses its own usage, and is unique") {
    const std::set<std::string> groups = {"File", "Edit", "View", "Analyse", "Write", "Help"};
    std::set<std::string> ids, shortcuts, labels;
    CHECK(commands().size() >= 30);
    for (const CommandDescriptor* command : commands()) {
        INFO(command->id);
        CHECK(ids.insert(command->id).second);
        CHECK(labels.insert(command->label).second);
        if (*command->shortcut) CHECK(shortcuts.insert(command->shortcut).second);
        CHECK(groups.count(command->group) == 1);
        CHECK(std::strlen(command->help) > 10);
        CHECK(command->help[std::strlen(command->help) - 1] == '.');
        REQUIRE((command->run != nullptr));
        CHECK(find_command(command->id) == command);
        const auto usage = words(command->usage);
        CHECK(usage[0] == command->id);
        const bool has_required = usage.size() > 1 && usage[1][0] != '[';
        CHECK(has_required == command->needs_arguments);
    }
    CHECK(find_command("no_such") == nullptr);
}

TEST_CASE("commands: too many arguments are refused with the usage, none where some are needed too") {
    CommandFixture f;
    for (const CommandDescriptor* command : commands()) {
        INFO(command->id);
        if (command->arguments.most != kAnyNumber)
            CHECK(f.error_of(std::string(command->id) + " 1 2 3 4").find(command->usage) !=
                  std::string::npos);
        if (command->needs_arguments)
            CHECK(f.error_of(command->id).find(command->usage) != std::string::npos);
    }
    CHECK(f.shell.calls.empty());
    CHECK(f.settings() == Settings());
}

TEST_CASE("commands: words, quotes, escapes, comments") {
    CHECK(words("select 1 2") == Words{"select", "1", "2"});
    CHECK(words("  text   \"a  b\"\t# why") == Words{"text", "a  b"});
    CHECK(words(R"(text "say \"hi\"\n\tand \\n")") == Words{"text", "say \"hi\"\n\tand \\n"});
    CHECK(words("text a#b") == Words{"text", "a#b"});
    CHECK(words("text \"\"") == Words{"text", ""});
    CHECK(words("open /with\" a \"space") == Words{"open", "/with a space"});
    CHECK_FALSE(*parse_command(""));
    CHECK_FALSE(*parse_command("   # only a comment"));
    CHECK(parse_command("text \"open").error().kind == ErrorKind::InvalidInput);
}

TEST_CASE("commands: an unknown one names the nearest") {
    CHECK(parse_command("selct 1 2").error().message.find("'select'") != std::string::npos);
    CHECK(parse_command("screen x").error().message.find("'screenshot'") != std::string::npos);
    CHECK(parse_command("xyzzyplugh").error().message.find("did you mean") == std::string::npos);
}

TEST_CASE("commands: text and selection") {
    CommandFixture f;
    CHECK(f.run("select 1 1"));  // before anything is there: taken in when it comes
    CHECK(f.run("open no_such_folder/fake"));
    CHECK(f.run("text \"1 2 3\""));
    REQUIRE(f.settle());
    CHECK(f.now().selection.head == HeadId{1, 1});
    CHECK(f.run("insert \" 4\""));
    REQUIRE(f.settle());
    CHECK(f.now().text->tokens.tokens.size() == 4);
    CHECK(f.run("add_head 0 2"));
    CHECK(f.now().selection.others == std::vector<HeadId>{{0, 2}});
    CHECK(f.run("query 1"));
    CHECK(f.run("key 0"));
    CHECK(f.now().selection.query == 1);
    CHECK(f.now().selection.key == 0);
    CHECK(f.run("query last"));
    CHECK(f.run("key none"));
    CHECK(f.now().selection.query == 3);
    CHECK(f.now().selection.key == -1);
    CHECK(f.error_of("select 2 0").find("0 to 1") != std::string::npos);
    CHECK(f.error_of("select 0 3").find("0 to 2") != std::string::npos);
    CHECK(f.error_of("select one 3").find("LAYER") != std::string::npos);
    CHECK(f.error_of("query 4").find("0 to 3") != std::string::npos);
    CHECK(f.run("undo"));
    CHECK(f.run("redo"));
    CHECK(f.run("text one two"));
    CHECK(f.now().typed_text == "one two");
}

TEST_CASE("commands: an adapter is taken off its base and put on again, with the text") {
    CommandFixture f;
    CHECK(f.run("open no_such_folder/fake"));
    CHECK(f.run("text \"1 2 3\""));
    REQUIRE(f.settle());
    CHECK(f.error_of("adapter off").find("no adapter") != std::string::npos);
    CHECK_FALSE(find_command("adapter")->is_enabled(f.now()));
    CHECK(f.run("open no_such_folder/fake --base /some/base"));
    REQUIRE(f.settle());
    CHECK(f.now().model->spec.adapter == AdapterChoice{"/some/base", false});
    CHECK(find_command("adapter")->current(f.now()) == "on");
    const int opened = f.world->num_opened;
    CHECK(f.run("adapter on"));  // it is
    CHECK(f.run("adapter off"));
    REQUIRE(f.settle());
    CHECK(f.world->num_opened == opened + 1);
    CHECK(f.now().model->spec.adapter == AdapterChoice{"/some/base", true});
    CHECK(find_command("adapter")->current(f.now()) == "off");
    CHECK(f.now().text->tokens.tokens.size() == 3);
    CHECK(capture_session(f.session).adapter == AdapterChoice{"/some/base", true});
    CHECK(f.run("adapter on"));
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().model->spec.adapter.shows_base);
    CHECK(f.error_of("adapter maybe").find("adapter on|off") != std::string::npos);
}

TEST_CASE("commands: arrow keys walk over the heads") {
    CommandFixture f;
    CHECK_FALSE(f.run("next_head"));
    f.open();
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    const auto head_after = [&](const std::string& line) {
        REQUIRE(f.run(line));
        return f.now().selection.head;
    };
    CHECK(head_after("next_head") == HeadId{0, 1});
    CHECK(head_after("next_layer") == HeadId{1, 1});
    CHECK(head_after("next_layer") == HeadId{1, 1});
    CHECK(head_after("previous_layer") == HeadId{0, 1});
    CHECK(head_after("previous_head") == HeadId{0, 0});
    CHECK(head_after("previous_head") == HeadId{0, 0});
    CHECK(head_after("select 0 2") == HeadId{0, 2});
    CHECK(head_after("next_head") == HeadId{1, 0});
}

TEST_CASE("commands: settings, with a word or going round") {
    CommandFixture f;
    for (const char* line :
         {"theme light", "scale_ui 1.5", "tint entropy", "order max_weight", "weights log", "gamma 0.4",
          "numbers off", "metrics model", "flow rollout", "topk predicts", "topk 7", "strip receives"}) {
        CHECK_MESSAGE(f.run(line), line);
    }
    const Settings& s = f.settings();
    CHECK((s.theme == Theme::Light && s.weight_scale == WeightScale::Log && !s.shows_numbers));
    CHECK((s.ui_scale == 1.5 && s.gamma == 0.4 && s.top_k == 7));
    CHECK((s.grid_tint == "entropy" && s.grid_order == "max_weight" && s.metrics_scope == "model"));
    CHECK((s.flow_mode == "rollout" && s.top_k_mode == "predicts" && s.strip_direction == "receives"));
    for (const char* line : {"theme", "scale_ui auto", "tint none", "order layer", "weights linear",
                             "numbers", "metrics", "flow", "topk", "strip"}) {
        CHECK_MESSAGE(f.run(line), line);
    }
    Settings expected;
    expected.gamma = 0.4;
    expected.top_k = 7;
    CHECK(s == expected);
    CHECK(f.error_of("tint entropi").find("'entropy'") != std::string::npos);
    for (const char* line :
         {"gamma 0", "gamma nan", "gamma 1e99", "topk 0", "topk 51", "theme pink", "scale_ui 9"}) {
        CHECK_MESSAGE(!f.run(line), line);
    }
}

TEST_CASE("commands: what only a window can do goes to the shell") {
    CommandFixture f;
    for (const char* line : {"open_dialog", "view heatmap", "fit", "palette", "shortcuts", "about",
                             "size 1280x800", "screenshot out.png", "focus_text", "wait", "cancel", "quit"}) {
        CHECK_MESSAGE(f.run(line), line);
    }
    CHECK(f.shell.calls == Words{"open_dialog", "view heatmap", "fit", "palette", "help shortcuts",
                                 "help about", "resize 1280 800", "screenshot out.png", "focus_text",
                                 "quit"});
    CHECK_FALSE(f.run("view nowhere"));
    for (const char* line : {"size 1280", "size x800", "size 10x10", "size 1280x800x2"})
        CHECK_MESSAGE(!f.run(line), line);
}

TEST_CASE("commands: probe and live need a model") {
    CommandFixture f;
    CHECK_FALSE(f.run("probe"));
    CHECK_FALSE(f.run("live"));
    f.open();
    CHECK(f.run("live"));
    CHECK_FALSE(f.run("probe 0"));
    CHECK(f.run("probe 1"));
    CHECK(f.now().part<ProbeState>().task.is_running());
    REQUIRE(f.settle());
    CHECK(f.now().part<ProbeState>().task.value());
}

TEST_CASE("commands: the list for the command line names all of them") {
    const std::string list = list_commands();
    for (const CommandDescriptor* command : commands()) {
        CHECK(list.find(command->usage) != std::string::npos);
        CHECK(list.find(command->help) != std::string::npos);
    }
}

TEST_CASE("commands: a call as a line reads back as the same call") {
    const CommandCall call{"text",
                           {"plain", "", "two words", "a\"b\\c", "line\nand\ttab", "#", "\xD7\xA9", "--x"}};
    CHECK(words(command_line(call)) ==
          Words{"text", "plain", "", "two words", "a\"b\\c", "line\nand\ttab", "#", "\xD7\xA9", "--x"});
    CHECK(command_line({"select", {"1", "2"}}) == "select 1 2");
    CHECK(command_line({"text", {"a\r\nb"}}) == "text \"a\\nb\"");
}
