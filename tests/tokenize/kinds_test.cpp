// Kinds of tokenizer.json that are easily read wrongly; tests/tokenize/data/make_kinds.py made them and the
// reference's values.
#include <fstream>

#include "tokenize/cases.h"
#include "tokenize/excluded_ids.h"

using namespace headlight;
using nlohmann::json;

namespace {

Result<TokenizerPtr> opened(const json& file) {
    const std::string folder = test::fresh_dir("tokenize_kinds");
    std::ofstream(folder + "/tokenizer.json") << file.dump();
    return open_tokenizer(folder);
}

json whole_words(const json& vocab, const json& changes = json::object()) {
    json file = {{"version", "1.0"},
                 {"model", {{"type", "WordLevel"}, {"vocab", vocab}, {"unk_token", "<unk>"}}}};
    file.update(changes);
    return file;
}

}  // namespace

TEST_CASE("kinds: ids, pieces and offsets are the reference's") {
    const auto kinds = read_json_file(test::source_dir() + "/tests/tokenize/data/kinds.json");
    REQUIRE(kinds);
    CHECK(kinds->size() >= 80);
    for (const json& kind : *kinds) {
        INFO(kind["name"].get<std::string>());
        const auto tokenizer = opened(kind["tokenizer"]);
        CHECK_MESSAGE(tokenizer, tokenizer.error().to_string());
        if (!tokenizer) continue;
        // Bytes of a suffix or a prefix stand for nothing in the text; the reference's spans of them lie
        // beside it.
        const json& model = kind["tokenizer"]["model"];
        const bool has_odd_spans =
            model.value("byte_fallback", false) && kind["name"].get<std::string>().starts_with("bytes of a ");
        for (std::size_t i = 0; i < kind["texts"].size(); ++i) {
            const TokenizedText tokens = (*tokenizer)->encode(kind["texts"][i].get<std::string>());
            INFO(kind["texts"][i].dump());
            json ids = json::array();  // of some templates a single text has segments too
            for (const Token& token : tokens.tokens)
                ids.push_back(token.id);
            CHECK_MESSAGE(ids == kind["ids"][i], ids.dump(), " expected ", kind["ids"][i].dump());
            CHECK_MESSAGE(test::pieces_of(tokens) == kind["tokens"][i], test::pieces_of(tokens).dump(),
                          " expected ", kind["tokens"][i].dump());
            if (has_odd_spans) continue;
            CHECK_MESSAGE(test::code_point_offsets(tokens) == kind["offsets"][i],
                          test::code_point_offsets(tokens).dump(), " expected ", kind["offsets"][i].dump());
        }
    }
}

TEST_CASE("kinds: added ids go on from the number of pieces, gaps stay empty") {
    const auto tokenizer = opened(
        whole_words({{"<unk>", 0}, {"a", 1}, {"b", 9}},
                    {{"added_tokens", {{{"id", 500}, {"content", "<x>"}}, {{"id", 7}, {"content", "b"}}}}}));
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
    CHECK((*tokenizer)->vocab_size() == 10);
    CHECK((*tokenizer)->token(3)->piece == "<x>");
    CHECK((*tokenizer)->token(9)->piece == "b");
    CHECK((*tokenizer)->token(5)->piece.empty());
    const auto excluded = excluded_ids(**tokenizer, 12);
    CHECK(excluded[5]);
    CHECK(excluded[11]);
    CHECK_FALSE(excluded[1]);
}

TEST_CASE("kinds: a text that cannot be spelled is an error that names it") {
    const auto without = opened(whole_words({{"a", 0}}));
    REQUIRE_MESSAGE(without, without.error().to_string());
    CHECK((*without)->try_encode("a")->ids() == std::vector<std::int32_t>{0});
    const auto words = (*without)->try_encode("zebra");
    REQUIRE(!words);
    CHECK(words.error().kind == ErrorKind::InvalidInput);
    CHECK(words.error().message.find("zebra") != std::string::npos);
    CHECK(words.error().message.find("<unk>") != std::string::npos);
    CHECK((*without)->encode("zebra").tokens.empty());
    const json pieces = json::array({json::array({"a", -1.0})});
    const auto likely = opened({{"model", {{"type", "Unigram"}, {"unk_id", nullptr}, {"vocab", pieces}}}});
    REQUIRE_MESSAGE(likely, likely.error().to_string());
    CHECK((*likely)->try_encode("aa")->tokens.size() == 2);
    CHECK((*likely)->try_encode("ab").error().message.find("'b'") != std::string::npos);
    const auto pairs = opened(
        {{"model",
          {{"type", "BPE"}, {"unk_token", "<unk>"}, {"vocab", {{"a", 0}}}, {"merges", json::array()}}}});
    REQUIRE_MESSAGE(pairs, pairs.error().to_string());
    CHECK((*pairs)->try_encode("ab").error().kind == ErrorKind::InvalidInput);
}

TEST_CASE("kinds: a pattern that goes back and forth without end is an error, not a hang") {
    const json evil = {
        {"type", "Split"}, {"pattern", {{"Regex", "(a+)+b"}}}, {"behavior", "Isolated"}, {"invert", false}};
    const auto tokenizer = opened(whole_words({{"<unk>", 0}}, {{"pre_tokenizer", evil}}));
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
    const auto tokens = (*tokenizer)->try_encode(std::string(60, 'a'));
    REQUIRE(!tokens);
    CHECK(tokens.error().kind == ErrorKind::Unsupported);
    CHECK(tokens.error().message.find("(a+)+b") != std::string::npos);
    CHECK((*tokenizer)->try_encode("aab"));
}

TEST_CASE("kinds: what the reference cannot run either is refused by name") {
    const json empty = {{"normalizer", {{"type", "Strip"}, {"strip_left", true}, {"strip_right", true}}},
                        {"added_tokens", {{{"id", 1}, {"content", "  "}, {"normalized", true}}}}};
    CHECK(opened(whole_words({{"<unk>", 0}}, empty))
              .error()
              .message.find("leaves nothing of the added token") != std::string::npos);
    const json second = {{"post_processor",
                          {{"type", "TemplateProcessing"},
                           {"single", {{{"Sequence", {{"id", "B"}}}}}},
                           {"pair", json::array()},
                           {"special_tokens", json::object()}}}};
    CHECK(opened(whole_words({{"<unk>", 0}}, second)).error().kind == ErrorKind::Corrupt);
    CHECK(opened(whole_words({{"<unk>", 0}}, {{"version", "2.0"}})).error().kind == ErrorKind::Unsupported);
    for (const json& step :
         {json{{"type", "FixedLength"}, {"length", 0}},
          json{{"type", "CharDelimiterSplit"}, {"delimiter", "ab"}},
          json{{"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "second"}}}) {
        CHECK(opened(whole_words({{"<unk>", 0}}, {{"pre_tokenizer", step}})).error().kind ==
              ErrorKind::Corrupt);
    }
}
