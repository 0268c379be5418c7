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

namespace {

std::string japanese_folder(const std::string& settings) {
    const std::string folder = test::fresh_dir("bert_japanese");
    std::ofstream(folder + "/tokenizer_config.json")
        << R"({"tokenizer_class": "BertJapaneseTokenizer")" << settings << "}";
    std::ofstream(folder + "/vocab.txt")
        << "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nすもも\nも\nもも\nの\nうち\n東京\n都\nすもも##\n##"
           "も\nす\n株\n(\n)\na\n";
    return folder;
}

}  // namespace

TEST_CASE("python classes: Japanese words by signs, and characters") {
    const auto words = open_tokenizer(japanese_folder(""));
    REQUIRE_MESSAGE(words, words.error().to_string());
    const TokenizedText text = (*words)->encode("東京 (すもももも)[MASK] x");
    CHECK(text.ids() == std::vector<std::int32_t>{2, 10, 16, 5, 13, 13, 17, 4, 1, 3});
    CHECK(text.tokens[3].byte_begin == 8);
    CHECK(text.tokens[3].byte_end == 17);
    const auto characters =
        open_tokenizer(japanese_folder(R"(, "subword_tokenizer_type": "character", "do_lower_case": true)"));
    REQUIRE_MESSAGE(characters, characters.error().to_string());
    CHECK((*characters)->encode("㈱ＡA x").ids() == std::vector<std::int32_t>{2, 16, 15, 17, 18, 18, 1, 3});
}

TEST_CASE("python classes: words of MeCab, or what to install; other analysers are refused by name") {
    const auto mecab = open_tokenizer(
        japanese_folder(R"(, "word_tokenizer_type": "mecab", "mecab_kwargs": {"mecab_dic": "ipadic"})"));
    if (mecab) {
        CHECK((*mecab)->encode("すもももももももものうち").ids() ==
              std::vector<std::int32_t>{2, 5, 6, 7, 6, 7, 8, 9, 3});
        CHECK_FALSE((*mecab)->try_encode("㋿の", true));
    } else {
        CHECK(mecab.error().message.find("mecab-ipadic-utf8") != std::string::npos);
    }
    for (const char* settings :
         {R"(, "word_tokenizer_type": "sudachi")", R"(, "word_tokenizer_type": "mecab")",
          R"(, "subword_tokenizer_type": "sentencepiece")"}) {
        const auto refused = open_tokenizer(japanese_folder(settings));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::Unsupported);
    }
}
