// A session is saved, opened, kept by itself and brought back.
#include <filesystem>
#include <fstream>

#include "io/identify_path.h"
#include "run/sample_session.h"
#include "run/saved/session_file.h"
#include "session/belonging.h"
#include "session/recording_shell.h"
#include "session/saved/notes_state.h"
#include "session/saved/restore.h"
#include "session/saved/saved_part.h"
#include "session/tasks/comparison.h"
#include "session/tasks/generation.h"
#include "session/tasks/patching.h"
#include "session/tasks/question.h"
#include "session/tasks/search.h"

using namespace headlight;
using namespace headlight::test;

namespace {

namespace fs = std::filesystem;

/// A session whose folder for autosaves is its own.
struct KeptFixture {
    std::shared_ptr<FakeWorld> world = std::make_shared<FakeWorld>();
    FakeEngine engine{world};
    std::unique_ptr<Session> session;
    RecordingShell shell;

    void start(const std::string& autosave_folder) {
        SessionOptions options;
        options.engine = [this]() -> Result<Engine*> { return &engine; };
        options.num_threads = 1;
        options.autosave_folder = autosave_folder;
        session = std::make_unique<Session>(std::move(options));
    }
    const Snapshot& now() const { return session->snapshot(); }
    const SavedState& saved() const { return now().part<SavedState>(); }
    bool settle() { return session->wait_until_idle_blocking(kPatience); }
    Status run(const std::string& id, std::vector<std::string> arguments = {}) {
        CommandContext context{*session, shell};
        return run_command(context, {id, std::move(arguments)});
    }
    template <class Condition>
    void pump_until(const Condition& holds) {
        while (!holds()) {
            session->pump();
            std::this_thread::yield();
        }
    }
};

Status run_in(Session& session, const std::string& id, std::vector<std::string> arguments = {}) {
    RecordingShell shell;
    CommandContext context{session, shell};
    return run_command(context, {id, std::move(arguments)});
}

/// Everything that a session file can hold of a model that reads one text.
void do_all(Session& session, const std::function<bool()>& settle) {
    session.set_text("5 6 7 8");
    REQUIRE(settle());
    start_writing(session, 2);
    REQUIRE(settle());
    REQUIRE(branch_writing(session, 0, 9));
    REQUIRE(settle());
    Interventions changes;
    for (const InterventionMode mode : kInterventionModes) {
        Intervention change;
        change.mode = mode;
        change.heads = {{1, 0}};
        if (mode == InterventionMode::KnockOut) change.edges = {{2, 1}};
        if (mode == InterventionMode::Scale) change.factor = 0.5;
        if (mode == InterventionMode::MeanOutput) change.outputs = {{1, 2}};
        if (mode == InterventionMode::Pattern) {
            Matrix pattern(5, 5);
            for (int i = 0; i < 5; ++i)
                pattern.at(i, 0) = 1;
            change.patterns = {pattern};
        }
        changes.push_back(change);
    }
    session.set_interventions(std::make_shared<const Interventions>(changes));
    session.set_compare(Compare::Difference);
    ask_question(session, AskedQuestion{-1, 3, 4});
    set_corrupted_text(session, "5 6 9 8");
    choose_patching(session, PatchSite::Resid, PatchDirection::Noise);
    ComparisonState compared;
    compared.with = ComparedWith::Text;
    compared.other = "5 5 5";
    compare_with(session, compared);
    REQUIRE(run_in(session, "draw", {"stripe", "1"}));
    session.update_settings([](Settings& settings) { settings = sample_picture_settings(); });
    session.select({1, 1});
    session.select({0, 2}, true);
    session.set_token(TokenAxis::Query, 2);
    session.set_token(TokenAxis::Key, 1);
    REQUIRE(run_in(session, "note", {"strong", "red"}));
    REQUIRE(run_in(session, "note_cell", {"here"}));
    REQUIRE(settle());
}

}  // namespace

TEST_CASE("saved session: a second session that opens the file shows the same") {
    const std::string root = fresh_dir("saved_session_all");
    fs::create_directories(root + "/model");
    SessionFixture first;
    CHECK(capture_session(first.session).path.empty());
    first.open(root + "/model");
    do_all(first.session, [&] { return first.settle(); });
    const SavedSession saved = capture_session(first.session);
    CHECK(saved.path == root + "/model");
    REQUIRE(write_session(saved, root + "/a.headlight"));

    SessionFixture second;
    second.session.open(root + "/a.headlight");
    REQUIRE(second.settle());
    REQUIRE(second.now().model);
    belongs_together(second.session);
    SavedSession again = capture_session(second.session);
    again.branches.tree = saved.branches.tree;  // a new object of the same content, compared below
    CHECK(are_same(again, saved));
    CHECK(second.now().typed_text == first.now().typed_text);
    CHECK(second.now().selection == first.now().selection);
    CHECK(second.now().token_selection == first.now().token_selection);
    CHECK(second.now().compare == Compare::Difference);
    REQUIRE(second.now().interventions);
    CHECK(second.now().interventions->size() == first.now().interventions->size());
    CHECK(second.now().part<QuestionState>().asked == AskedQuestion{-1, 3, 4});
    CHECK(second.now().part<PatchingState>().corrupted_text == "5 6 9 8");
    CHECK(second.now().part<PatchingState>().site == PatchSite::Resid);
    CHECK(second.now().part<ComparisonState>().with == ComparedWith::Text);
    CHECK(second.now().part<SearchState>().strokes.size() == 1);
    CHECK(second.now().part<NotesState>().all() == first.now().part<NotesState>().all());
    const WritingState &one = first.now().part<WritingState>(), &other = second.now().part<WritingState>();
    REQUIRE(other.has_text());
    CHECK(other.tree->leaves() == one.tree->leaves());
    CHECK(other.num_written() == one.num_written());
    CHECK(other.run_id != 0);  // the shown text is a branch of it
    CHECK(second.now().text->tokens.ids() == first.now().text->tokens.ids());
    CHECK_FALSE(second.session.undo());
    CHECK(second.now().part<SavedState>().path == root + "/a.headlight");
    note_session(second.session);
    CHECK_FALSE(second.now().part<SavedState>().is_changed);
}

TEST_CASE("saved session: an encoder-decoder, a stored trace, a tokenizer, what was open beside") {
    ManyModels f("saved_many");
    RecordingShell shell;
    f.session.open(f.pair);
    f.session.set_text("a b");
    f.session.set_decoder_text("c d e");
    REQUIRE(f.settle());
    f.session.use_tokenizer(f.other_words);
    REQUIRE(f.settle());
    REQUIRE(f.session.set_kind(AttentionKind::Cross));
    f.session.open(f.atlas);
    REQUIRE(f.settle());
    f.session.set_token(TokenAxis::Key, 1);
    const SavedSession saved = capture_session(f.session);
    CHECK(saved.tokenizer == f.other_words);
    CHECK(saved.kind == AttentionKind::Cross);
    CHECK(saved.atlas == f.atlas);
    const std::string file = f.root + "/pair.headlight";
    REQUIRE(write_session(saved, file));
    f.session.open(f.words);
    REQUIRE(f.settle());
    f.session.open(file);
    REQUIRE(f.settle());
    belongs_together(f.session);
    CHECK(f.now().model->spec.name == "pair");
    CHECK(f.now().model->tokenizer_file == f.other_words);
    CHECK(f.now().base_text->kind() == AttentionKind::Cross);
    CHECK(f.now().typed_decoder_text == "c d e");
    REQUIRE(f.now().atlas);
    CHECK(are_same(capture_session(f.session), saved));

    f.session.open(f.stored);
    REQUIRE(f.settle());
    f.session.select({3, 0});
    const SavedSession stored = capture_session(f.session);
    CHECK(stored.path == f.stored);
    REQUIRE(write_session(stored, f.root + "/stored.headlight"));
    f.session.open(f.words);
    REQUIRE(f.settle());
    f.session.open(f.root + "/stored.headlight");
    REQUIRE(f.settle());
    belongs_together(f.session);
    CHECK(f.now().is_stored_only);
    CHECK(f.now().selection.head == HeadId{3, 0});
}

TEST_CASE("saved session: a model that is gone: the rest is kept, and comes back with the model") {
    const std::string root = fresh_dir("saved_session_gone");
    fs::create_directories(root + "/model");
    const std::string file = root + "/a.headlight";
    KeptFixture f;
    f.start({});
    f.session->open(root + "/model");
    f.session->set_text("5 6 7");
    REQUIRE(f.settle());
    REQUIRE(f.run("note", {"kept"}));
    REQUIRE(f.run("save_session", {root + "/a"}));
    REQUIRE(f.settle());
    REQUIRE(fs::exists(file));

    fs::rename(root + "/model", root + "/elsewhere");
    KeptFixture g;
    g.world->broken.insert(root + "/model");
    g.start({});
    g.session->open(file);
    REQUIRE(g.settle());
    CHECK_FALSE(g.now().model);
    REQUIRE(g.now().open_error);
    CHECK(g.now().open_error->text.find(root + "/model") != std::string::npos);
    CHECK(g.now().open_error->details.find("Open the model where it lies now") != std::string::npos);
    REQUIRE(g.saved().waiting);
    CHECK(capture_session(*g.session).text == "5 6 7");

    SUBCASE("it is opened where it lies now") {
        g.session->open(root + "/elsewhere");
        REQUIRE(g.settle());
        CHECK(g.now().typed_text == "5 6 7");
        CHECK(g.now().part<NotesState>().all().size() == 1);
        CHECK(g.saved().path == file);
        CHECK_FALSE(g.saved().waiting);
    }
    SUBCASE("another model leaves it waiting") {
        g.world->spec.num_layers = 5;
        g.session->open(root + "/elsewhere");
        REQUIRE(g.settle());
        CHECK(g.now().model);
        CHECK(g.now().part<NotesState>().all().empty());
        CHECK(g.saved().waiting);
        CHECK(g.saved().path.empty());
    }
}

TEST_CASE("saved session: files that are none leave everything as it is") {
    const std::string root = fresh_dir("saved_session_broken");
    SessionFixture f;
    f.open();
    f.session.set_text("5 6");
    REQUIRE(f.settle());
    const auto text = f.now().text;
    for (const char* content :
         {"", "{}", R"({"headlight_session": 99})", R"({"headlight_session": 1, "text": 5})"}) {
        std::ofstream(root + "/bad.headlight") << content;
        f.session.open(root + "/bad.headlight");
        REQUIRE(f.settle());
        CHECK(f.now().open_error);
        CHECK(f.now().text == text);
    }
    std::ofstream(root + "/itself.headlight")
        << R"({"headlight_session": 1, "model": {"path": ")" << root << R"(/itself.headlight"}})";
    f.session.open(root + "/itself.headlight");
    REQUIRE(f.settle());
    CHECK(f.now().text == text);
    CHECK(f.now().open_error);
    belongs_together(f.session);
}

TEST_CASE("saved session: Ctrl+S asks the first time, then writes there; a dot says what is not saved") {
    const std::string root = fresh_dir("saved_session_save");
    KeptFixture f;
    f.start({});
    CHECK_FALSE(f.run("save_session"));  // nothing is open
    f.session->open(root);
    f.session->set_text("5 6 7");
    REQUIRE(f.settle());
    REQUIRE(f.run("save_session"));
    CHECK(f.shell.calls.back() == "ask_for_file save_session");
    REQUIRE(f.run("save_session", {root + "/study"}));
    REQUIRE(f.settle());
    CHECK(f.saved().path == root + "/study.headlight");
    note_session(*f.session);
    CHECK_FALSE(f.saved().is_changed);
    f.session->set_text("5 6 7 8");
    note_session(*f.session);
    CHECK(f.saved().is_changed);
    REQUIRE(f.settle());
    REQUIRE(f.run("save_session"));
    REQUIRE(f.settle());
    note_session(*f.session);
    CHECK_FALSE(f.saved().is_changed);
    CHECK(read_session(root + "/study.headlight")->text == "5 6 7 8");
    CHECK(f.now().settings.recent.front() == root + "/study.headlight");
    f.session->set_text("5");
    REQUIRE(f.settle());
    note_session(*f.session);
    CHECK(f.saved().is_changed);
    REQUIRE(f.session->undo());
    note_session(*f.session);
    CHECK_FALSE(f.saved().is_changed);
    // A folder that cannot be written to: said, and the path stays.
    REQUIRE(f.run("save_session", {"/proc/nowhere/a.headlight"}));
    REQUIRE(f.settle());
    CHECK(f.saved().path == root + "/study.headlight");
    // Another model for itself is not the session's.
    f.session->open(root + "/other");
    REQUIRE(f.settle());
    CHECK(f.saved().path.empty());
}

TEST_CASE("autosave: what is open is on the disk when the session ends, and opens again") {
    const std::string root = fresh_dir("autosave_end"), folder = root + "/state/autosave";
    {
        KeptFixture f;
        f.start(folder);
        f.session->open(root);
        f.session->set_text("5 6 7");
        REQUIRE(f.settle());
        REQUIRE(f.run("note", {"mine"}));
        note_session(*f.session);
    }
    const std::string last = folder + "/" + kLastSessionName;
    REQUIRE(fs::exists(last));
    CHECK(read_session(last)->text == "5 6 7");
    KeptFixture g;
    g.start(folder);
    g.pump_until([&] { return !g.saved().last.empty(); });
    CHECK(g.saved().offer.empty());  // it ended
    REQUIRE(g.run("restore_session"));
    REQUIRE(g.settle());
    CHECK(g.now().typed_text == "5 6 7");
    CHECK(g.now().part<NotesState>().all().size() == 1);
    CHECK(g.saved().path.empty());
    CHECK(g.now().settings.recent.empty());  // the file is the program's own
}

TEST_CASE("autosave: a window that did not end is offered, one that lives is not") {
    const std::string root = fresh_dir("autosave_crash"), folder = root + "/autosave";
    SavedSession left;
    left.path = root;
    left.model_name = "fake";
    left.text = "1 2 3";
    left.saved_as = root + "/study.headlight";
    left.is_changed = true;
    const std::string crashed = folder + "/window-1-00000001.headlight";
    KeptFixture alive;
    alive.start(folder);
    alive.session->open(root);
    REQUIRE(alive.settle());
    note_session(*alive.session);
    const auto count_sessions = [&] {
        int count = 0;
        for (const auto& entry : fs::directory_iterator(folder))
            count += entry.path().string().ends_with(kSessionEnding) ? 1 : 0;
        return count;
    };
    alive.pump_until([&] { return fs::exists(folder) && count_sessions() == 1; });
    {
        KeptFixture f;
        f.start(folder);
        f.session->open(root);
        REQUIRE(f.settle());
    }
    REQUIRE(write_session(left, crashed));
    KeptFixture f;
    f.start(folder);
    f.pump_until([&] { return !f.saved().offer.empty(); });
    CHECK(f.saved().offer == crashed);
    CHECK(f.saved().offer_words.find("fake · 1 2 3") == 0);
    REQUIRE(f.run("restore_session"));
    REQUIRE(f.settle());
    CHECK(f.now().typed_text == "1 2 3");
    CHECK(f.saved().path == root + "/study.headlight");
    CHECK(f.saved().is_changed);  // it was not saved there
    CHECK(f.saved().offer.empty());
    f.pump_until([&] { return !fs::exists(crashed); });  // its own file is there by now
    CHECK(count_sessions() == 2);                        // of the two that live
}

TEST_CASE("autosave: an offer that nobody takes is made once and kept; broken ones are not offered") {
    const std::string root = fresh_dir("autosave_kept"), folder = root + "/autosave";
    fs::create_directories(folder);
    SavedSession left;
    left.path = root;
    REQUIRE(write_session(left, folder + "/window-1-00000001.headlight"));
    std::ofstream(folder + "/window-2-00000002.headlight") << "{";
    {
        KeptFixture f;
        f.start(folder);
        f.pump_until([&] { return !f.saved().offer.empty(); });
    }
    CHECK(fs::exists(folder + "/kept-window-1-00000001.headlight"));
    CHECK(fs::exists(folder + "/window-2-00000002.headlight"));
    KeptFixture f;
    f.start(folder);
    f.session->open(root);
    REQUIRE(f.settle());
    note_session(*f.session);
    f.pump_until([&] { return fs::exists(folder); });
    CHECK(f.saved().offer.empty());
}

TEST_CASE("autosave: changes of a session that was not saved are kept when another one is opened") {
    const std::string root = fresh_dir("autosave_aside"), folder = root + "/autosave";
    KeptFixture f;
    f.start(folder);
    f.session->open(root);
    f.session->set_text("5 6");
    REQUIRE(f.settle());
    REQUIRE(f.run("save_session", {root + "/a.headlight"}));
    REQUIRE(f.settle());
    f.session->set_text("5 6 7");
    REQUIRE(f.settle());
    note_session(*f.session);
    CHECK(f.saved().is_changed);
    f.session->take_notices();
    f.session->open(root + "/b");
    REQUIRE(f.settle());
    std::string kept;
    for (const Notice& notice : f.session->take_notices())
        if (notice.text.find("is kept") != std::string::npos) kept = notice.details;
    REQUIRE_FALSE(kept.empty());
    f.session.reset();
    CHECK(read_session(kept)->text == "5 6 7");
    CHECK(read_session(root + "/a.headlight")->text == "5 6");
}

TEST_CASE("autosave: notes on a model come back with it, without any session") {
    const std::string root = fresh_dir("autosave_notes"), folder = root + "/autosave";
    {
        KeptFixture f;
        f.start(folder);
        f.session->open(root);
        REQUIRE(f.settle());
        note_session(*f.session);
        REQUIRE(f.run("note", {"remember", "green"}));
        note_session(*f.session);
        f.session->open(root + "/other");  // of the same kind, so the same name and sizes
        REQUIRE(f.settle());
        note_session(*f.session);
    }
    KeptFixture f;
    f.start(folder);
    f.session->open(root);
    REQUIRE(f.settle());
    REQUIRE(f.now().part<NotesState>().all().size() == 1);
    CHECK(f.now().part<NotesState>().all()[0].words == "remember");
    f.world->spec.num_layers = 5;
    f.session->open(root);
    REQUIRE(f.settle());
    CHECK(f.now().part<NotesState>().all().empty());
}

TEST_CASE(
    "autosave: two windows with notes on one model keep those of both, and what was removed stays away") {
    const std::string root = fresh_dir("autosave_two"), folder = root + "/autosave";
    const auto words = [&](KeptFixture& f) {
        f.session->open(root);
        REQUIRE(f.settle());
        note_session(*f.session);
        std::string out;
        for (const Note& note : f.now().part<NotesState>().all())
            out += note.words + " ";
        return out;
    };
    {
        KeptFixture one, other;
        one.start(folder);
        other.start(folder);
        CHECK(words(one).empty());
        CHECK(words(other).empty());
        REQUIRE(one.run("note", {"one"}));
        note_session(*one.session);
        one.session.reset();
        REQUIRE(other.run("select", {"1", "1"}));
        REQUIRE(other.run("note", {"two"}));
        note_session(*other.session);
    }
    {
        KeptFixture f;
        f.start(folder);
        CHECK(words(f) == "two one ");
        REQUIRE(f.run("remove_note", {"1"}));
        note_session(*f.session);
        CHECK(words(f) == "two ");  // opened again before it is on the disk
    }
    KeptFixture f;
    f.start(folder);
    CHECK(words(f) == "two ");
}
