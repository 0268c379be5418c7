// Notes on heads and cells: commands, undo, and what they belong to.
#include "session/tasks/notes.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "session/belonging.h"
#include "session/recording_shell.h"

using namespace headlight;
using namespace headlight::test;

namespace {

struct NotesFixture : ManyModels {
    RecordingShell shell;
    explicit NotesFixture(const std::string& name) : ManyModels(name) {
        session.open(words);
        session.set_text("a b c");
        REQUIRE(settle());
        session.take_notices();
    }
    Status run(const std::string& id, std::vector<std::string> arguments = {}) {
        CommandContext context{session, shell};
        return run_command(context, {id, std::move(arguments)});
    }
    const NotesState& state() const { return now().part<NotesState>(); }
    const Notes& notes() const { return state().all(); }
};

std::string read_bytes(const std::string& path) {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
}

}  // namespace

TEST_CASE("notes: one on a head, in a colour; a second takes its place and keeps the colour") {
    NotesFixture f("notes_head");
    f.session.select({1, 2});
    REQUIRE(f.run("note", {"strong", "one", "red"}));
    REQUIRE(f.notes().size() == 1);
    CHECK(f.notes()[0].words == "strong one");
    CHECK(f.notes()[0].color == NoteColor::Red);
    CHECK(f.notes()[0].head == HeadId{1, 2});
    CHECK(f.state().of_head(AttentionKind::Self, {1, 2}) != nullptr);
    CHECK(f.state().of_head(AttentionKind::Self, {1, 1}) == nullptr);
    REQUIRE(f.run("note", {"red"}));  // a word, not a colour
    REQUIRE(f.notes().size() == 1);
    CHECK(f.notes()[0].words == "red");
    CHECK(f.notes()[0].color == NoteColor::Red);
    CHECK_FALSE(f.run("note", {"  "}));
    CHECK_FALSE(f.run("note", {std::string(2000, 'a')}));
    REQUIRE(f.run("note", {"two\nlines"}));
    CHECK(f.notes()[0].words == "two lines");
    belongs_together(f.session);
}

TEST_CASE("notes: undo and redo, also between texts") {
    NotesFixture f("notes_undo");
    REQUIRE(f.run("note", {"one"}));
    f.session.set_text("a b c d");
    REQUIRE(f.settle());
    REQUIRE(f.run("note", {"two"}));
    REQUIRE(f.run("remove_note"));
    CHECK(f.notes().empty());
    REQUIRE(f.session.undo());
    CHECK(f.notes()[0].words == "two");
    REQUIRE(f.session.undo());
    CHECK(f.notes()[0].words == "one");
    CHECK(f.now().typed_text == "a b c d");
    REQUIRE(f.session.undo());
    CHECK(f.now().typed_text == "a b c");
    CHECK(f.notes()[0].words == "one");
    REQUIRE(f.session.undo());
    CHECK(f.notes().empty());
    while (f.session.redo()) {
    }
    CHECK(f.notes().empty());
    REQUIRE(f.settle());
    belongs_together(f.session);
}

TEST_CASE("notes: on a cell they are of its text; a click on one brings that text back") {
    NotesFixture f("notes_cell");
    CHECK_FALSE(f.run("note_cell", {"no key is chosen"}));
    f.session.select({0, 1});
    f.session.set_query(2);
    f.session.set_key(1);
    REQUIRE(f.run("note_cell", {"looks", "back", "blue"}));
    REQUIRE(f.run("note", {"head"}));
    REQUIRE(f.notes().size() == 2);
    const Note cell = f.notes()[0];
    CHECK(cell.query == 2);
    CHECK(cell.key == 1);
    CHECK(cell.query_token == "c");
    CHECK(cell.key_token == "b");
    CHECK(cell.text == "a b c");
    CHECK(cell.text_id == note_text_id({1, 2, 3}, {}));
    CHECK(f.state().of_cell(AttentionKind::Self, {0, 1}, 2, 1) != nullptr);
    f.session.set_text("e d c b");
    REQUIRE(f.settle());
    CHECK(f.notes().size() == 2);  // kept
    CHECK(f.state().of_cell(AttentionKind::Self, {0, 1}, 2, 1) == nullptr);
    CHECK(f.state().of_head(AttentionKind::Self, {0, 1}) != nullptr);
    f.session.select({1, 0});
    REQUIRE(f.run("go_to_note", {"0"}));
    REQUIRE(f.settle());
    CHECK(f.now().typed_text == "a b c");
    CHECK(f.now().token_selection.head == HeadId{0, 1});
    CHECK(f.now().token_selection.query == 2);
    CHECK(f.now().token_selection.key == 1);
    CHECK_FALSE(f.run("go_to_note", {"2"}));
    CHECK_FALSE(f.run("go_to_note", {"x"}));
    // The cell's note goes first, then the head's.
    REQUIRE(f.run("remove_note"));
    REQUIRE(f.notes().size() == 1);
    CHECK_FALSE(f.notes()[0].is_of_cell());
    REQUIRE(f.run("remove_note"));
    CHECK(f.notes().empty());
    CHECK_FALSE(f.run("remove_note"));
}

TEST_CASE("notes: between words the cell is that of the chosen tokens; weights, units and kinds keep it") {
    NotesFixture f("notes_units");
    f.session.set_token(TokenAxis::Query, 2);
    f.session.set_token(TokenAxis::Key, 0);
    f.session.update_settings([](Settings& settings) { settings.text_unit = TextUnit::Line; });
    REQUIRE(f.settle());
    REQUIRE(f.run("note_cell", {"line"}));
    CHECK(f.notes()[0].query == 2);
    CHECK(f.notes()[0].text_id == note_text_id({1, 2, 3}, {}));
    f.session.open(f.pair);
    f.session.set_text("a b");
    f.session.set_decoder_text("c d");
    REQUIRE(f.settle());
    CHECK(f.notes().empty());
    REQUIRE(f.session.set_kind(AttentionKind::Cross));
    f.session.set_token(TokenAxis::Query, 1);
    f.session.set_token(TokenAxis::Key, 1);
    REQUIRE(f.run("note_cell", {"cross"}));
    REQUIRE(f.run("note", {"of the cross head"}));
    CHECK(f.notes()[0].kind == AttentionKind::Cross);
    CHECK(f.notes()[0].text == "a b");
    CHECK(f.notes()[0].decoder_text == "c d");
    REQUIRE(f.session.set_kind(AttentionKind::Encoder));
    CHECK(f.state().of_head(AttentionKind::Encoder, f.now().selection.head) == nullptr);
    REQUIRE(f.run("go_to_note", {"0"}));
    REQUIRE(f.settle());
    CHECK(f.now().base_text->kind() == AttentionKind::Cross);
    belongs_together(f.session);
}

TEST_CASE("notes: changed and removed by their number") {
    NotesFixture f("notes_numbers");
    f.session.select({0, 0});
    REQUIRE(f.run("note", {"one"}));
    f.session.select({0, 1});
    REQUIRE(f.run("note", {"two", "pink"}));
    REQUIRE(f.run("change_note", {"0", "first", "word", "teal"}));
    CHECK(f.notes()[0].words == "first word");
    CHECK(f.notes()[0].color == NoteColor::Teal);
    REQUIRE(f.run("change_note", {"1", "green"}));
    CHECK(f.notes()[1].words == "two");
    CHECK(f.notes()[1].color == NoteColor::Green);
    CHECK_FALSE(f.run("change_note", {"2", "x"}));
    CHECK_FALSE(f.run("remove_note", {"-1"}));
    REQUIRE(f.run("remove_note", {"0"}));
    REQUIRE(f.notes().size() == 1);
    CHECK(f.notes()[0].words == "two");
}

TEST_CASE("notes: exported as the name ends") {
    NotesFixture f("notes_export");
    CHECK_FALSE(f.run("export_notes", {f.root + "/none.csv"}));
    REQUIRE(f.run("note", {"one"}));
    REQUIRE(f.run("export_notes"));
    CHECK(f.shell.calls.back() == "ask_for_file export_notes");
    CHECK_FALSE(f.run("export_notes", {f.root + "/notes.txt"}));
    REQUIRE(f.run("export_notes", {f.root + "/notes.csv"}));
    REQUIRE(f.run("export_notes", {f.root + "/notes.json"}));
    REQUIRE(f.settle());
    CHECK(read_bytes(f.root + "/notes.csv").find("words,self,0,0,,,,,one,yellow,") != std::string::npos);
    CHECK(read_bytes(f.root + "/notes.json").find("\"note\": \"one\"") != std::string::npos);
    CHECK(f.session.take_notices().size() == 2);
}

TEST_CASE("notes: another model has its own; without a model there are none") {
    NotesFixture f("notes_models");
    REQUIRE(f.run("note", {"of words"}));
    f.session.open(f.sums);
    REQUIRE(f.settle());
    CHECK(f.notes().empty());
    CHECK_FALSE(f.session.undo());
    belongs_together(f.session);
    SessionFixture empty;
    CommandContext context{empty.session, f.shell};
    CHECK_FALSE(run_command(context, {"note", {"x"}}));
    CHECK_FALSE(run_command(context, {"note_cell", {"x"}}));
}
