// Opening: errors keep what is there, stored traces show at once, shutting down waits for nobody.
#include <fstream>

#include "io/attention/attention_dump.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;
using Ids = std::vector<std::int32_t>;

namespace {

// A dump of a uniform trace with ids 1, 2, 3 on disk.
std::string stored_trace(const std::string& folder) {
    AttentionDump dump;
    dump.spec = FakeWorld().spec;
    dump.spec.name = "stored";
    dump.tokens.text = "1 2 3";
    for (int id = 1; id <= 3; ++id) {
        const std::size_t begin = static_cast<std::size_t>(2 * (id - 1));
        dump.tokens.tokens.push_back({id, std::to_string(id), std::to_string(id), begin, begin + 1, false});
    }
    dump.trace = uniform_trace(dump.spec.num_layers, dump.spec.num_heads, 3);
    const std::string path = fresh_dir(folder) + "/trace.safetensors";
    REQUIRE(write_attention_dump(path, dump));
    return path;
}

}  // namespace

TEST_CASE("open: a missing tokenizer is told and is no error") {
    SessionFixture f;
    f.session.open("no_such_folder/fake");
    REQUIRE(f.settle());
    REQUIRE(f.now().model);
    CHECK(f.now().model->is_live);
    CHECK(f.now().model->tokenizer == nullptr);
    CHECK_FALSE(f.now().model->tokenizer_note.empty());
    const auto notices = f.session.take_notices();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].level == Notice::Level::Warning);
    REQUIRE(f.now().settings.recent.size() == 1);
    CHECK(f.now().settings.recent[0].find("no_such_folder/fake") != std::string::npos);
}

TEST_CASE("open: a failure is told once, fills the error card, and the old model goes on") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    const auto model = f.now().model;
    f.world->open_error = "tensor 'w' is missing";
    f.session.open("elsewhere/broken");
    REQUIRE(f.settle());
    REQUIRE(f.now().open_error);
    CHECK(f.now().open_error->text.find("tensor 'w' is missing") != std::string::npos);
    const auto notices = f.session.take_notices();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].id == f.now().open_error->id);
    CHECK(f.now().model == model);
    CHECK_FALSE(f.now().is_stale);
    f.session.set_text("1 2 3");
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2, 3});
    CHECK(f.now().settings.recent.size() == 1);

    f.world->open_error.clear();
    f.session.open("elsewhere/whole");
    CHECK_FALSE(f.now().open_error);
    REQUIRE(f.settle());
    CHECK(f.now().model->id != model->id);
    CHECK(f.now().settings.recent.size() == 2);
}

TEST_CASE("open: an engine that is not there is an error like any other") {
    SessionOptions options;
    options.engine = []() -> Result<Engine*> { return fail(ErrorKind::Missing, "no engine library"); };
    Session session(std::move(options));
    session.open("anything");
    REQUIRE(session.wait_until_idle_blocking(kPatience));
    REQUIRE(session.snapshot().open_error);
    CHECK(session.snapshot().open_error->text.find("no engine library") != std::string::npos);
}

TEST_CASE("open: a text typed while a model opens is run when it is there") {
    SessionFixture f;
    f.world->open_gate.close();
    f.session.open("no_such_folder/fake");
    f.world->open_gate.wait_for_entries(1);
    f.session.set_text("4 5");
    f.world->open_gate.open();
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{4, 5});
}

TEST_CASE("open: the newer of two opens wins, and cancel leaves what was there") {
    SessionFixture f;
    f.world->open_gate.close();
    f.session.open("first/model_a");
    f.world->open_gate.wait_for_entries(1);
    f.session.open("second/model_b");
    f.world->open_gate.wait_for_entries(2);
    f.world->open_gate.open();
    REQUIRE(f.settle());
    CHECK(f.world->num_opened == 1);
    CHECK(f.now().settings.recent.size() == 1);
    const auto model = f.now().model;

    f.world->open_gate.close();
    f.session.open("third/model_c");
    f.world->open_gate.wait_for_entries(3);
    f.session.cancel();
    REQUIRE(f.settle());
    CHECK(f.now().model == model);
    CHECK_FALSE(f.now().open_error);
}

TEST_CASE("open: a new model runs the text again, and the old picture goes at once") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    const int before = f.world->run_gate.num_entered();
    f.world->run_gate.close();
    f.session.open("other/fake");
    f.pump_until([&] { return f.world->run_gate.num_entered() > before; });
    f.session.pump();
    CHECK_FALSE(f.now().text);
    f.world->run_gate.open();
    REQUIRE(f.settle());
    CHECK(f.now().text->model_id == f.now().model->id);
    CHECK_FALSE(f.now().is_stale);
}

TEST_CASE("open: a stored trace is shown without an engine; typing loads its model first") {
    SessionFixture f;
    f.session.open_stored_trace(stored_trace("session_stored"), "no_such_folder/model");
    REQUIRE(f.settle());
    REQUIRE(f.now().text);
    CHECK(f.world->num_opened == 0);
    CHECK_FALSE(f.now().model->is_live);
    CHECK_FALSE(f.now().text->was_measured_now);
    CHECK(f.now().typed_text == "1 2 3");
    CHECK(f.now().text->analysis.heads.size() == 6);
    CHECK_FALSE(f.now().is_stale);
    CHECK(f.now().settings.recent.empty());
    CHECK(f.session.weight_analysis().state == Derived<WeightAnalysis>::State::Failed);
    CHECK(f.session.predictions(0).state == Derived<QueryPredictions>::State::Failed);
    const auto id = f.now().model->id;

    f.session.set_text("1 2 3 4");
    CHECK(f.now().is_stale);
    REQUIRE(f.settle());
    CHECK(f.world->num_opened == 1);
    CHECK(f.now().model->is_live);
    CHECK(f.now().model->id == id);
    CHECK(ids_of(f.now()) == Ids{1, 2, 3, 4});
    CHECK(f.now().text->was_measured_now);
}

TEST_CASE("open: a dump whose model is unknown refuses a text and stays as it is") {
    SessionFixture f;
    f.session.open(stored_trace("session_dump"));
    REQUIRE(f.settle());
    REQUIRE(f.now().text);
    f.session.take_notices();
    f.session.set_text("1 2");
    CHECK_FALSE(f.session.is_busy());
    const auto notices = f.session.take_notices();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].text.find("stored attention cannot run a text") != std::string::npos);
    CHECK_FALSE(f.now().is_stale);
    CHECK(f.now().typed_text == "1 2 3");
    CHECK(ids_of(f.now()) == Ids{1, 2, 3});
}

TEST_CASE("open: a model that cannot be loaded is told once, not at each key press") {
    SessionFixture f;
    f.session.open_stored_trace(stored_trace("session_unloadable"), "no_such_folder/model");
    REQUIRE(f.settle());
    f.session.take_notices();
    f.world->open_error = "not here";
    for (const char* text : {"1", "1 2", "1 2 3 4"}) {
        f.session.set_text(text);
        REQUIRE(f.settle());
    }
    CHECK(f.session.take_notices().size() == 1);
    f.world->open_error.clear();
    f.session.make_live();
    REQUIRE(f.settle());
    CHECK(f.now().model->is_live);
    CHECK(ids_of(f.now()) == Ids{1, 2, 3, 4});
}

TEST_CASE("open: ending the session stops what runs and what waits") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    const int before = f.world->run_gate.num_entered();
    f.world->run_gate.close();
    f.session.set_text("1 2 3");
    f.session.pyramid({{0, 0}});
    start_probe(f.session);
    f.world->run_gate.wait_for_entries(before + 1);
    f.owned.reset();  // would never return if it waited for the gate
    CHECK(f.world->run_gate.num_entered() == before + 1);
}

TEST_CASE("open: an ambiguous order of axes is asked, and the answer opens the file") {
    const std::string path = fresh_dir("session_axes") + "/even.json";
    std::ofstream(path) << R"({"attention": [[[[0.5, 0.5], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]],
                                             [[[0.5, 0.5], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]]]})";
    SessionFixture f;
    f.session.open(path);
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().text);
    CHECK(f.session.take_notices().empty());
    REQUIRE(f.now().open_question);
    const OpenQuestion question = *f.now().open_question;
    CHECK(question.kind == OpenQuestion::Kind::AxisOrder);
    CHECK(question.path == path);
    CHECK(question.sentence.find("ambiguous") != std::string::npos);
    REQUIRE(question.answers.size() >= 2);
    CHECK(question.answers[0].find_first_not_of("lhqkb") == std::string::npos);
    CHECK(question.answers[0] != question.answers[1]);
    CHECK(f.now().settings.recent.empty());

    f.session.drop_open_question();
    CHECK_FALSE(f.now().open_question);
    OpenChoices choices;
    choices.axes = question.answers[0];
    f.session.open(path, choices);
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().open_question);
    REQUIRE(f.now().text);
    CHECK(f.now().text->trace->num_layers() == 2);
    choices.axes = "lhqq";
    f.session.open(path, choices);
    REQUIRE(f.settle());
    REQUIRE(f.now().open_error);  // an answer that fits nothing is an error, not another question
    CHECK_FALSE(f.now().open_question);
}

TEST_CASE("open: a TorchScript program is opened only after the user's word") {
    const std::string path = shared_fixture("formats/torchscript/tiny_traced.pt");
    HEADLIGHT_NEEDS(path);
    SessionFixture f;
    f.session.open(path);
    REQUIRE(f.settle());
    CHECK(f.world->num_opened == 0);
    REQUIRE(f.now().open_question);
    CHECK(f.now().open_question->kind == OpenQuestion::Kind::RunsCode);
    CHECK(f.now().open_question->sentence.find("code in the file is run") != std::string::npos);
    OpenChoices choices;
    choices.trusts_torchscript = true;
    f.session.open(path, choices);
    REQUIRE(f.settle());
    CHECK(f.world->num_opened == 1);
    CHECK(f.world->has_trusted_code);
}

TEST_CASE("open: another tokenizer reads the same text again") {
    const std::string folder = fresh_dir("session_tokenizers");
    const auto write_vocabulary = [](const std::string& path, int first) {
        std::ofstream(path) << R"({"version": "1.0", "pre_tokenizer": {"type": "WhitespaceSplit"},
            "model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0, "a": )"
                            << first << R"(, "b": )" << first + 1 << "}}}";
    };
    write_vocabulary(folder + "/tokenizer.json", 1);
    SessionFixture f;
    f.open(folder);
    f.session.set_text("a b");
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2});
    REQUIRE(f.now().model->tokenizers.size() == 1);
    CHECK(f.now().model->tokenizers[0].is_default);

    const std::string other = fresh_dir("session_tokenizers_other");
    write_vocabulary(other + "/tokenizer.json", 7);
    const auto model_id = f.now().model->id;
    f.session.use_tokenizer(other + "/tokenizer.json");
    REQUIRE(f.settle());
    CHECK(f.now().model->id == model_id);
    CHECK(f.world->num_opened == 1);
    CHECK(ids_of(f.now()) == Ids{7, 8});
    CHECK(f.session.take_notices().empty());
    f.session.use_tokenizer(other + "/absent.json");
    REQUIRE(f.settle());
    CHECK(f.session.take_notices().size() == 1);
    CHECK(ids_of(f.now()) == Ids{7, 8});
    f.session.set_text("b a");
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{8, 7});
}
