// Tokenizer classes of the reference that are written in Python, against its ids.
#include "io/json_file.h"
#include "tokenize/cases.h"
#include "tokenize/made_files.h"

using namespace headlight;

TEST_CASE("python classes: ids are the reference's") {
    const auto all = read_json_file(test::source_dir() + "/tests/tokenize/data/python_classes.json");
    REQUIRE(all);
    REQUIRE((*all)["folders"].size() >= 8);
    for (const auto& one : (*all)["folders"]) {
        const std::string label = one["label"];
        CAPTURE(label);
        const std::string folder = test::fresh_dir("python_class");
        for (const auto& [name, text] : one["files"].items())
            std::ofstream(folder + "/" + name, std::ios::binary) << text.get<std::string>();
        if (one["has_model"] == true)
            std::filesystem::copy(test::source_dir() + "/tests/tokenize/data/sentencepiece/tokenizer.model",
                                  folder + "/sentencepiece.bpe.model");
        const auto opened = open_tokenizer(folder);
        REQUIRE_MESSAGE(opened, opened.error().to_string());
        for (std::size_t i = 0; i < (*all)["texts"].size(); ++i) {
            const std::string text = (*all)["texts"][i];
            CAPTURE(text);
            const auto tokens = (*opened)->encode(text);
            CHECK(nlohmann::json(tokens.ids()) == one["ids"][i]);
            CHECK(nlohmann::json((*opened)->encode(text, false).ids()) == one["plain"][i]);
            for (const Token& token : tokens.tokens)
                CHECK((token.byte_begin <= token.byte_end && token.byte_end <= text.size()));
        }
    }
}

TEST_CASE("python classes: what is not read is refused by its key, what is broken by its file") {
    const auto refused = [](const std::map<std::string, std::string>& files) {
        const std::string folder = test::fresh_dir("python_class_refused");
        for (const auto& [name, text] : files)
            std::ofstream(folder + "/" + name) << text;
        const auto opened = open_tokenizer(folder);
        REQUIRE_FALSE(opened);
        return opened.error();
    };
    const Error cleans = refused(
        {{"tokenizer_config.json", R"({"tokenizer_class": "BertweetTokenizer", "normalization": true})"},
         {"vocab.txt", "a 1\n"},
         {"bpe.codes", "a b 1\n"}});
    CHECK(cleans.message.find("normalization") != std::string::npos);
    const Error uncounted = refused({{"tokenizer_config.json", R"({"tokenizer_class": "PhobertTokenizer"})"},
                                     {"vocab.txt", "alone\n"},
                                     {"bpe.codes", "a b 1\n"}});
    CHECK(uncounted.file.ends_with("vocab.txt"));
    const Error missing = refused(
        {{"tokenizer_config.json", R"({"tokenizer_class": "PhobertTokenizer"})"}, {"vocab.txt", "a 1\n"}});
    CHECK(missing.file.ends_with("bpe.codes"));
    const Error unknown =
        refused({{"tokenizer_config.json", R"({"tokenizer_class": "EsmTokenizer"})"}, {"vocab.txt", "A\n"}});
    CHECK(unknown.message.find("<unk>") != std::string::npos);
}
