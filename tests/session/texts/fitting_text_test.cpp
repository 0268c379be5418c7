// Texts that fit: the folder's own, a sample of the vocabulary, the typed one cut.
#include "run/fitting_text.h"
#include "run/text_tokens.h"

#include "session/belonging.h"

using namespace headlight;
using namespace headlight::test;

namespace {

ModelInfo model_of(const std::string& folder, int vocab_size, int max_positions) {
    ModelInfo info;
    info.spec.name = "tested";
    info.spec.vocab_size = vocab_size;
    info.spec.max_positions = max_positions;
    if (auto tokenizer = open_tokenizer(folder)) info.tokenizer = *tokenizer;
    return info;
}

std::string words_folder(const std::string& name, const std::vector<std::string>& words) {
    const std::string folder = fresh_dir("fitting_" + name);
    write_words(folder + "/tokenizer.json", words);
    return folder;
}

FittingText offered(const ModelInfo& model, const std::string& folder, const std::string& text) {
    const auto out = fitting_text(model, folder, text, {});
    REQUIRE(out);
    CHECK_FALSE(why_text_does_not_fit(model, out->text, out->decoder_text));
    return *out;
}

}  // namespace

TEST_CASE("fitting: sums of numbers get an equation of their own form, always the same one") {
    const std::string folder = words_folder("sums", {"0", "1", "2", "3", "4", "5", "6", "="});
    const ModelInfo model = model_of(folder, 9, 3);
    const FittingText first = offered(model, folder, "When Mary and John went to the store");
    CHECK(first.origin == "a sample of its vocabulary");
    const auto tokens = tokens_of_text(model, first.text);
    REQUIRE(tokens);
    REQUIRE(tokens->tokens.size() == 3);
    CHECK(tokens->tokens[0].piece < "=");
    CHECK(tokens->tokens[2].piece == "=");
    for (const Token& token : tokens->tokens)
        CHECK(token.piece != "<unk>");
    CHECK(offered(model, folder, "something else that is too long").text == first.text);

    const std::string plus = words_folder("plus", {"0", "1", "2", "+", "="});
    const ModelInfo adder = model_of(plus, 6, 5);
    const auto sum = tokens_of_text(adder, offered(adder, plus, "a b c d e f").text);
    REQUIRE(sum->tokens.size() == 4);
    CHECK(sum->tokens[1].piece == "+");
    CHECK(sum->tokens[3].piece == "=");
}

TEST_CASE("fitting: without a tokenizer ids of the vocabulary, or the typed ids cut") {
    const std::string folder = fresh_dir("fitting_ids");
    const ModelInfo model = model_of(folder, 7, 4);
    REQUIRE_FALSE(model.tokenizer);
    CHECK(tokens_of_text(model, offered(model, folder, "When Mary").text)->tokens.size() == 4);
    const FittingText cut = offered(model, folder, "1 2 3 4 5");
    CHECK(cut.text == "1 2 3 4");
    CHECK(cut.origin == "your text, cut to 4 tokens");
    CHECK(offered(model, folder, "1 2 9 4").text == "1 2");
    CHECK(offered(model_of(folder, 1, 1), folder, "x").text == "0");
    CHECK_FALSE(fitting_text(model_of(folder, 0, 4), folder, "x", {}));
}

TEST_CASE("fitting: the typed text is cut where its words are known, else words of the list come") {
    const std::string folder = words_folder("words", {"a", "b", "c"});
    const ModelInfo model = model_of(folder, 4, 3);
    CHECK(offered(model, folder, "a b c a b").text == "a b c");
    const FittingText sample = offered(model, folder, "When Mary and John");
    CHECK(sample.origin == "a sample of its vocabulary");
    const auto drawn = tokens_of_text(model, sample.text);
    for (const Token& token : drawn->tokens)
        CHECK(token.piece != "<unk>");
    const std::string far = words_folder("far", {"a", "b", "c"});
    write_words(far + "/tokenizer.json", {"a", "b", "c"}, 1000);
    CHECK_FALSE(fitting_text(model_of(far, 64, 3), far, "a b", {}));  // no token of it is the model's
}

TEST_CASE("fitting: a text that lies with the model comes first") {
    const std::string folder = words_folder("own", {"a", "b", "c"});
    const ModelInfo model = model_of(folder, 4, 3);
    std::filesystem::create_directories(folder + "/training");
    std::ofstream(folder + "/training/sample.txt") << "c b a c b a\n";
    CHECK(offered(model, folder, "x y z w").text == "c b a");
    std::ofstream(folder + "/sample.txt") << "b b\n";
    const FittingText own = offered(model, folder + "/model.safetensors", "x y z w");
    CHECK(own.text == "b b");
    CHECK(own.origin == "from the model's folder");
    std::ofstream(folder + "/sample.txt") << "\xff\xfe broken";
    CHECK(offered(model, folder, "x y z w").text == "c b a");
}

TEST_CASE("fitting: both texts of an encoder-decoder") {
    const std::string folder = words_folder("pair", {"a", "b", "c"});
    ModelInfo model = model_of(folder, 4, 3);
    model.spec.has_decoder = true;
    model.spec.decoder_start_id = 0;
    const auto both = fitting_text(model, folder, "a b c a", "b c a b");
    REQUIRE(both);
    CHECK(both->text == "a b c");
    CHECK_FALSE(why_text_does_not_fit(model, both->text, both->decoder_text));
    CHECK(why_text_does_not_fit(model, "a", "b c a b"));
}
