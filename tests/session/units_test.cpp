// Tokens, words, sentences and lines for the whole window.
#include "session/belonging.h"
#include "session/command.h"
#include "session/recording_shell.h"
#include "session/tasks/question.h"

using namespace headlight;
using namespace headlight::test;

namespace {

struct UnitsFixture : ManyModels {
    RecordingShell shell;
    CommandContext context{session, shell};

    explicit UnitsFixture(const std::string& name) : ManyModels(name) {}
    Status run(const std::string& line) {
        const auto call = parse_command(line);
        REQUIRE(call);
        return run_command(context, **call);
    }
    void is_sound() const {
        for (const std::string& fault : snapshot_faults(now()))
            FAIL_CHECK(fault);
    }
    /// Stored attention of "foobar baz" in three tokens.
    void open_pieces() {
        AttentionDump dump;
        dump.spec = world->spec;
        dump.spec.name = "pieces";
        dump.spec.num_layers = dump.spec.num_heads = dump.spec.num_kv_heads = 1;
        dump.tokens.text = "foobar baz";
        dump.tokens.tokens = {{7, "foo", "foo", 0, 3, false},
                              {8, "bar", "bar", 3, 6, false},
                              {9, "Ġbaz", "·baz", 6, 10, false}};
        dump.trace = uniform_trace(1, 1, 3);
        const std::string path = root + "/pieces.safetensors";
        REQUIRE(write_attention_dump(path, dump));
        session.open(path);
        REQUIRE(settle());
        session.take_notices();
    }
    void open_words(const std::string& text) {
        session.open(words);
        REQUIRE(settle());
        session.set_text(text);
        REQUIRE(settle());
        session.take_notices();
    }
};

}  // namespace

TEST_CASE("units: words of stored attention, and the choice moves with them") {
    UnitsFixture f("units_stored");
    f.open_pieces();
    CHECK(f.run("query_token 0"));
    CHECK(f.run("key 0"));
    CHECK(f.run("unit word"));
    REQUIRE(f.settle());
    f.is_sound();
    const Snapshot& now = f.now();
    CHECK(now.unit() == TextUnit::Word);
    REQUIRE(now.text->tokens.tokens.size() == 2);
    CHECK(now.text->tokens.tokens[0].display == "foobar");
    CHECK(now.text->tokens.tokens[1].display == "baz");
    const std::vector<float> matrix = now.shown_trace().matrix(0, 0);
    CHECK(matrix[0] == doctest::Approx(1));
    CHECK(matrix[2] == doctest::Approx(2.0 / 3));
    CHECK(matrix[3] == doctest::Approx(1.0 / 3));
    CHECK(now.base_text->tokens.tokens.size() == 3);
    // The word that holds the token; back between tokens it is that token again.
    CHECK(now.selection.query == 0);
    CHECK(now.token_selection.query == 0);
    CHECK(f.run("query 1"));
    CHECK(now.token_selection.query == 2);
    CHECK(f.run("query 0"));
    CHECK(now.token_selection.query == 1);  // of a word its last token
    CHECK_FALSE(f.run("query 2"));          // there are two words
    CHECK(f.run("query_token 2"));
    CHECK(now.selection.query == 1);
    CHECK(f.run("unit token"));
    CHECK(now.selection.query == 2);
    CHECK(now.selection.key == 0);
    CHECK(f.run("undo"));
    CHECK(f.run("unit"));  // goes round
    REQUIRE(f.settle());
    CHECK(now.unit() == TextUnit::Word);
    f.is_sound();
    // A head that spreads evenly over tokens is the null, so it reads what it is.
    for (const MetricValue& value : now.text->analysis.head({0, 0}).metrics) {
        if (!value.value || !value.reference) continue;
        CAPTURE(std::string(value.metric->id));
        CHECK(*value.value == doctest::Approx(*value.reference));
    }
}

TEST_CASE("units: other weights, pyramids, flow and edges are between words too") {
    UnitsFixture f("units_pictures");
    f.open_pieces();
    CHECK(f.run("unit word"));
    CHECK(f.run("weights no-sink"));
    REQUIRE(f.settle());
    f.is_sound();
    // Token 0 is out: row "foobar" has (-, 1) in "bar"; "baz" has 1/2 in "bar", 1/2 in itself.
    const std::vector<float> matrix = f.now().shown_trace().matrix(0, 0);
    CHECK(matrix[0] == doctest::Approx(1));
    CHECK(matrix[2] == doctest::Approx(.5));
    f.session.pyramid({{0, 0}});
    f.session.flow(FlowMethod::Rollout, 1);
    f.session.edge({1}, 0);
    f.session.matrix_metrics({0, 0});
    REQUIRE(f.settle());
    CHECK(f.session.pyramid({{0, 0}}).value->num_queries == 2);
    CHECK(f.session.flow(FlowMethod::Rollout, 1).value->input_share.size() == 2);
    CHECK((*f.session.edge({1}, 0).value)[0] == doctest::Approx(.5));
    CHECK(f.session.matrix_metrics({0, 0}).is_ready());
    CHECK(f.session.flow(FlowMethod::ValueWeighted, 1).state == Derived<Rollout>::State::Failed);
    CHECK(f.session.flow(FlowMethod::Rollout, 2).state == Derived<Rollout>::State::Failed);
}

TEST_CASE("units: typing keeps them, and tokens are never shown in between") {
    UnitsFixture f("units_typing");
    f.open_words("a b c");
    CHECK(f.run("unit sentence"));
    REQUIRE(f.settle());
    CHECK(f.now().text->tokens.tokens.size() == 1);
    for (const char* text : {"a b c d", "a b", "", "e"}) {
        f.session.set_text(text);
        f.pump_until([&] {
            f.is_sound();
            if (f.now().text->trace) CHECK(f.now().unit() == TextUnit::Sentence);
            return !f.now().is_stale;
        });
        REQUIRE(f.settle());
        belongs_together(f.session);
    }
    CHECK(f.run("from_group last"));
    REQUIRE(f.settle());
    CHECK(f.now().text->groups->from == FromGroup::Last);
    f.is_sound();
}

TEST_CASE("units: replaced attention, its difference and what the model is asked stay on tokens") {
    UnitsFixture f("units_ablation");
    f.open_words("a b c");
    CHECK(f.run("unit sentence"));
    CHECK(f.run("ablate zero 0 0"));
    REQUIRE(f.settle());
    f.is_sound();
    REQUIRE(f.now().ablation);
    CHECK(f.now().shown() == Compare::After);
    CHECK(f.now().text->of_tokens == f.now().ablation->after);
    CHECK(f.run("compare difference"));
    f.is_sound();
    CHECK(f.now().shown_before().num_queries() == 1);
    CHECK(f.run("compare before"));
    f.is_sound();
    CHECK(f.now().text == f.now().shown_base);
    CHECK(f.now().token_selection.query == 2);
    f.session.predictions(2);
    REQUIRE(f.settle());
    CHECK(f.session.predictions(2).is_ready());
    CHECK(f.run("question 1 id:3"));
    CHECK(f.now().part<QuestionState>().question->position == 1);
    CHECK(f.run("knock_out 2 1"));
    REQUIRE(f.settle());
    belongs_together(f.session);
    f.is_sound();
}

TEST_CASE("units: encoder, decoder and cross attention") {
    UnitsFixture f("units_kinds");
    f.session.open(f.pair);
    REQUIRE(f.settle());
    f.session.set_text("a b c");
    f.session.set_decoder_text("d e");
    CHECK(f.run("unit sentence"));
    REQUIRE(f.settle());
    for (const char* kind : {"cross", "decoder", "encoder", "cross"}) {
        CHECK(f.run(std::string("attention ") + kind));
        REQUIRE(f.settle());
        f.is_sound();
        CHECK(f.now().unit() == TextUnit::Sentence);
        belongs_together(f.session);
    }
    CHECK(f.run("unit token"));
    REQUIRE(f.settle());
    f.is_sound();
}

TEST_CASE("units: differences between sentences are of sentences on both sides") {
    UnitsFixture f("units_difference");
    f.open_words("a b c");
    Intervention change;
    change.mode = InterventionMode::ZeroOutput;
    change.heads = {{0, 0}};
    f.session.add_intervention(change);
    REQUIRE(f.settle());
    f.session.set_compare(Compare::Difference);
    CHECK(f.run("unit sentence"));
    REQUIRE(f.settle());
    REQUIRE(f.now().shown() == Compare::Difference);
    REQUIRE(f.now().text->trace->num_queries() == 1);  // of three tokens
    f.session.tiles({{0, 0}}, {0, 1, 0, 1, 1}, true);
    REQUIRE(f.settle());
    CHECK(f.session.tiles({{0, 0}}, {0, 1, 0, 1, 1}, true).is_ready());
}
