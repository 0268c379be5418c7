// Character vocabularies: what they hold, and that training on them works.
#include <doctest/doctest.h>

#include "base/mapped_file.h"
#include "io/json_file.h"
#include "io/training/training_log.h"
#include "tokenize/tokenizer.h"
#include "train/data/text_codec.h"
#include "train/data/token_cache.h"
#include "train/tiny_corpus.h"
#include "train/trainer.h"

using namespace headlight;

namespace {

TrainRequest character_request(int vocab_size) {
    TrainRequest request;
    request.tokenizer = "characters";
    request.vocab_size = vocab_size;
    return request;
}

}  // namespace

TEST_CASE("characters: specials first, then by frequency; what does not fit is unknown") {
    const std::vector<CorpusText> texts = {{"t", "abba\n\xD7\xA9 ccc", ""}};
    const auto codec = train_codec(character_request(7), texts, {});
    REQUIRE(codec);
    CHECK((*codec)->vocab_size() == 7);
    CHECK((*codec)->bos_id() == 0);
    CHECK((*codec)->eos_id() == -1);
    CHECK_FALSE((*codec)->is_text_piece(1));
    CHECK((*codec)->is_text_piece(2));
    // c 3 times, a and b twice, then of the single ones the lowest code points: newline and space.
    const auto ids = (*codec)->encode("cab\n \xD7\xA9x");
    REQUIRE(ids);
    const std::vector<std::int32_t> expected = {2, 3, 4, 5, 6, 1, 1};
    CHECK(*ids == expected);
    CHECK_FALSE(train_codec(character_request(2), texts, {}));
    TrainRequest unknown;
    unknown.tokenizer = "words";
    CHECK(train_codec(unknown, texts, {}).error().kind == ErrorKind::Unsupported);
}

TEST_CASE("characters: the corpus keeps its paragraphs or its verses") {
    CHECK(clean_text("One line\nof two.\n\nA new\n_paragraph_.\n\nCHAPTER I\n\nEnd.\n", LineBreaks::Kept) ==
          "One line of two.\nA new paragraph.\nEnd.");
    CHECK(clean_text("verse one\nverse  two \nverse three", LineBreaks::Kept) ==
          "verse one\nverse two\nverse three");
    const CorpusText split =
        split_held_out("v", "a b c d.\ne f g h.\ni j k l.\nm n o p.\nq r s t.\nu v w x.");
    CHECK(split.train + "\n" + split.held_out ==
          "a b c d.\ne f g h.\ni j k l.\nm n o p.\nq r s t.\nu v w x.");
    CHECK(split.train.back() == '.');
}

TEST_CASE("characters: a trained folder tokenizes as the trainer did, and resumes") {
    TrainRequest request = test::tiny_request(test::fresh_dir("train_characters"));
    request.tokenizer = "characters";
    request.repeat_share = 0;
    request.observe_every = 8;
    REQUIRE(train_model(request, {}, {}));
    const auto tokenizer = open_tokenizer(request.output_dir);
    REQUIRE(tokenizer);
    CHECK((*tokenizer)->bos_id() == 0);
    const auto codec = open_codec(request, request.output_dir);
    REQUIRE(codec);
    CHECK((*codec)->vocab_size() == (*tokenizer)->vocab_size());
    const auto ids = (*codec)->encode("the lamp.\nIt");
    REQUIRE(ids);
    const TokenizedText tokens = (*tokenizer)->encode("the lamp.\nIt", false);
    REQUIRE(tokens.tokens.size() == ids->size());
    for (std::size_t i = 0; i < ids->size(); ++i)
        CHECK(tokens.tokens[i].id == (*ids)[i]);
    const auto config = read_json_file(request.output_dir + "/config.json");
    REQUIRE(config);
    CHECK(config->at("vocab_size") == (*codec)->vocab_size());
    CHECK_FALSE(config->contains("eos_token_id"));
    const auto log = read_training_log(request.output_dir + "/training");
    REQUIRE(log);
    REQUIRE(log->rows.size() == 3);
    CHECK(log->rows[1].point == "SNAPSHOT");
    CHECK(log->rows[1].epoch == -1);
    for (const char* name :
         {"induction_score", "previous_score", "validation_loss", "attn_entropy/1", "loss"})
        CHECK_MESSAGE(log->rows[1].values.count(name) == 1, name);
}

TEST_CASE("characters: observing changes nothing of what is trained") {
    TrainRequest seen = test::tiny_request(test::fresh_dir("train_observed"));
    TrainRequest unseen = test::tiny_request(test::fresh_dir("train_unobserved"));
    seen.tokenizer = unseen.tokenizer = "characters";
    seen.observe_every = 1;
    seen.keeps_checkpoints = true;
    seen.checkpoint_every = 5;
    REQUIRE(train_model(seen, {}, {}));
    REQUIRE(train_model(unseen, {}, {}));
    const auto a = read_text_file(seen.output_dir + "/model.safetensors");
    const auto b = read_text_file(unseen.output_dir + "/model.safetensors");
    REQUIRE(a);
    REQUIRE(b);
    CHECK(*a == *b);
}
