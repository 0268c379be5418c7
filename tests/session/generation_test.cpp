// Writing on in the window: tokens, branches, and the shown text that follows them by its ids.
#include "session/tasks/generation.h"

#include "session/belonging.h"
#include "session/session_fixture.h"
#include "session/tasks/comparison.h"

using namespace headlight;
using namespace headlight::test;

namespace {

using Ids = std::vector<std::int32_t>;

const WritingState& writing(const SessionFixture& f) {
    return f.now().part<WritingState>();
}

/// The fake's next token is the number of its place: behind "1 2 3" come 3, 4, 5.
void begin(SessionFixture& f, const std::string& text = "1 2 3") {
    f.open();
    f.session.set_text(text);
    REQUIRE(f.settle());
}

}  // namespace

TEST_CASE(
    "writing: the shown text becomes prompt and branch, by ids, and the row that wrote the last is chosen") {
    SessionFixture f;
    begin(f);
    start_writing(f.session, 3);
    CHECK(writing(f).is_playing());
    REQUIRE(f.settle());
    CHECK_FALSE(writing(f).is_playing());
    CHECK(writing(f).stop == WritingStop::Done);
    CHECK(ids_of(f.now()) == Ids{1, 2, 3, 3, 4, 5});
    CHECK(f.now().typed_text == "1 2 3 3 4 5");
    CHECK(f.now().text->num_prompt == 3);
    CHECK(f.now().text->is_written(3));
    CHECK_FALSE(f.now().text->is_written(2));
    CHECK(is_written_text(writing(f), f.now().text.get()));
    CHECK(f.now().selection.query == 4);  // P - 1 + step
    CHECK(step_of_query(writing(f), 4) == 2);
    const WrittenStep& first = writing(f).tree->step(writing(f).tree->path(writing(f).node)[0]);
    CHECK(first.token.id == 3);
    REQUIRE_FALSE(first.token.likeliest.empty());
    CHECK(first.token.likeliest[0].id == 3);
    CHECK(*first.token.own_probability == doctest::Approx(first.token.likeliest[0].probability));
    // No attention is kept for a token alone, and logits of its row only.
    for (const RunRequest& request : f.world->taken_requests()) {
        if (request.logit_positions.empty()) continue;
        CHECK(request.capture == CaptureMode::None);
        CHECK(request.logit_positions.size() == 1);
    }
    start_writing(f.session, 2);  // goes on
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2, 3, 3, 4, 5, 6, 7});
    CHECK(writing(f).num_prompt() == 3);
}

TEST_CASE("writing: undo takes the whole stretch back, and the branch with it; redo brings both") {
    SessionFixture f;
    begin(f);
    start_writing(f.session, 3);
    REQUIRE(f.settle());
    REQUIRE(f.session.undo());
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2, 3});
    CHECK(writing(f).num_written() == 0);
    REQUIRE(f.session.redo());
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2, 3, 3, 4, 5});
    CHECK(f.now().text->num_prompt == 3);
    CHECK(writing(f).num_written() == 3);
}

TEST_CASE("writing: it waits for a text that is on its way, and stops where the positions end") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3");
    start_writing(f.session, 100);
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()).size() == 16);
    f.session.take_notices();
    start_writing(f.session, 1);
    REQUIRE(f.settle());
    CHECK(writing(f).stop == WritingStop::Full);
    CHECK_FALSE(f.session.take_notices().empty());
}

TEST_CASE("writing: a pause keeps what was written") {
    SessionFixture f;
    f.world->spec.vocab_size = 5000;
    f.world->spec.max_positions = 0;
    begin(f);
    start_writing(f.session, 4000);
    f.pump_until([&] { return writing(f).num_written() >= 2; });
    pause_writing(f.session);
    CHECK_FALSE(writing(f).is_playing());
    const int count = writing(f).num_written();
    REQUIRE(f.settle());
    CHECK(writing(f).num_written() == count);
    CHECK(ids_of(f.now()).size() == static_cast<std::size_t>(3 + count));
    CHECK(writing(f).stop == WritingStop::Paused);
}

TEST_CASE("writing: who types on another text ends it; cancelling goes back to what is shown") {
    SessionFixture f;
    begin(f);
    f.world->run_gate.close();
    start_writing(f.session, 5);
    f.session.set_text("7 8");
    f.world->run_gate.open();
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{7, 8});
    CHECK_FALSE(writing(f).is_playing());

    f.world->run_gate.close();
    start_writing(f.session, 5);
    f.session.pump();
    f.session.cancel();
    f.world->run_gate.open();
    REQUIRE(f.settle());
    CHECK_FALSE(writing(f).is_playing());
    CHECK(ids_of(f.now()) == Ids{7, 8});
}

TEST_CASE("writing: another token at a step is a branch; branches are shown, compared and deleted") {
    SessionFixture f;
    begin(f);
    start_writing(f.session, 3);
    REQUIRE(f.settle());
    REQUIRE(branch_writing(f.session, 1, 9));
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2, 3, 3, 9});
    CHECK(f.now().selection.query == 3);
    REQUIRE(writing(f).tree->leaves().size() == 2);
    const WrittenStep& chosen = writing(f).tree->step(writing(f).node);
    CHECK(chosen.is_chosen);
    CHECK_FALSE(chosen.token.likeliest.empty());
    start_writing(f.session, 1);
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2, 3, 3, 9, 5});
    REQUIRE(choose_branch(f.session, 0));
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2, 3, 3, 4, 5});

    REQUIRE(compare_branch(f.session, 1));
    REQUIRE(f.settle());
    const auto comparison = f.now().part<ComparisonState>().task.value();
    REQUIRE(comparison);
    CHECK(comparison->b.text->tokens.ids() == Ids{1, 2, 3, 3, 9, 5});

    REQUIRE(delete_branch(f.session, 1));
    REQUIRE(f.settle());
    CHECK(writing(f).tree->leaves().size() == 1);
    CHECK(ids_of(f.now()) == Ids{1, 2, 3, 3, 4, 5});
    CHECK_FALSE(choose_branch(f.session, 1));
    CHECK_FALSE(branch_writing(f.session, 9, 1));
    CHECK_FALSE(branch_writing(f.session, 0, 64));
}

TEST_CASE("writing: it stops at an end token unless it is told not to") {
    const std::string folder = fresh_dir("writing_end");
    std::ofstream(folder + "/generation_config.json") << R"({"eos_token_id": [4]})";
    SessionFixture f;
    f.open(folder);
    f.session.set_text("1 2 3");
    REQUIRE(f.settle());
    start_writing(f.session, 5);
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2, 3, 3, 4});
    CHECK(writing(f).stop == WritingStop::Ended);
    WritingSettings settings;
    settings.stops_at_end = false;
    set_writing(f.session, settings);
    f.session.set_text("1 2 3 9");
    REQUIRE(f.settle());
    start_writing(f.session, 3);
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2, 3, 9, 4, 5, 6});
}

TEST_CASE("writing: parts of the prompt are marked by hand and come back") {
    SessionFixture f;
    begin(f);
    REQUIRE(mark_text_part(f.session, {"fact", 1, 2}));
    CHECK(writing(f).parts ==
          std::vector<TextPart>{{"prompt", 0, 1}, {"fact", 1, 2}, {"prompt after", 2, 3}});
    start_writing(f.session, 2);
    REQUIRE(f.settle());
    CHECK(writing(f).parts.size() == 3);
    CHECK_FALSE(mark_text_part(f.session, {"written", 3, 5}));
    MadeFromRequest request;
    request.parts = writing(f).parts;
    request.num_prompt = 3;
    request.first_query = 2;
    request.last_query = 5;
    f.session.made_from(request);
    REQUIRE(f.settle());
    const auto made = f.session.made_from(request);
    REQUIRE(made.is_ready());
    CHECK(made.value->share(0, 1) == doctest::Approx(1.0 / 3));
    CHECK(made.value->share(2, 3) == doctest::Approx(2.0 / 5));
    REQUIRE(clear_text_parts(f.session));
    CHECK(writing(f).parts.size() == 1);
}

TEST_CASE("writing: another model, and another tokenizer, know nothing of it") {
    ManyModels f("writing_models");
    f.open(f.words);
    f.session.set_text("a b");
    REQUIRE(f.settle());
    start_writing(f.session, 3);
    REQUIRE(f.settle());
    const Ids written = ids_of(f.now());
    CHECK(written.size() == 5);
    CHECK(snapshot_faults(f.now()).empty());
    f.session.use_tokenizer(f.other_words);
    REQUIRE(f.settle());
    CHECK_FALSE(writing(f).has_text());
    CHECK_FALSE(f.now().written_text);
    CHECK(snapshot_faults(f.now()).empty());
    start_writing(f.session, 2);
    f.session.open(f.ids);
    REQUIRE(f.settle());
    CHECK_FALSE(writing(f).is_playing());
    CHECK_FALSE(writing(f).has_text());
    CHECK(snapshot_faults(f.now()).empty());
}

TEST_CASE("writing: of an encoder-decoder the decoder writes, and cross attention grows") {
    ManyModels f("writing_pair");
    f.open(f.pair);
    f.session.set_text("a b c");
    f.session.set_decoder_text("d");
    REQUIRE(f.settle());
    start_writing(f.session, 2);
    REQUIRE(f.settle());
    REQUIRE(f.now().kinds.size() == 3);
    const AnalyzedText& cross = *f.now().kinds.back();
    CHECK(cross.tokens.ids() == Ids{0, 4, 2, 3});
    CHECK(cross.trace->num_queries() == 4);
    CHECK(cross.trace->num_keys() == 3);
    CHECK(cross.num_prompt == 2);
    CHECK(f.now().kinds.front()->num_prompt == -1);
    CHECK(f.now().typed_text == "a b c");
    CHECK(snapshot_faults(f.now()).empty());
}

TEST_CASE("writing: no branch is taken while it waits for its first text") {
    SessionFixture f;
    f.open();
    f.world->run_gate.close();
    f.session.set_text("1 2 3");
    start_writing(f.session, 5);
    CHECK_FALSE(branch_writing(f.session, 0, 5));
    CHECK_FALSE(writing(f).is_playing());
    f.world->run_gate.open();
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2, 3});
}
