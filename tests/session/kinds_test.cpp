// Encoder, decoder and cross attention of one run; models that predict masked tokens or none.
#include <fstream>

#include "io/attention/attention_dump.h"
#include "run/text_run.h"
#include "run/text_tokens.h"
#include "session/recording_shell.h"
#include "session/script.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;
using Ids = std::vector<std::int32_t>;

namespace {

/// Two encoder layers of three heads, three decoder layers of two; its decoder starts with id 9.
void make_encoder_decoder(FakeWorld& world) {
    world.spec.has_decoder = true;
    world.spec.num_decoder_layers = 3;
    world.spec.num_decoder_heads = 2;
    world.spec.decoder_start_id = 9;
    world.spec.is_causal = false;
}

/// A tokenizer of single letters: 'a' is 1, 'b' 2 ...; '_' is the mask; every text ends with id 30.
class LetterTokenizer final : public Tokenizer {
  public:
    std::string family() const override { return "letters"; }
    std::string source() const override { return "nowhere"; }
    int vocab_size() const override { return 64; }
    TokenizedText encode(std::string_view text, bool) const override {
        TokenizedText out;
        out.text = text;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const std::string letter(1, text[i]);
            out.tokens.push_back(
                {text[i] == '_' ? mask_id() : text[i] - 'a' + 1, letter, letter, i, i + 1, false});
        }
        out.tokens.push_back({30, "</s>", "</s>", text.size(), text.size(), true});
        return out;
    }
    Result<Token> token(std::int32_t id) const override {
        return Token{id, "<" + std::to_string(id) + ">", "<" + std::to_string(id) + ">", 0, 0, false};
    }
    std::int32_t bos_id() const override { return -1; }
    std::int32_t eos_id() const override { return 30; }
    std::int32_t mask_id() const override { return 40; }
};

ModelInfo letters_model(int decoder_start_id) {
    ModelInfo info;
    info.spec.vocab_size = 64;
    info.spec.has_decoder = true;
    info.spec.decoder_start_id = decoder_start_id;
    info.tokenizer = std::make_shared<LetterTokenizer>();
    return info;
}

}  // namespace

TEST_CASE("kinds: one run gives three, and choosing among them runs nothing") {
    SessionFixture f;
    make_encoder_decoder(*f.world);
    f.open();
    f.session.set_text("1 2 3 4");
    f.session.set_decoder_text("5 6");
    REQUIRE(f.settle());
    REQUIRE(f.now().has_kinds());
    REQUIRE(f.now().kinds.size() == 3);
    const auto requests = f.world->taken_requests();
    CHECK(requests.back().ids == Ids{1, 2, 3, 4});
    CHECK(requests.back().decoder_ids == Ids{9, 5, 6});

    const AnalyzedText& encoder = *f.now().text;
    CHECK(encoder.kind() == AttentionKind::Encoder);
    CHECK(encoder.tokens.ids() == Ids{1, 2, 3, 4});
    CHECK(&encoder.keys() == &encoder.tokens);
    CHECK(f.now().selection.query == 3);
    f.session.set_key(3);
    f.session.select({1, 2});

    REQUIRE(f.session.set_kind(AttentionKind::Decoder));
    CHECK(f.now().text->tokens.ids() == Ids{9, 5, 6});
    CHECK(f.now().text->trace->num_layers() == 3);
    CHECK(f.now().selection.query == 2);  // sizes are the shown trace's
    CHECK(f.now().selection.key == -1);
    CHECK(f.now().selection.head == HeadId{1, 1});

    REQUIRE(f.session.set_kind(AttentionKind::Cross));
    const AnalyzedText& cross = *f.now().text;
    CHECK(cross.tokens.ids() == Ids{9, 5, 6});
    CHECK(cross.keys().ids() == Ids{1, 2, 3, 4});
    CHECK(cross.trace->num_queries() == 3);
    CHECK(cross.trace->num_keys() == 4);
    CHECK(f.now().selection.key == 3);
    CHECK(cross.run_id == encoder.run_id);
    CHECK(cross.id != encoder.id);
    CHECK_FALSE(f.now().is_stale);
    CHECK_FALSE(f.session.set_kind(AttentionKind::Self));
    REQUIRE(f.settle());
    CHECK(f.world->taken_requests().size() == requests.size());

    f.session.set_text("1 2");  // the chosen kind stays
    REQUIRE(f.settle());
    CHECK(f.now().text->kind() == AttentionKind::Cross);
    CHECK(f.now().text->trace->num_keys() == 2);
}

TEST_CASE("kinds: patterns and flow of one text say nothing about two") {
    SessionFixture f;
    make_encoder_decoder(*f.world);
    f.open();
    f.session.set_text("1 2 3");
    f.session.set_decoder_text("4 5");
    REQUIRE(f.settle());
    REQUIRE(
        f.session.set_kind(AttentionKind::Cross));  // three queries, three keys: square, and yet of two texts
    REQUIRE(f.now().text->trace->num_queries() == f.now().text->trace->num_keys());
    const HeadAnalysis& head = f.now().text->analysis.head({0, 0});
    REQUIRE_FALSE(head.tags.empty());
    for (const Tag& tag : head.tags) {
        CHECK_FALSE(tag.score.score);
        CHECK(tag.score.reason.find("two texts") != std::string::npos);
    }
    for (const MetricValue& value : head.metrics) {
        const std::string id = value.metric->id;
        const bool is_positional = id == "self_mass" || id == "previous_mass" || id == "mean_distance";
        CHECK_MESSAGE(value.value.has_value() != is_positional, id);
    }
    for (const FlowShares& shares : f.now().text->analysis.flow)
        CHECK_FALSE(shares.is_valid);
    const auto flow = f.session.flow(FlowMethod::Rollout, 0);
    CHECK(flow.state == Derived<Rollout>::State::Failed);
    REQUIRE(flow.error);
    CHECK(flow.error->message.find("cross attention") != std::string::npos);
    REQUIRE(f.session.set_kind(AttentionKind::Decoder));
    f.session.flow(FlowMethod::Rollout, 0);
    REQUIRE(f.settle());
    CHECK(f.session.flow(FlowMethod::Rollout, 0).is_ready());
}

TEST_CASE("kinds: the decoder predicts, once for decoder and cross; the encoder says that it does not") {
    SessionFixture f;
    make_encoder_decoder(*f.world);
    f.open();
    f.session.set_text("1 2 3");
    f.session.set_decoder_text("4 5");
    REQUIRE(f.settle());
    const auto none = f.session.predictions(0);
    REQUIRE(none.error);
    CHECK(none.error->message.find("choose decoder or cross") != std::string::npos);
    REQUIRE(f.session.set_kind(AttentionKind::Decoder));
    f.session.predictions(1);
    REQUIRE(f.settle());
    const auto decoder = f.session.predictions(1);
    REQUIRE(decoder.is_ready());
    CHECK(decoder.value->top.front().id == 2);
    const auto requests = f.world->taken_requests();
    CHECK(requests.back().ids == Ids{1, 2, 3});
    CHECK(requests.back().decoder_ids == Ids{9, 4, 5});
    CHECK(requests.back().logit_positions == std::vector<int>{1});
    REQUIRE(f.session.set_kind(AttentionKind::Cross));
    CHECK(f.session.predictions(1).is_ready());
    REQUIRE(f.settle());
    CHECK(f.world->taken_requests().size() == requests.size());
}

TEST_CASE("kinds: what is measured on one text is refused with its reason") {
    SessionFixture f;
    make_encoder_decoder(*f.world);
    f.open();
    f.session.set_text("1 2 3");
    REQUIRE(f.settle());
    Intervention change;
    change.heads = {{0, 0}};
    f.session.add_intervention(change);
    REQUIRE(f.settle());
    CHECK(f.now().ablation_error.find("encoder and a decoder") != std::string::npos);
    CHECK_FALSE(f.now().is_ablation_pending);
    f.session.take_notices();
    start_probe(f.session);
    start_sweep(f.session, InterventionMode::ZeroOutput);
    REQUIRE(f.settle());
    const auto notices = f.session.take_notices();
    REQUIRE(notices.size() == 2);
    CHECK(notices[0].text.find("The random-repeat probe is measured in models that read one text") !=
          std::string::npos);
    CHECK(notices[1].text.find("A sweep is measured in models that read one text") != std::string::npos);
    CHECK(f.world->num_kept_runs == 0);
}

TEST_CASE("kinds: undo takes the decoder's text back too") {
    SessionFixture f;
    make_encoder_decoder(*f.world);
    f.open();
    f.session.set_text("1 2");
    f.session.set_decoder_text("5");
    f.session.set_decoder_text("5 6 7 8 9 10");
    REQUIRE(f.settle());
    CHECK(f.session.undo());
    CHECK(f.now().typed_decoder_text == "5");
    CHECK(f.now().typed_text == "1 2");
    REQUIRE(f.settle());
    CHECK(f.now().kinds[1]->tokens.ids() == Ids{9, 5});
    CHECK(f.session.redo());
    CHECK(f.now().typed_decoder_text == "5 6 7 8 9 10");
}

TEST_CASE("kinds: commands choose, and refuse where there is one") {
    SessionFixture f;
    RecordingShell shell;
    CommandContext context{f.session, shell};
    f.open();
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    const Status refused = run_command(context, {"attention", {"cross"}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("encoder-decoders have three") != std::string::npos);
    CHECK_FALSE(run_command(context, {"decoder_text", {"3"}}));

    make_encoder_decoder(*f.world);
    f.open("no_such_folder/other");
    REQUIRE(run_command(context, {"decoder_text", {"3", "4"}}));
    REQUIRE(f.settle());
    REQUIRE(run_command(context, {"attention", {"cross"}}));
    CHECK(f.now().text->kind() == AttentionKind::Cross);
    CHECK(run_command(context, {"query", {"2"}}));      // three queries: 9 3 4
    CHECK_FALSE(run_command(context, {"key", {"2"}}));  // two keys
    REQUIRE(run_command(context, {"attention", {}}));   // the next one, from the start again
    CHECK(f.now().text->kind() == AttentionKind::Encoder);
    CHECK_FALSE(run_command(context, {"attention", {"sideways"}}));
    const auto parsed = parse_command("decoder-text \"a b\"");
    REQUIRE(parsed);
    CHECK((*parsed)->id == "decoder_text");
}

TEST_CASE("kinds: a decoder reads its start token and the text without the token that ends it") {
    const auto ids = [](const ModelInfo& info, const char* text) {
        const auto tokens = decoder_tokens_of_text(info, text);
        REQUIRE(tokens);
        return tokens->ids();
    };
    const ModelInfo shifted = letters_model(0);
    CHECK(ids(shifted, "abc") == Ids{0, 1, 2, 3});
    CHECK(ids(shifted, "") == Ids{0});
    const auto first = decoder_tokens_of_text(shifted, "a");
    REQUIRE(first);
    CHECK(first->tokens[0].display == "<0>");
    CHECK(first->tokens[0].is_special);
    CHECK(first->tokens[0].byte_begin == first->tokens[0].byte_end);
    CHECK(ids(letters_model(-1), "abc") == Ids{30, 1, 2, 3});  // the last one moves to the front
    ModelInfo without_tokenizer = letters_model(7);
    without_tokenizer.tokenizer = nullptr;
    CHECK(ids(without_tokenizer, "11 12") == Ids{7, 11, 12});  // ids are taken as they are
}

TEST_CASE("kinds: a stored file with all three opens the same way") {
    AttentionDump dump;
    make_encoder_decoder(*std::make_shared<FakeWorld>());
    dump.spec.name = "stored";
    const auto add = [](TokenizedText& text, int id) {
        const std::string word = std::to_string(id);
        text.text += (text.text.empty() ? "" : " ") + word;
        text.tokens.push_back({id, word, word, text.text.size() - word.size(), text.text.size(), false});
    };
    for (const int id : {1, 2, 3, 4})
        add(dump.tokens, id);
    for (const int id : {9, 5})
        add(dump.decoder_tokens, id);
    dump.trace = uniform_trace(2, 3, 4, AttentionKind::Encoder);
    dump.decoder_trace = uniform_trace(3, 2, 2, AttentionKind::Decoder);
    dump.cross_trace = uniform_cross_trace(3, 2, 2, 4);
    const std::string path = fresh_dir("session_kinds") + "/dump.safetensors";
    REQUIRE(write_attention_dump(path, dump));

    SessionFixture f;
    f.session.open(path);
    REQUIRE(f.settle());
    REQUIRE(f.now().kinds.size() == 3);
    CHECK(f.now().has_decoder());
    CHECK_FALSE(f.now().model->is_live);
    CHECK(f.now().text->kind() == AttentionKind::Encoder);
    REQUIRE(f.session.set_kind(AttentionKind::Cross));
    CHECK(f.now().text->trace->num_queries() == 2);
    CHECK(f.now().text->trace->num_keys() == 4);
    CHECK(f.now().text->keys().ids() == Ids{1, 2, 3, 4});
    CHECK(f.session.pyramid({{2, 1}}).state != Derived<TilePyramid>::State::Failed);
    REQUIRE(f.settle());
    CHECK(f.world->num_opened == 0);
}

TEST_CASE("masked models: the text's first mask is the query until the user chooses one") {
    const std::string folder = fresh_dir("session_masked");
    std::ofstream(folder + "/tokenizer.json") << R"({"version": "1.0", "added_tokens": [
        {"id": 3, "content": "[MASK]", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": false, "special": true}],
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "model": {"type": "WordLevel", "unk_token": "[UNK]",
                  "vocab": {"[UNK]": 0, "a": 1, "b": 2, "[MASK]": 3}}})";
    SessionFixture f;
    f.world->spec.prediction = Prediction::MaskedToken;
    f.world->spec.is_causal = false;
    f.open(folder);
    REQUIRE(f.now().model->tokenizer);
    f.session.set_text("a [MASK] b b");
    REQUIRE(f.settle());
    REQUIRE(ids_of(f.now()) == Ids{1, 3, 2, 2});
    CHECK(f.now().selection.query == 1);
    f.session.predictions(1);
    CHECK(f.now().job.title != "Predicting the next token");
    REQUIRE(f.settle());
    CHECK(f.session.predictions(1).is_ready());
    f.session.set_query(2);
    CHECK(f.now().selection.query == 2);
    f.session.set_text("a b [MASK] a");
    REQUIRE(f.settle());
    CHECK(f.now().selection.query == 2);
    f.session.set_query(-1);
    CHECK(f.now().selection.query == 2);
    f.session.set_text("a b a b");  // no mask: the last token, as everywhere
    REQUIRE(f.settle());
    CHECK(f.now().selection.query == 3);
}

TEST_CASE("predictions: none, where the checkpoint has no such head") {
    SessionFixture f;
    f.world->spec.prediction = Prediction::None;
    f.open();
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    const auto predictions = f.session.predictions(0);
    REQUIRE(predictions.error);
    CHECK(predictions.error->kind == ErrorKind::Unsupported);
    CHECK(predictions.error->message.find("no language-model head") != std::string::npos);
}
