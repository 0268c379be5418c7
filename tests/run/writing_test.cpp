// Words of written tokens, branches, end tokens.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "run/generate/end_tokens.h"
#include "run/generate/writing_tree.h"
#include "run/generate/written_words.h"
#include "support/fixtures.h"
#include "tokenize/tokenizer.h"

using namespace headlight;

namespace {

WrittenStep step_of(std::int32_t id) {
    WrittenStep step;
    step.token.id = id;
    step.display = std::to_string(id);
    return step;
}

}  // namespace

TEST_CASE("written words: bytes of a character wait for the rest of it, whatever tokens hold them") {
    const std::string path = test::shared_fixture("models/gpt2");
    HEADLIGHT_NEEDS(path);
    auto tokenizer = open_tokenizer(path);
    REQUIRE(tokenizer);
    ModelInfo model;
    model.tokenizer = *tokenizer;
    const std::string text = "naïve 你好 👋 it’s";
    const std::vector<std::int32_t> ids = (*tokenizer)->encode(text, false).ids();
    for (std::size_t num_prompt = 0; num_prompt < ids.size(); ++num_prompt) {
        CAPTURE(num_prompt);
        const auto prompt = (*tokenizer)->from_ids(std::span(ids).first(num_prompt));
        REQUIRE(prompt);
        WrittenWords words(model, *prompt);
        std::string out = prompt->text;
        for (std::size_t i = num_prompt; i < ids.size(); ++i)
            out += words.add(ids[i]);
        out += words.finish();
        CHECK(out == words.text().text);
        if (num_prompt == 0) CHECK(out == text);
        CHECK(words.text().ids() == ids);
        std::size_t end = 0;
        for (const Token& token : words.text().tokens) {
            CHECK(token.byte_begin <= token.byte_end);
            CHECK(token.byte_end <= out.size());
            end = std::max(end, token.byte_end);
        }
        CHECK(end == out.size());
    }
}

TEST_CASE("written words: without a tokenizer the text is the list of its ids") {
    const ModelInfo model;
    TokenizedText prompt;
    prompt.text = "1 2";
    prompt.tokens.resize(2);
    WrittenWords words(model, prompt);
    CHECK(words.add(7) == " 7");
    CHECK(words.text().text == "1 2 7");
}

TEST_CASE("writing tree: branches share their beginnings") {
    WritingTree tree;
    const int a = *tree.add(WritingTree::kPrompt, step_of(5)), b = *tree.add(a, step_of(6)),
              c = *tree.add(b, step_of(7)), other = *tree.add(a, step_of(8));
    CHECK(tree.add(b, step_of(7)) == c);  // the same token is the same branch
    CHECK(tree.path(c) == std::vector<int>{a, b, c});
    CHECK(tree.depth(other) == 2);
    CHECK(tree.leaves() == std::vector<int>{c, other});
    const std::int32_t ids[] = {5, 8};
    CHECK(tree.find_path(ids) == other);
    CHECK(tree.find_path(std::span(ids).subspan(1)) == std::nullopt);
    CHECK(tree.newest_leaf(b) == c);
    CHECK(tree.newest_leaf(WritingTree::kPrompt) == other);

    // What both need stays; who stood on the branch stands where they part.
    CHECK(tree.remove_branch(c, c) == 0);
    CHECK(tree.size() == 2);
    CHECK(tree.leaves().size() == 1);
    CHECK(tree.step(tree.leaves()[0]).token.id == 8);
    CHECK(tree.remove_branch(tree.leaves()[0], 1) == WritingTree::kPrompt);
    CHECK(tree.size() == 0);
}

TEST_CASE("writing tree: it is bounded") {
    WritingTree tree;
    int node = WritingTree::kPrompt;
    for (int i = 0; i < WritingTree::kMostNodes; ++i)
        node = *tree.add(node, step_of(1));
    CHECK(tree.is_full());
    CHECK(tree.add(node, step_of(2)) == std::nullopt);
    CHECK(tree.find(node - 1, 1) == node);
}

TEST_CASE("end tokens: numbers and lists of both files, inside the vocabulary") {
    const std::string folder = test::fresh_dir("end_tokens");
    std::ofstream(folder + "/config.json") << R"({"eos_token_id": 7})";
    std::ofstream(folder + "/generation_config.json") << R"({"eos_token_id": [9, 2, 9, 100000, -1, "x"]})";
    ModelInfo model;
    model.spec.path = folder;
    model.spec.vocab_size = 50;
    CHECK(end_tokens(model) == std::vector<std::int32_t>{2, 7, 9});
    std::ofstream(folder + "/generation_config.json") << "no json";
    CHECK(end_tokens(model) == std::vector<std::int32_t>{7});
    model.spec.path.clear();
    CHECK(end_tokens(model).empty());
}
