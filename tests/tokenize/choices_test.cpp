// Several tokenizers in one folder, and the tokens that have a role.
#include "tokenize/cases.h"
#include "tokenize/made_files.h"

using namespace headlight;
using test::shared_fixture;

TEST_CASE("choices: all tokenizers of a folder, the reference's first") {
    const std::string folder = test::fresh_dir("tokenize_choices");
    const std::string data = test::source_dir() + "/tests/tokenize/data/";
    std::filesystem::copy(data + "words_txt/vocab.txt", folder);
    std::filesystem::copy(data + "sentencepiece/tokenizer.model", folder);
    std::ofstream(folder + "/notes.txt") << "no tokenizer";
    auto choices = list_tokenizers(folder);
    REQUIRE(choices.size() == 2);
    CHECK(choices[0].family == "sentencepiece_model");
    CHECK(choices[0].is_default);
    CHECK(choices[1].family == "word_piece");
    CHECK(!choices[1].is_default);
    CHECK(choices[1].label == "vocab.txt: WordPiece (BERT)");
    std::filesystem::copy(data + "fallback/tokenizer.json", folder);
    choices = list_tokenizers(folder);
    REQUIRE(choices.size() == 3);
    CHECK(choices[0].family == "byte_fallback_bpe");
    for (const TokenizerChoice& choice : choices) {
        const auto opened = open_tokenizer(choice.file);
        REQUIRE_MESSAGE(opened, opened.error().to_string());
        CHECK((*opened)->family() == choice.family);
    }
    CHECK((*open_tokenizer(folder))->source() == choices[0].file);
    CHECK(list_tokenizers("no/such/folder").empty());
}

TEST_CASE("choices: mask and end are found by role, by name, or not at all") {
    const std::string data = test::source_dir() + "/tests/tokenize/data/";
    const auto bert = open_tokenizer(data + "words");
    REQUIRE(bert);
    CHECK((*bert)->mask_id() == -1);
    CHECK((*bert)->token((*bert)->eos_id())->piece == "[SEP]");
    const auto bytes = open_tokenizer(data + "bytes");
    REQUIRE(bytes);
    CHECK((*bytes)->token((*bytes)->mask_id())->piece == "<mask>");
    const std::string folder = test::fresh_dir("tokenize_roles");
    std::ofstream(folder + "/vocab.json") << R"({"a":0,"b":1,"ab":2,"<m>":3,"<e>":4})";
    std::ofstream(folder + "/merges.txt") << "a b\n";
    std::ofstream(folder + "/special_tokens_map.json")
        << R"({"mask_token": {"content": "<m>"}, "eos_token": "<e>"})";
    const auto named = open_tokenizer(folder);
    REQUIRE_MESSAGE(named, named.error().to_string());
    CHECK((*named)->mask_id() == 3);
    CHECK((*named)->eos_id() == 4);
    CHECK((*named)->encode("ab<m>").ids() == std::vector<std::int32_t>{2, 3});
}

TEST_CASE("choices: a setting that is null is as good as absent") {
    const std::string folder = test::fresh_dir("tokenize_null");
    std::filesystem::copy(test::source_dir() + "/tests/tokenize/data/sentencepiece/tokenizer.model", folder);
    const auto bare = open_tokenizer(folder);
    REQUIRE(bare);
    std::ofstream(folder + "/tokenizer_config.json")
        << R"({"legacy": null, "add_bos_token": null, "bos_token": null})";
    const auto with_null = open_tokenizer(folder);
    REQUIRE_MESSAGE(with_null, with_null.error().to_string());
    CHECK((*with_null)->encode("the cat").ids() == (*bare)->encode("the cat").ids());
}

TEST_CASE("shared: masks of masked models") {
    HEADLIGHT_NEEDS(shared_fixture("models"));
    // What mask_token_id of the reference's tokenizer says for these folders.
    struct Mask {
        const char* model;
        int id;
    };
    for (const Mask& mask :
         {Mask{"bert", 4}, Mask{"roberta", 439}, Mask{"bart", 439}, Mask{"deberta_v2", 480},
          Mask{"xlm_roberta", 481}, Mask{"albert", 4}, Mask{"mpnet", 4}, Mask{"electra", 4}, Mask{"gpt2", -1},
          Mask{"llama", -1}, Mask{"t5", -1}}) {
        CAPTURE(mask.model);
        const auto opened = open_tokenizer(shared_fixture(std::string("models/") + mask.model));
        REQUIRE_MESSAGE(opened, opened.error().to_string());
        CHECK((*opened)->mask_id() == mask.id);
    }
    struct End {
        const char* model;
        int id;
    };
    for (const End& end : {End{"t5", 1}, End{"bart", 2}, End{"gpt2", 440}, End{"llama", 2}, End{"gemma", 1},
                           End{"qwen2", 442}}) {
        CAPTURE(end.model);
        CHECK((*open_tokenizer(shared_fixture(std::string("models/") + end.model)))->eos_id() == end.id);
    }
}
