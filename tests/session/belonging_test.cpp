// Whatever a snapshot shows is of one model, one tokenizer and one text: from every state to every other.
#include "session/belonging.h"
#include "session/recording_shell.h"
#include "session/saved/notes_state.h"

using namespace headlight;
using namespace headlight::test;

namespace {

Intervention zero(HeadId head) {
    Intervention change;
    change.mode = InterventionMode::ZeroOutput;
    change.heads = {head};
    return change;
}

bool note(Session& session, const std::string& command, const std::string& word) {
    RecordingShell shell;
    CommandContext context{session, shell};
    return run_command(context, {command, {word}}).has_value();
}

/// Everything that can be had of a model: a text, its units, chosen heads, replaced attention, a sweep, a
/// probe, spectra, notes.
void fill(ManyModels& f) {
    // Each time with the next of tokens, words, sentences, lines.
    f.session.update_settings([](Settings& settings) {
        settings.text_unit = static_cast<TextUnit>((static_cast<int>(settings.text_unit) + 1) % 4);
    });
    f.session.set_text(f.now().model && f.now().model->tokenizer ? "a b c" : "1 2 3");
    REQUIRE(f.settle());
    f.session.use_fitting_text();
    REQUIRE(f.settle());
    f.session.select({f.now().model->spec.num_layers - 1, f.now().model->spec.num_heads - 1});
    f.session.select({0, 0}, true);
    f.session.set_query(1);
    f.session.set_key(0);
    f.session.add_intervention(zero({0, 0}));
    start_sweep(f.session, InterventionMode::ZeroOutput);
    start_probe(f.session);
    REQUIRE(note(f.session, "note", "a word"));
    REQUIRE(note(f.session, "note_cell", "another"));
    REQUIRE(f.settle());
    belongs_together(f.session);
    REQUIRE(f.settle());
    belongs_together(f.session);
    f.session.take_notices();
}

/// Nothing of what fill() made is left.
void check_is_fresh(ManyModels& f) {
    CHECK_FALSE(f.now().interventions);
    CHECK_FALSE(f.now().ablation);
    CHECK_FALSE(f.now().sweep);
    CHECK_FALSE(f.now().part<ProbeState>().task.value());
    CHECK(f.now().part<ProbeState>().task.look().value == nullptr);
    CHECK(f.now().part<ParityState>().path.empty());
    CHECK(f.now().part<NotesState>().all().empty());
    CHECK(f.now().selection.head == HeadId{0, 0});
    CHECK(f.now().selection.others.empty());
    CHECK(f.now().selection.key == -1);
}

}  // namespace

TEST_CASE("belonging: from every model or dump to every other, nothing stays, not even for a frame") {
    ManyModels f("belonging_all");
    for (const std::string& from : f.models()) {
        for (const std::string& to : f.models()) {
            CAPTURE(from);
            CAPTURE(to);
            f.session.open(from);
            REQUIRE(f.settle());
            fill(f);
            const auto old = f.now().model->id;
            f.world->run_gate.close();  // the new model's text does not come for a while
            f.session.open(to);
            f.pump_until([&] { return f.now().model->id != old || f.now().open_error; });
            REQUIRE_MESSAGE(!f.now().open_error, f.now().open_error->text);
            belongs_together(f.session);
            check_is_fresh(f);
            const bool is_stored = !f.now().model->is_live;
            CHECK((f.now().text != nullptr) == is_stored);
            CHECK_FALSE(f.session.pyramid({{0, 0}}).value);
            CHECK_FALSE(f.session.weight_analysis().value);
            f.world->run_gate.open();
            REQUIRE(f.settle());
            belongs_together(f.session);
            check_is_fresh(f);
            CHECK(f.now().model->spec.name == std::filesystem::path(to).stem().string());
            CHECK((f.now().text != nullptr) != (f.now().text_problem != nullptr));
        }
    }
}

TEST_CASE("belonging: a model whose text cannot run is empty, with the reason and a text that fits") {
    ManyModels f("belonging_sums");
    f.session.open(f.words);
    f.session.set_text("a b c d e a b");
    REQUIRE(f.settle());
    fill(f);
    f.session.set_text("a b c d e a b");
    REQUIRE(f.settle());
    f.session.open(f.sums);
    REQUIRE(f.settle());
    belongs_together(f.session);
    check_is_fresh(f);
    CHECK_FALSE(f.now().text);
    REQUIRE(f.now().text_problem);
    CHECK(f.now().text_problem->reason.find("7 tokens") != std::string::npos);
    CHECK(f.now().text_problem->fitting_origin == "a sample of its vocabulary");
    CHECK(f.now().typed_text == "a b c d e a b");
    CHECK_FALSE(f.session.undo());
    const auto notices = f.session.take_notices();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].level == Notice::Level::Error);
    CHECK(notices[0].details.find(f.now().text_problem->fitting) != std::string::npos);

    REQUIRE(f.session.use_fitting_text());
    REQUIRE(f.settle());
    REQUIRE(f.now().text);
    CHECK(f.now().text->tokens.tokens.size() == 3);
    CHECK(f.now().text->tokens.tokens[2].piece == "=");
    CHECK_FALSE(f.now().text_problem);
    CHECK_FALSE(f.session.use_fitting_text());
    CHECK(f.session.undo());  // the user's text is not lost
    CHECK(f.now().typed_text == "a b c d e a b");
    REQUIRE(f.settle());
    belongs_together(f.session);
    CHECK(f.now().is_text_left_over());  // the same model: its last picture stays, dimmed
    CHECK(f.session.redo());
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().is_stale);

    f.session.take_notices();
    f.session.open(f.words);  // takes it: the user's text runs again
    REQUIRE(f.settle());
    CHECK(f.now().typed_text == "a b c d e a b");
    REQUIRE(f.now().text);
    CHECK(f.now().text->tokens.text == "a b c d e a b");
    CHECK(f.session.take_notices().size() >= 1);
    CHECK(f.session.undo());
    CHECK(f.now().typed_text != "a b c d e a b");
}

TEST_CASE("belonging: the box's sample runs where the user's text still does not fit") {
    ManyModels f("belonging_sample");
    f.session.open(f.words);
    f.session.set_text("a b c d");
    REQUIRE(f.settle());
    f.session.open(f.sums);
    REQUIRE(f.settle());
    REQUIRE(f.session.use_fitting_text());
    REQUIRE(f.settle());
    const std::string sample = f.now().typed_text;
    f.session.open(f.sums);
    REQUIRE(f.settle());
    CHECK(f.now().typed_text == sample);
    CHECK(f.now().text);
    f.session.open(f.words);
    REQUIRE(f.settle());
    CHECK(f.now().typed_text == "a b c d");
}

TEST_CASE("belonging: a dump over a model and back brings the user's text back") {
    ManyModels f("belonging_dump");
    f.session.open(f.words);
    f.session.set_text("a b c");
    REQUIRE(f.settle());
    f.session.open(f.stored);
    REQUIRE(f.settle());
    belongs_together(f.session);
    CHECK(f.now().typed_text == "1 2 3");
    f.session.open(f.words);
    REQUIRE(f.settle());
    belongs_together(f.session);
    CHECK(f.now().typed_text == "a b c");
    CHECK(f.now().text->tokens.text == "a b c");
}

TEST_CASE("belonging: stored attention refuses a text at once and stays whole") {
    ManyModels f("belonging_refused");
    f.session.open(f.stored);
    REQUIRE(f.settle());
    const auto shown = f.now().text;
    f.session.take_notices();
    REQUIRE(f.session.why_no_text_runs());
    CHECK(f.session.why_no_text_runs()->message.find("stored attention cannot run a text; open its model") ==
          0);
    f.session.set_text("hello");
    CHECK_FALSE(f.session.is_busy());
    CHECK(f.session.take_notices().size() == 1);
    CHECK(f.now().text == shown);
    CHECK_FALSE(f.now().is_stale);
    CHECK(f.now().typed_text == "1 2 3");
    f.session.set_text("1 2 3");
    CHECK(f.session.take_notices().empty());
    f.session.open(f.stored);
    f.session.set_text("4 5");  // for what is being opened
    REQUIRE(f.settle());
    CHECK(f.session.take_notices().size() == 1);
    CHECK(f.now().typed_text == "1 2 3");
    f.session.open(f.words);  // a text for what is being opened is no text for the dump
    f.session.set_text("a b");
    REQUIRE(f.settle());
    CHECK(f.now().text->tokens.text == "a b");
    belongs_together(f.session);
}

TEST_CASE("belonging: another tokenizer takes the old attention away at once, a broken one does not") {
    ManyModels f("belonging_tokenizer");
    f.session.open(f.words);
    f.session.set_text("a b c");
    REQUIRE(f.settle());
    fill(f);
    f.session.use_tokenizer(f.root + "/absent.json");
    REQUIRE(f.settle());
    CHECK(f.now().base_text->tokens.ids() == std::vector<std::int32_t>{1, 2, 3});
    CHECK(f.now().part<ProbeState>().task.value());
    belongs_together(f.session);

    const auto before = f.now().model->tokenizer_id;
    f.world->run_gate.close();
    f.session.use_tokenizer(f.other_words);
    f.pump_until([&] { return f.now().model->tokenizer_id != before; });
    CHECK_FALSE(f.now().text);
    CHECK_FALSE(f.now().part<ProbeState>().task.value());
    CHECK_FALSE(f.now().sweep);
    belongs_together(f.session);
    f.world->run_gate.open();
    REQUIRE(f.settle());
    CHECK(f.now().base_text->tokens.ids() == std::vector<std::int32_t>{15, 14, 13});
    belongs_together(f.session);

    f.session.use_tokenizer(f.wrong_words);  // ids beyond the vocabulary: empty, with the reason
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().text);
    REQUIRE(f.now().text_problem);
    CHECK(f.now().text_problem->reason.find("id 1001") != std::string::npos);
    belongs_together(f.session);
}

TEST_CASE("belonging: a tokenizer that was read before a cancel is the one that is named") {
    ManyModels f("belonging_cancel");
    f.session.open(f.words);
    f.session.set_text("a b");
    REQUIRE(f.settle());
    const int before = f.world->run_gate.num_entered();
    f.world->run_gate.close();
    f.session.use_tokenizer(f.other_words);
    start_probe(f.session);  // enters the gate when the tokenizer has been read
    f.world->run_gate.wait_for_entries(before + 1);
    f.session.cancel();
    f.world->run_gate.open();
    REQUIRE(f.settle());
    belongs_together(f.session);
    f.session.set_text("b a");
    REQUIRE(f.settle());
    belongs_together(f.session);
}

TEST_CASE("belonging: a failed open leaves the old model whole, a cancelled run says so") {
    ManyModels f("belonging_failed");
    f.session.open(f.words);
    f.session.set_text("a b");
    REQUIRE(f.settle());
    fill(f);
    const auto model = f.now().model;
    const auto text = f.now().text;
    f.session.open(f.broken);
    REQUIRE(f.settle());
    CHECK(f.now().model == model);
    CHECK(f.now().text == text);
    CHECK(f.now().part<ProbeState>().task.value());
    CHECK(f.now().open_error);
    belongs_together(f.session);

    const int before = f.world->run_gate.num_entered();
    f.world->run_gate.close();
    f.session.open(f.ids);
    f.session.set_text("1 2");
    f.pump_until([&] { return f.world->run_gate.num_entered() > before && f.now().model != model; });
    f.world->run_gate.wait_for_entries(before + 1);
    f.session.cancel();
    f.world->run_gate.open();
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().text);
    REQUIRE(f.now().text_problem);
    CHECK(f.now().text_problem->may_run_again);
    belongs_together(f.session);
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    CHECK(f.now().text);
    CHECK_FALSE(f.now().text_problem);
}

TEST_CASE("belonging: an engine that refuses offers to run again; the same model keeps its last picture") {
    ManyModels f("belonging_engine");
    f.session.open(f.words);
    f.session.set_text("a b");
    REQUIRE(f.settle());
    const auto shown = f.now().text;
    f.world->run_error = "no memory";
    f.session.set_text("a b c");
    REQUIRE(f.settle());
    CHECK(f.now().text == shown);
    CHECK(f.now().is_text_left_over());
    CHECK(f.now().text_problem->may_run_again);
    f.session.open(f.pair);
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().text);
    CHECK(f.now().text_problem->may_run_again);
    f.world->run_error.clear();
    f.session.set_text(f.now().typed_text);
    REQUIRE(f.settle());
    CHECK(f.now().kinds.size() == 3);
    belongs_together(f.session);
}

TEST_CASE("belonging: a stored trace whose model has other heads goes when that is loaded") {
    ManyModels f("belonging_other_heads");
    f.session.open_stored_trace(f.stored, f.ids);  // 4 × 1 heads stored, 3 × 2 loaded
    REQUIRE(f.settle());
    REQUIRE(f.now().text);
    f.session.make_live();
    REQUIRE(f.settle());
    CHECK(f.now().model->spec.name == "ids");
    CHECK(f.now().text->was_measured_now);
    belongs_together(f.session);
}
