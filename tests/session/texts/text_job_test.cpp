// What runs on the model worker, called directly: tokens, limits, ids that the probe leaves out.
#include "run/probe_run.h"
#include "run/text_run.h"
#include "run/text_tokens.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;

namespace {

// One token per byte, id = byte value modulo the vocabulary, after a BOS; knows specials and byte tokens.
class ByteTokenizer : public Tokenizer {
  public:
    std::string family() const override { return "bytes"; }
    std::string source() const override { return "a test"; }
    int vocab_size() const override { return 60; }
    std::int32_t bos_id() const override { return 1; }
    TokenizedText encode(std::string_view text, bool add_special) const override {
        TokenizedText out;
        out.text = std::string(text);
        if (add_special) out.tokens.push_back(*token(1));
        for (std::size_t i = 0; i < text.size(); ++i) {
            Token next = *token(static_cast<unsigned char>(text[i]) % 60);
            next.byte_begin = i;
            next.byte_end = i + 1;
            out.tokens.push_back(next);
        }
        return out;
    }
    Result<Token> token(std::int32_t id) const override {
        if (id < 0 || id >= 60) return fail(ErrorKind::InvalidInput, "no id {}", id);
        Token out;
        out.id = id;
        out.piece = id == 5 ? "<0x0A>" : "p" + std::to_string(id);
        out.display = out.piece;
        out.is_special = id < 3;
        return out;
    }
};

LiveModel live_model(const std::shared_ptr<FakeWorld>& world, bool has_tokenizer) {
    auto info = std::make_shared<ModelInfo>();
    info->id = 3;
    info->spec = world->spec;
    info->is_live = true;
    if (has_tokenizer) info->tokenizer = std::make_shared<ByteTokenizer>();
    return {info, std::make_shared<FakeRunner>(world, world->spec)};
}

}  // namespace

TEST_CASE("text job: ids in place of a text, with the spans of their digits") {
    ModelInfo model;
    const auto tokens = tokens_of_text(model, " 12,7\n 3");
    REQUIRE(tokens);
    CHECK(tokens->ids() == std::vector<std::int32_t>{12, 7, 3});
    CHECK(tokens->tokens[1].byte_begin == 4);
    CHECK(tokens->tokens[1].byte_end == 5);
    CHECK_FALSE(tokens_of_text(model, "12 -7"));
    CHECK_FALSE(tokens_of_text(model, "99999999999999999999"));
    CHECK(tokens_of_text(model, "")->tokens.empty());
}

TEST_CASE("text job: an empty text is run when the tokenizer adds BOS") {
    const auto world = std::make_shared<FakeWorld>();
    const auto text = run_text(live_model(world, true), "", {}, 11, 1, JobContext());
    REQUIRE(text);
    REQUIRE(text->size() == 1);
    const AnalyzedText& only = *text->front();
    CHECK(only.id == 11);
    CHECK(only.model_id == 3);
    CHECK(only.tokens.ids() == std::vector<std::int32_t>{1});
    REQUIRE(only.trace);
    CHECK(only.trace->num_queries() == 1);
    CHECK(only.run_ms == 1.0);
}

TEST_CASE("text job: the run is told of every key set of the detectors, and the text keeps them") {
    const auto world = std::make_shared<FakeWorld>();
    const auto text = run_text(live_model(world, true), "abab", {}, 11, 1, JobContext());
    REQUIRE(text);
    REQUIRE(text->size() == 1);
    const AnalyzedText& only = *text->front();
    const auto requests = world->taken_requests();
    REQUIRE(requests.size() == 1);
    const auto expected = detector_key_sets(only.tokens.tokens);
    REQUIRE(requests[0].key_sets.size() == expected.size());
    REQUIRE(only.key_sets.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        CHECK(requests[0].key_sets[i].id == expected[i].id);
    CHECK(requests[0].logit_positions.empty());
}

TEST_CASE("text job: models with sliding windows take the same key sets, and an even head scores its null") {
    const auto world = std::make_shared<FakeWorld>();
    world->spec.window = {2, 0};
    const auto text = run_text(live_model(world, true), "ababab", {}, 11, 1, JobContext());
    REQUIRE(text);
    CHECK(world->taken_requests().at(0).key_sets.size() ==
          detector_key_sets(text->front()->tokens.tokens).size());
    const auto& tags = text->front()->analysis.head({0, 0}).tags;
    const auto duplicate = std::find_if(tags.begin(), tags.end(), [](const Tag& tag) {
        return std::string(tag.detector->id) == "duplicate_token";
    });
    REQUIRE(duplicate != tags.end());
    REQUIRE(duplicate->score.score);
    CHECK(*duplicate->score.score == doctest::Approx(*duplicate->score.null));  // the fake spreads evenly
}

TEST_CASE("text job: limits are named with numbers") {
    const auto world = std::make_shared<FakeWorld>();
    const LiveModel model = live_model(world, true);
    const auto too_long = run_text(model, std::string(16, 'x'), {}, 1, 1, JobContext());
    REQUIRE_FALSE(too_long);
    CHECK(too_long.error().kind == ErrorKind::InvalidInput);
    CHECK(too_long.error().message.find("17 tokens") != std::string::npos);
    CHECK(too_long.error().message.find("16") != std::string::npos);
    world->spec.vocab_size = 40;
    const auto unknown = run_text(live_model(world, true), "2", {}, 1, 1, JobContext());  // '2' is byte 50
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().message.find("id 50") != std::string::npos);
    std::stop_source stop;
    stop.request_stop();
    world->spec.vocab_size = 64;
    const auto stopped = run_text(live_model(world, true), "a", {}, 1, 1, JobContext(stop.get_token()));
    CHECK(stopped.error().kind == ErrorKind::Cancelled);
}

TEST_CASE("probe: specials, bytes and ids that the tokenizer lacks are left out") {
    const auto world = std::make_shared<FakeWorld>();
    const auto excluded = excluded_probe_ids(*live_model(world, true).info);
    REQUIRE(excluded.size() == 64);
    for (const int id : {0, 1, 2, 5, 60, 63})
        CHECK(excluded[static_cast<std::size_t>(id)]);
    for (const int id : {3, 4, 6, 59})
        CHECK_FALSE(excluded[static_cast<std::size_t>(id)]);
    const auto none = excluded_probe_ids(*live_model(world, false).info);
    CHECK(std::find(none.begin(), none.end(), true) == none.end());
}

TEST_CASE("probe: blocks shrink to the positions of the model, and start with its BOS") {
    const auto world = std::make_shared<FakeWorld>();
    const LiveModel model = live_model(world, true);
    ProbeRun run({50, 1, 1});
    const auto done = run.step(model, JobContext());
    REQUIRE(done);
    CHECK(*done);
    const auto ids = world->taken_requests().at(0).ids;
    CHECK(ids.size() == 15);  // 16 positions: BOS and twice 7
    CHECK(ids[0] == 1);
    CHECK(run.result(model).settings.block_length == 7);
    world->spec.max_positions = 3;
    ProbeRun impossible({50, 1, 1});
    CHECK(impossible.step(live_model(world, true), JobContext()).error().kind == ErrorKind::Unsupported);
}
