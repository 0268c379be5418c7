// Ids, pieces and offsets of the reference library, for every tokenizer beside the clone that these families
// read.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tokenize/cases.h"

using namespace headlight;
using test::shared_fixture;

namespace {

int check_folders(const std::string& parent) {
    int checked = 0;
    for (const auto& entry : std::filesystem::directory_iterator(shared_fixture(parent))) {
        const std::string folder = entry.path().string();
        if (!entry.is_directory() || !std::filesystem::exists(folder + "/tokenizer.json")) continue;
        const auto tokenizer = open_tokenizer(folder);
        CHECK_MESSAGE(tokenizer, tokenizer.error().to_string());
        if (!tokenizer) continue;
        CHECK(test::check_cases(**tokenizer, folder + "/cases.json", "ids tokens offsets") > 0);
        ++checked;
    }
    return checked;
}

}  // namespace

TEST_CASE("shared: every tokenizer.json of the model fixtures") {
    HEADLIGHT_NEEDS(shared_fixture("models"));
    CHECK(check_folders("models") >= 39);
}

TEST_CASE("shared: real tokenizers") {
    HEADLIGHT_NEEDS(shared_fixture("tokenizers"));
    CHECK(check_folders("tokenizers") == 6);
}

TEST_CASE("shared: GPT-2 from vocab.json and merges.txt alone") {
    HEADLIGHT_NEEDS(shared_fixture("tokenizers/gpt2/merges.txt"));
    const std::string folder = test::fresh_dir("tokenize_gpt2");
    for (const char* name : {"vocab.json", "merges.txt"}) {
        std::filesystem::copy(shared_fixture("tokenizers/gpt2/") + name, folder);
    }
    const auto bare = open_tokenizer(folder);
    REQUIRE_MESSAGE(bare, bare.error().to_string());
    CHECK((*bare)->vocab_size() == 50257);
    CHECK((*bare)->bos_id() == 50256);
    test::check_cases(**bare, shared_fixture("tokenizers/gpt2/cases.json"), "ids tokens offsets");
    const auto by_file = open_tokenizer(shared_fixture("tokenizers/gpt2/vocab.json"));
    REQUIRE(by_file);
    CHECK((*by_file)->source().ends_with("vocab.json"));
}

TEST_CASE("shared: vocab.json and merges.txt of models, with their own special tokens") {
    HEADLIGHT_NEEDS(shared_fixture("models/gpt2/merges.txt"));
    for (const char* model : {"gpt2", "gpt_neo", "roberta", "bart", "qwen2", "qwen3"}) {
        const std::string folder = test::fresh_dir(std::string("tokenize_") + model);
        for (const char* name :
             {"vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"}) {
            const std::string file = shared_fixture(std::string("models/") + model + "/" + name);
            if (std::filesystem::exists(file)) std::filesystem::copy(file, folder);
        }
        const auto tokenizer = open_tokenizer(folder);
        REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
        test::check_cases(**tokenizer, shared_fixture(std::string("models/") + model + "/cases.json"),
                          "ids tokens");
    }
}

TEST_CASE("shared: Llama's tokenizer.model alone gives the ids of its tokenizer.json") {
    HEADLIGHT_NEEDS(shared_fixture("models/llama/tokenizer.model"));
    for (const char* model : {"llama", "mistral", "mixtral"}) {
        const std::string folder = test::fresh_dir(std::string("tokenize_sp_") + model);
        for (const char* name : {"tokenizer.model", "tokenizer_config.json"}) {
            std::filesystem::copy(shared_fixture(std::string("models/") + model + "/" + name), folder);
        }
        const auto tokenizer = open_tokenizer(folder);
        REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
        CHECK((*tokenizer)->family() == "sentencepiece_model");
        CHECK((*tokenizer)->bos_id() == 1);
        test::check_cases(**tokenizer, shared_fixture(std::string("models/") + model + "/cases.json"), "ids", test::ids_of_model_file(model));
    }
}

TEST_CASE("shared: pieces of SentencePiece models on raw text") {
    HEADLIGHT_NEEDS(shared_fixture("models"));
    int checked = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(shared_fixture("models"))) {
        if (entry.path().extension() != ".model") continue;
        const auto cases = read_json_file((entry.path().parent_path() / "cases.json").string());
        if (!cases || !cases->contains("sp_pieces")) continue;
        const bool lowers =
            entry.path().parent_path().filename() == "albert";  // the file says: lowercased before
        const auto bytes = read_text_file(entry.path().string());
        const std::string alone =
            test::fresh_dir("tokenize_model") + "/x.model";  // no config: nothing is split off
        std::ofstream(alone, std::ios::binary) << *bytes;
        const auto tokenizer = open_tokenizer(alone);
        REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
        for (std::size_t i = 0; i < (*cases)["texts"].size() && !lowers; ++i) {
            const std::string text = (*cases)["texts"][i];
            const TokenizedText tokens = (*tokenizer)->encode(text, false);
            const bool has_typed_control = std::any_of(tokens.tokens.begin(), tokens.tokens.end(),
                                                       [](const Token& token) { return token.is_special; });
            if (has_typed_control) continue;  // split off before SentencePiece sees the text, by design
            INFO(entry.path().string(), " text ", i);
            CHECK_MESSAGE(test::pieces_of(tokens) == (*cases)["sp_pieces"][i], test::pieces_of(tokens).dump(),
                          " expected ", (*cases)["sp_pieces"][i].dump());
        }
        ++checked;
    }
    CHECK(checked >= 8);
}
