// What is open is kept by itself: after an end, after a crash, beside other windows.
#include <filesystem>
#include <fstream>

#include "io/identify_path.h"
#include "run/saved/session_file.h"
#include "session/kept_fixture.h"

using namespace headlight;
using namespace headlight::test;

namespace fs = std::filesystem;

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
