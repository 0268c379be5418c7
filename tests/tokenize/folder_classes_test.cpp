// What a folder's files mean together: vocabularies of each kind under the classes of the reference, with
// added tokens in every file. tests/tokenize/data/make_folder_cases.py made the folders and the reference's
// ids.
#include <filesystem>
#include <fstream>

#include "base/base64.h"
#include "tokenize/cases.h"

using namespace headlight;

namespace {

std::string written(const nlohmann::json& cases, const nlohmann::json& made) {
    const std::string folder = test::fresh_dir("tokenize_class");
    const auto write = [&](const std::string& name, const std::string& content) {
        std::ofstream(folder + "/" + name, std::ios::binary) << content;
    };
    for (const auto& [name, base] : made["files"].items()) {
        const nlohmann::json& content = cases["bases"][base.get<std::string>()];
        write(name, content.is_string() ? content.get<std::string>()
                                        : from_base64(content["base64"].get<std::string>()).value());
    }
    for (const auto& [name, content] : made["contents"].items())
        write(name, content.get<std::string>());
    return folder;
}

std::string folder_with(const std::string& name, const std::string& file, const std::string& text) {
    const std::string folder = test::fresh_dir("tokenize_settings_" + name);
    std::filesystem::copy(test::source_dir() + "/tests/tokenize/data/words_txt/vocab.txt", folder);
    std::ofstream(folder + "/" + file, std::ios::binary) << text;
    return folder;
}

}  // namespace

TEST_CASE(
    "folders: every class gives the reference's ids, or is refused where the reference makes no tokenizer") {
    const auto cases = read_json_file(test::source_dir() + "/tests/tokenize/data/folder_cases.json");
    REQUIRE(cases);
    int equal = 0, refused = 0;
    for (const nlohmann::json& made : (*cases)["cases"]) {
        const std::string name = made["class"].is_string() ? made["class"].get<std::string>() : "no class";
        INFO(name << " " << made["files"].dump() << " " << made["contents"].dump().substr(0, 300));
        const auto opened = open_tokenizer(written(*cases, made));
        if (made["ids"].is_null()) {
            CHECK(!opened);
            if (!opened)  // by the class's name, or by the file that its class needs beside this one
                CHECK((opened.error().message.find(name) != std::string::npos ||
                       opened.error().file.ends_with("bpe.codes")));
            ++refused;
            continue;
        }
        REQUIRE_MESSAGE(opened, opened.error().to_string());
        for (std::size_t i = 0; i < (*cases)["texts"].size(); ++i)
            CHECK(nlohmann::json((*opened)->encode((*cases)["texts"][i].get<std::string>()).ids()) ==
                  made["ids"][i]);
        ++equal;
    }
    CHECK(equal > 60);
    CHECK(refused == 2);
}

TEST_CASE(
    "folders: a text for infilling, which CodeLlama's class makes a prompt of, is refused and not read as "
    "another") {
    const auto cases = read_json_file(test::source_dir() + "/tests/tokenize/data/folder_cases.json");
    REQUIRE(cases);
    int found = 0;
    for (const nlohmann::json& made : (*cases)["cases"]) {
        if (made["class"] != "CodeLlamaTokenizer") continue;
        const auto opened = open_tokenizer(written(*cases, made));
        REQUIRE_MESSAGE(opened, opened.error().to_string());
        const auto tokens = (*opened)->try_encode("the <FILL_ME> cat");
        REQUIRE(!tokens);
        CHECK(tokens.error().kind == ErrorKind::Unsupported);
        CHECK(tokens.error().message.find("<FILL_ME>") != std::string::npos);
        CHECK((*opened)->try_encode("the FILL_ME cat"));
        ++found;
    }
    CHECK(found == 2);
}

TEST_CASE("folders: a settings file that cannot be read is an error that names it, never an empty one") {
    for (const char* file :
         {"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "config.json"}) {
        for (const char* text : {"{", "[1]", "", "{\"a\": 1,}"}) {
            const auto opened = open_tokenizer(folder_with("broken", file, text));
            REQUIRE(!opened);
            CHECK(opened.error().kind == ErrorKind::Corrupt);
            CHECK(opened.error().file.ends_with(file));
        }
        const std::string folder = folder_with("folder", "other.json", "{}");
        std::filesystem::create_directory(folder + "/" + file);
        const auto opened = open_tokenizer(folder);
        REQUIRE(!opened);
        CHECK(opened.error().file.ends_with(file));
        CHECK(opened.error().message.find("folder") != std::string::npos);
    }
    CHECK(!open_tokenizer(folder_with("class", "tokenizer_config.json", R"({"tokenizer_class": 5})")));
    CHECK(!open_tokenizer(folder_with("id", "added_tokens.json", R"({"<x>": "five"})")));
}

TEST_CASE("folders: settings are read as Python's JSON") {
    const auto opened = open_tokenizer(folder_with("python", "tokenizer_config.json",
                                                   "\xEF\xBB\xBF{\"model_max_length\": Infinity, \"x\": "
                                                   "[NaN, -Infinity, 1e999], \"do_lower_case\": false}"));
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    const auto plain = open_tokenizer(test::source_dir() + "/tests/tokenize/data/words_txt");
    CHECK((*opened)->encode("THE the").ids() != (*plain)->encode("THE the").ids());
    CHECK((*opened)->encode("the").ids() == (*plain)->encode("the").ids());
}

TEST_CASE("folders: a vocabulary under a class that does not read it is refused by the class's name") {
    for (const char* name : {"RobertaTokenizer", "T5Tokenizer", "TapasTokenizer", "NeverHeardOfTokenizer"}) {
        const auto opened = open_tokenizer(folder_with(
            "other", "tokenizer_config.json", std::string("{\"tokenizer_class\": \"") + name + "\"}"));
        REQUIRE(!opened);
        CHECK(opened.error().kind == ErrorKind::Unsupported);
        CHECK(opened.error().message.find(name) != std::string::npos);
    }
}
