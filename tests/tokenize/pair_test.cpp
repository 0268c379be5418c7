// Two texts as one: ids, segments and offsets are the reference's (tests/tokenize/data/make_pairs.py).
#include <fstream>

#include "tokenize/cases.h"

using namespace headlight;
using nlohmann::json;

namespace {

Result<TokenizerPtr> opened(const json& file) {
    const std::string folder = test::fresh_dir("tokenize_pairs");
    std::ofstream(folder + "/tokenizer.json") << file.dump();
    return open_tokenizer(folder);
}

/// Spans in code points of the sentence that a token is of, as the reference counts.
json offsets_of(const TokenizedText& text, const std::string& first, const std::string& second) {
    const auto of_first = utf8::code_point_index(first), of_second = utf8::code_point_index(second);
    json out = json::array();
    for (const Token& token : text.tokens) {
        const bool is_second = token.byte_begin >= text.second_byte;
        const auto& index = is_second ? of_second : of_first;
        const std::size_t begin = is_second ? text.second_byte : 0;
        out.push_back({index[token.byte_begin - begin], index[token.byte_end - begin]});
    }
    return out;
}

void check_pair(const Tokenizer& tokenizer, const json& pair, const json& expected, bool add_special) {
    const std::string first = pair[0].get<std::string>(), second = pair[1].get<std::string>();
    const auto text = tokenizer.encode_pair(first, second, add_special);
    REQUIRE_MESSAGE(text, text.error().to_string());
    CHECK(text->first_text() == first);
    CHECK(text->second_text() == second);
    json ids = json::array(), segments = json::array();
    int first_of_b = -1;
    for (std::size_t i = 0; i < text->tokens.size(); ++i) {
        ids.push_back(text->tokens[i].id);
        segments.push_back(text->tokens[i].segment);
        if (expected["sequences"][i] == 1 && first_of_b < 0) first_of_b = static_cast<int>(i);
        CHECK(text->ids()[i] == read_id(text->tokens[i].id, text->tokens[i].segment));
    }
    CHECK(ids == expected["ids"]);
    CHECK(segments == expected["segments"]);
    if (first_of_b >= 0) CHECK(text->second_token == first_of_b);
    CHECK_MESSAGE(offsets_of(*text, first, second) == expected["offsets"],
                  offsets_of(*text, first, second).dump(), " expected ", expected["offsets"].dump());
}

}  // namespace

TEST_CASE("pairs: ids, segments and offsets are the reference's") {
    const auto data = read_json_file(test::source_dir() + "/tests/tokenize/data/pairs.json");
    REQUIRE(data);
    int num_refused = 0;
    for (const json& kind : (*data)["kinds"]) {
        INFO(kind["name"].get<std::string>());
        const auto tokenizer = opened(kind["tokenizer"]);
        REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
        const bool has_form = kind.contains("with");
        CHECK((*tokenizer)->has_pair_form() == has_form);
        if (!has_form) {
            const auto refused = (*tokenizer)->encode_pair("a", "b");
            REQUIRE_FALSE(refused);
            CHECK(refused.error().kind == ErrorKind::Unsupported);
            CHECK(refused.error().message.find("no form for two texts") != std::string::npos);
            ++num_refused;
            continue;
        }
        for (std::size_t i = 0; i < (*data)["pairs"].size(); ++i) {
            INFO((*data)["pairs"][i].dump());
            check_pair(**tokenizer, (*data)["pairs"][i], kind["with"][i], true);
            check_pair(**tokenizer, (*data)["pairs"][i], kind["without"][i], false);
        }
    }
    CHECK(num_refused == 4);
}

TEST_CASE("pairs: an empty second sentence begins before the tokens that end it") {
    const auto data = read_json_file(test::source_dir() + "/tests/tokenize/data/pairs.json");
    REQUIRE(data);
    const auto tokenizer = opened((*data)["kinds"][0]["tokenizer"]);
    REQUIRE(tokenizer);
    const auto text = (*tokenizer)->encode_pair("a", "");
    REQUIRE(text);
    REQUIRE(text->tokens.size() == 4);  // [CLS] a [SEP] [SEP]
    CHECK(text->second_token == 3);
    CHECK(text->sentence_of(2) == 0);
    CHECK(text->sentence_of(3) == 1);
}

TEST_CASE("pairs: segments that the settings keep from the model are not told") {
    const auto data = read_json_file(test::source_dir() + "/tests/tokenize/data/pairs.json");
    REQUIRE(data);
    const std::string folder = test::fresh_dir("tokenize_pairs");
    std::ofstream(folder + "/tokenizer.json") << (*data)["kinds"][0]["tokenizer"].dump();
    std::ofstream(folder + "/tokenizer_config.json")
        << R"({"tokenizer_class": "PreTrainedTokenizerFast", "model_input_names": ["input_ids"]})";
    const auto tokenizer = open_tokenizer(folder);
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
    const auto text = (*tokenizer)->encode_pair("a", "b");
    REQUIRE(text);
    CHECK(text->second_token == 3);
    for (const Token& token : text->tokens)
        CHECK(token.segment == 0);
}
