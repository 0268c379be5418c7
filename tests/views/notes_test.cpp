// The card of notes, and their marks on grid and heatmap.
#include <doctest/doctest.h>

#include "session/saved/notes_state.h"
#include "views/notes/note_marks.h"
#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// One note on the chosen head, one on a cell of this text, one on a cell of another, one elsewhere.
Snapshot noted_snapshot() {
    Snapshot snapshot = sample_snapshot({3, 4, 8, 0});
    snapshot.selection.head = {1, 2};
    snapshot.selection.query = 5;
    NotesState state;
    state.model_id = snapshot.model->id;
    state.text_id = note_text_id(snapshot.text->tokens.ids(), {});
    Note head;
    head.words = "strong";
    head.color = NoteColor::Red;
    head.head = {1, 2};
    Note cell = head;
    cell.words = "looks at שלום";
    cell.color = NoteColor::Blue;
    cell.query = 5;
    cell.key = 2;
    cell.text_id = state.text_id;
    cell.query_token = "⏎";
    cell.key_token = "·שלום";
    Note strange = cell;
    strange.words = "of another text";
    strange.text_id = "0123456789abcdef";
    strange.text = "The other text";
    Note other;
    other.words = "elsewhere";
    other.head = {2, 0};
    state.notes = std::make_shared<const Notes>(Notes{head, cell, strange, other});
    snapshot.parts.put(state);
    return snapshot;
}

}  // namespace

TEST_CASE("notes card: what to do without a model, and without a note") {
    {
        ViewStage nothing("notes", Snapshot{});
        CHECK(nothing.harness.recorded_items().size() > 0);
    }
    ViewStage empty("notes", sample_snapshot({3, 4, 8, 0}));
    CHECK(empty.harness.is_visible("note_keep"));
    CHECK_FALSE(empty.harness.is_visible("##notes_search"));
    CHECK_FALSE(empty.harness.is_visible("notes_export"));
}

TEST_CASE("notes card: the field is about the chosen head, and about the cell where one is chosen") {
    ViewStage stage("notes", noted_snapshot());
    stage.harness.click("note_remove");
    CHECK(stage.taken() == "remove_note 0");
    stage.harness.click("##note_words");
    stage.harness.type("er");
    stage.harness.click("note_keep");
    CHECK(stage.taken() == "note stronger red");
    stage.harness.click("##note_teal");  // of a note that is there: its colour, at once
    CHECK(stage.taken() == "note stronger teal");
    CHECK_FALSE(stage.harness.is_visible("note_cell"));

    stage.snapshot.selection.key = 2;  // a cell that has a note is what the field is about
    stage.harness.frames(2);
    stage.harness.click("note_remove");
    CHECK(stage.taken() == "remove_note 1");
    stage.harness.click("note_head");
    stage.harness.click("note_remove");
    CHECK(stage.taken() == "remove_note 0");
    stage.snapshot.selection.key = 1;  // this one has none
    stage.harness.frames(2);
    stage.harness.click("note_cell");
    stage.harness.click("##note_words");
    stage.harness.type("new");
    stage.harness.click("note_keep");
    CHECK(stage.taken().starts_with("note_cell new "));
}

TEST_CASE("notes card: a click goes to a note; the search leaves those that hold it") {
    ViewStage stage("notes", noted_snapshot());
    stage.harness.click("note_3");
    CHECK(stage.taken() == "go_to_note 3");
    stage.harness.hover("note_2");
    CHECK(stage.shared.hover.sentence.find("on another text") != std::string::npos);
    stage.harness.click("##notes_search");
    stage.harness.type("else");
    stage.harness.frames(2);
    CHECK(stage.harness.is_visible("note_3"));
    CHECK_FALSE(stage.harness.is_visible("note_0"));
    stage.harness.click("notes_export");
    CHECK(stage.taken() == "export_notes");
}

TEST_CASE("notes card: ten thousand notes draw those in sight only") {
    Snapshot snapshot = noted_snapshot();
    NotesState state = snapshot.part<NotesState>();
    Notes many;
    for (int i = 0; i < static_cast<int>(kMostNotes); ++i) {
        Note note;
        note.words = std::to_string(i);
        note.head = {0, 1};
        note.query = i;
        note.key = 0;
        note.text_id = state.text_id;
        many.push_back(note);
    }
    state.notes = std::make_shared<const Notes>(std::move(many));
    snapshot.parts.put(state);
    ViewStage stage("notes", snapshot, SampleValues::Mode::Ready, 300, 400);
    int rows = 0;
    for (const auto& item : stage.harness.recorded_items())
        rows += item.label.starts_with("note_") && item.label.size() < 10 &&
                        item.label.find_first_not_of("0123456789", 5) == std::string::npos
                    ? 1
                    : 0;
    CHECK(rows > 3);
    CHECK(rows < 40);
}

TEST_CASE("notes: tooltips of head and cell say them") {
    ViewStage stage("heatmap", noted_snapshot());
    SampleValues values(stage.snapshot, SampleValues::Mode::Ready);
    const std::unique_ptr<ViewState> state = find_view("notes")->make_state();
    ViewContext context{stage.snapshot, values, stage.actions, stage.shared,
                        nullptr,        *state, {0, 0},        {900, 640}};
    CHECK(head_note_words(context, {1, 2}) == "note: “strong”\n1 cell of this text with a note");
    CHECK(head_note_words(context, {2, 0}) == "note: “elsewhere”");
    CHECK(head_note_words(context, {0, 0}).empty());
    CHECK(cell_note_words(context, {{1, 2}}, 5, 2) == "note: “looks at שלום”");
    CHECK(cell_note_words(context, {{1, 2}}, 5, 1).empty());
    CHECK(cell_note_words(context, {{0, 2}}, 5, 2).empty());
}
