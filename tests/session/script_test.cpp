// Scripts: one command a step, `wait` until all is done and drawn, errors with their line.
#include <fstream>

#include "io/attention/attention_dump.h"
#include "session/recording_shell.h"
#include "session/script.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;

namespace {

struct ScriptFixture : SessionFixture {
    RecordingShell shell;
    CommandContext context{session, shell};
    Status frame(Script& script, bool is_settled = true) {
        session.pump();
        return script.step(context, is_settled);
    }
};

Script script_of(const std::string& text) {
    auto script = Script::from_text(text, "test");
    REQUIRE(script);
    return std::move(*script);
}

}  // namespace

TEST_CASE("script: wait holds until the jobs are done and the window has drawn them") {
    ScriptFixture f;
    Script script = script_of(
        "# the demo\r\n"
        "open no_such_folder/fake\n"
        "\n"
        "text \"1 2 3\"   # three tokens\n"
        "wait\n"
        "screenshot a.png\n"
        "quit");
    f.world->open_gate.close();
    for (int i = 0; i < 10; ++i)
        REQUIRE(f.frame(script));
    CHECK(script.is_waiting());
    CHECK(script.line_number() == 5);
    CHECK(f.shell.calls.empty());
    f.world->open_gate.open();
    REQUIRE(f.settle());
    REQUIRE(f.frame(script, false));
    REQUIRE(f.frame(script, false));
    CHECK(script.is_waiting());  // the window is still loading textures
    REQUIRE(f.frame(script));    // idle, and this frame is drawn with all that came
    CHECK(f.shell.calls.empty());
    f.session.pyramid({{0, 0}});  // its views ask for more
    REQUIRE(f.settle());
    REQUIRE(f.frame(script));
    CHECK(f.shell.calls == std::vector<std::string>{"screenshot a.png"});
    CHECK_FALSE(script.is_finished());
    REQUIRE(f.frame(script));
    CHECK(f.shell.calls.back() == "quit");
    CHECK(script.is_finished());
    REQUIRE(f.frame(script));
    CHECK(f.shell.calls.size() == 2);
}

TEST_CASE("script: work that starts while the frame is drawn prolongs the wait") {
    ScriptFixture f;
    f.open();
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    Script script = script_of("wait\nquit");
    REQUIRE(f.frame(script));
    REQUIRE(f.frame(script));
    f.world->run_gate.close();
    f.session.predictions(0);
    REQUIRE(f.frame(script));
    REQUIRE(f.frame(script));
    CHECK(script.is_waiting());
    f.world->run_gate.open();
    REQUIRE(f.settle());
    REQUIRE(f.frame(script));
    CHECK(script.is_waiting());
    REQUIRE(f.frame(script));
    CHECK(script.is_finished());
}

TEST_CASE("script: wait has a limit, and names the job that it waited for") {
    ScriptFixture f;
    const auto start = Script::Clock::now();
    const auto at = [&](double seconds) {
        return start +
               std::chrono::duration_cast<Script::Clock::duration>(std::chrono::duration<double>(seconds));
    };
    f.world->open_gate.close();
    Script script = script_of("open no_such_folder/fake\nwait 30\nquit");
    REQUIRE(script.step(f.context, true, start));
    REQUIRE(script.step(f.context, true, start));
    f.world->open_gate.wait_for_entries(1);
    REQUIRE(script.step(f.context, true, at(29)));
    CHECK(script.is_waiting());
    const Status late = script.step(f.context, true, at(31));
    REQUIRE_FALSE(late);
    CHECK(late.error().message.find("test, line 2") != std::string::npos);
    CHECK(late.error().message.find("Opening fake") != std::string::npos);
    CHECK(script.is_finished());
    REQUIRE(script.step(f.context, true, at(32)));
    CHECK(f.shell.calls.empty());

    Script patient = script_of("wait\nquit");
    REQUIRE(patient.step(f.context, true, start));
    REQUIRE(patient.step(f.context, true, at(599)));
    const Status window = patient.step(f.context, false, at(601));
    REQUIRE_FALSE(window);
    f.world->open_gate.open();
    REQUIRE(f.settle());
    Script drawn = script_of("wait 5");
    REQUIRE(drawn.step(f.context, false, start));
    const Status undrawn = drawn.step(f.context, false, at(6));
    REQUIRE_FALSE(undrawn);
    CHECK(undrawn.error().message.find("drawing the window") != std::string::npos);
    for (const char* wrong : {"wait soon", "wait -1", "wait 1 2"}) {
        Script refused = script_of(wrong);
        CHECK_FALSE(refused.step(f.context, true, start));
    }
}

TEST_CASE("script: a text over stored attention ends the script at once") {
    ScriptFixture f;
    AttentionDump dump;
    dump.spec = FakeWorld().spec;
    dump.tokens.text = "1";
    dump.tokens.tokens.push_back({1, "1", "1", 0, 1, false});
    dump.trace = uniform_trace(2, 3, 1);
    const std::string path = fresh_dir("session_script_dump") + "/dump.safetensors";
    REQUIRE(write_attention_dump(path, dump));
    for (const char* command : {"text \"hello\"", "insert more", "decoder_text x", "live"}) {
        Script script = script_of("open \"" + path + "\"\nwait\n" + command + "\nwait\n");
        REQUIRE(f.frame(script));
        REQUIRE(f.settle());
        Status status;
        for (int i = 0; i < 8 && status; ++i)
            status = f.frame(script);
        REQUIRE_FALSE(status);
        CHECK(status.error().message.find("line 3") != std::string::npos);
        CHECK(script.is_finished());
    }
}

TEST_CASE("script: errors name the line, at reading and at running, and end the script") {
    const auto unread = Script::from_text("theme dark\n\nthem light\n", "demo.txt");
    REQUIRE_FALSE(unread);
    CHECK(unread.error().message.find("demo.txt, line 3") != std::string::npos);
    CHECK(unread.error().message.find("'theme'") != std::string::npos);

    ScriptFixture f;
    Script script = script_of("theme light\nview nowhere\nquit\n");
    REQUIRE(f.frame(script));
    const Status status = f.frame(script);
    REQUIRE_FALSE(status);
    CHECK(status.error().message.find("test, line 2") != std::string::npos);
    CHECK(script.is_finished());
    REQUIRE(f.frame(script));
    CHECK(f.shell.calls.empty());
}

TEST_CASE("script: from a file") {
    const std::string path = fresh_dir("session_script") + "/demo.txt";
    CHECK(Script::from_file(path).error().kind == ErrorKind::Missing);
    std::ofstream(path) << "theme light\n";
    auto script = Script::from_file(path);
    REQUIRE(script);
    ScriptFixture f;
    REQUIRE(f.frame(*script));
    CHECK(f.now().settings.theme == Theme::Light);
}

TEST_CASE("script: one that goes on at errors says each with its line and runs the rest") {
    ScriptFixture f;
    const std::string text = "frobnicate\nview nowhere\n\ntext \"no end\nwait soon\nview metrics\nquit\n";
    CHECK_FALSE(Script::from_text(text, "test"));
    auto read = Script::from_text(text, "test", Script::AtError::GoOn);
    REQUIRE(read);
    std::vector<std::string> errors;
    while (!read->is_finished()) {
        if (const Status status = f.frame(*read); !status) errors.push_back(status.error().message);
    }
    REQUIRE(errors.size() == 4);
    CHECK(errors[0].starts_with("test, line 1: there is no command 'frobnicate'"));
    CHECK(errors[1].starts_with("test, line 2: there is no view 'nowhere'"));
    CHECK(errors[2].starts_with("test, line 4: a double quote is not closed"));
    CHECK(errors[3].starts_with("test, line 5: SECONDS"));
    CHECK(f.shell.calls == std::vector<std::string>{"view metrics", "quit"});
}

TEST_CASE("script: a wait whose time passes does not end one that goes on at errors") {
    ScriptFixture f;
    const auto start = Script::Clock::now();
    f.world->open_gate.close();
    auto read = Script::from_text("open no_such_folder/fake\nwait 30\nquit", "test", Script::AtError::GoOn);
    REQUIRE(read);
    REQUIRE(read->step(f.context, true, start));
    REQUIRE(read->step(f.context, true, start));
    CHECK_FALSE(read->step(f.context, true, start + std::chrono::seconds(31)));
    CHECK_FALSE(read->is_finished());
    REQUIRE(read->step(f.context, true, start + std::chrono::seconds(31)));
    CHECK(f.shell.calls == std::vector<std::string>{"quit"});
    f.world->open_gate.open();
    REQUIRE(f.settle());
}
