// Rules: the grammar with its errors, and the pairs of every class and relation on small texts.
#include "analysis/search/token_rule.h"

#include <doctest/doctest.h>

#include "analysis/detector_examples.h"
#include "analysis/search/own_detectors.h"
#include "analysis/text_analysis.h"

using namespace headlight;
using namespace headlight::test;

namespace {

std::string pairs_text(const KeySet& pairs) {
    std::string out;
    for (std::size_t query = 0; query + 1 < pairs.row_begin.size(); ++query) {
        const auto begin = pairs.row_begin[query], end = pairs.row_begin[query + 1];
        if (begin == end) continue;
        out += (out.empty() ? "" : "; ") + std::to_string(query) + ":";
        for (auto i = begin; i < end; ++i)
            out += (i == begin ? "" : ",") + std::to_string(pairs.keys[i]);
    }
    return out;
}

/// "query:keys; ..." of a rule on a text.
std::string pairs_of_rule(const std::string& rule, const std::vector<std::string>& texts,
                          bool is_causal = true) {
    const auto read = TokenRule::parse(rule, [](const std::string& pattern) -> Result<PiecePattern> {
        if (pattern == "(") return fail(ErrorKind::InvalidInput, "end pattern with unmatched parenthesis");
        return PiecePattern([pattern](std::string_view piece) -> Result<bool> {
            return piece.find(pattern) != std::string_view::npos;
        });
    });
    if (!read) return read.error().message;
    const std::vector<Token> tokens = text_tokens(texts);
    const std::vector<TokenLabel> labels = label_tokens(tokens);
    const auto pairs = read->pairs({tokens, labels}, is_causal);
    REQUIRE(pairs);
    CHECK(pairs->row_begin.size() == tokens.size() + 1);
    return pairs_text(*pairs);
}

const std::vector<std::string> kTale = {"<s>", "Ann",  " saw", " 12",  " cats",
                                        ",",   " and", " Ann", " ran", "."};

}  // namespace

TEST_CASE("classes of keys") {
    const auto last = [](const std::string& cls) { return pairs_of_rule("query: at 9; key: " + cls, kTale); };
    CHECK(last("any") == "9:0,1,2,3,4,5,6,7,8,9");
    CHECK(last("special") == "9:0");
    CHECK(last("punctuation") == "9:5,9");
    CHECK(last("word") == "9:1,2,3,4,6,7,8");
    CHECK(last("word start") == "9:1,2,3,4,6,7,8");
    CHECK(last("number") == "9:3");
    CHECK(last("capital") == "9:1,7");
    CHECK(last("/a/") == "9:2,4,6,8");
    CHECK(last("id 5, 8") == "9:5,8");
    CHECK(last("at 2..4") == "9:2,3,4");
    CHECK(last("at 7..") == "9:7,8,9");
    CHECK(last("capital|number") == "9:1,3,7");
    CHECK(last("not word") == "9:0,5,9");
    CHECK(last("rare") == "9:9");  // of nine ids the largest
    CHECK(pairs_of_rule("query: at 3; key: whitespace", {"a", " ", "\n", "b"}) == "3:1,2");
    CHECK(pairs_of_rule("query: at 2; key: word start", {"un", "like", "ly"}) == "2:0");
    CHECK(pairs_of_rule("query: at 2; key: capital", {"Ärger", "ß", "Ж"}) == "2:0,2");
    CHECK(pairs_of_rule("query: at 2; key: number", {"٣", "3rd", "3."}) == "2:0,2");
}

TEST_CASE("classes of queries") {
    CHECK(pairs_of_rule("query: number; offset 1", kTale) == "3:2");
    CHECK(pairs_of_rule("query: capital; key: special", kTale) == "1:0; 7:0");
}

TEST_CASE("relations") {
    const std::vector<std::string> text = {"a", "b", "a", "a", "b"};
    CHECK(pairs_of_rule("offset 1", text) == "1:0; 2:1; 3:2; 4:3");
    CHECK(pairs_of_rule("offset 1..2", text) == "1:0; 2:0,1; 3:1,2; 4:2,3");
    CHECK(pairs_of_rule("offset 3..", text) == "3:0; 4:0,1");
    CHECK(pairs_of_rule("offset -1", text, false) == "0:1; 1:2; 2:3; 3:4");
    CHECK(pairs_of_rule("offset -1", text).empty());
    CHECK(pairs_of_rule("self", text) == "0:0; 1:1; 2:2; 3:3; 4:4");
    // The text of closed form C8.
    CHECK(pairs_of_rule("same token", text) == "2:0; 3:0,2; 4:1");
    CHECK(pairs_of_rule("same token 1", text) == "2:0; 3:2; 4:1");
    CHECK(pairs_of_rule("same token 2", text) == "3:0");
    CHECK(pairs_of_rule("after same token", text) == "2:1; 3:1; 4:2");
    CHECK(pairs_of_rule("after same token 1", {"a", "b", "a", "c", "a"}) == "2:1; 4:3");
    CHECK(pairs_of_rule("after same token 2", {"a", "b", "a", "c", "a"}) == "4:1");
    CHECK(pairs_of_rule("same token", text, false) == "2:0; 3:0,2; 4:1");
    CHECK(pairs_of_rule("same word", {"un", "like", " it", "s"}) == "0:0; 1:0,1; 2:2; 3:2,3");
    CHECK(pairs_of_rule("same word", {"un", "like", " it"}, false) == "0:0,1; 1:0,1; 2:2");
    CHECK(pairs_of_rule("earlier in word", {"un", "like", "ly", " it"}) == "1:0; 2:0,1");
    CHECK(pairs_of_rule("same sentence", {"a", ".", " b", " c"}) == "0:0; 1:0,1; 2:2; 3:2,3");
    CHECK(pairs_of_rule("matching bracket", {"(", "[", "x", "]", ")"}) == "3:1; 4:0");
}

TEST_CASE("and, or, not, brackets and what stands for them") {
    const std::vector<std::string> text = {"a", "b", "a", "a", "b"};
    CHECK(pairs_of_rule("key = same token and not offset 1", text) == "2:0; 3:0; 4:1");
    CHECK(pairs_of_rule("same token, not offset 1", text) == "2:0; 3:0; 4:1");
    CHECK(pairs_of_rule("offset 1 or offset 3", text) == "1:0; 2:1; 3:0,2; 4:1,3");
    // “;” binds loosest, then “or”, then “and”.
    CHECK(pairs_of_rule("query: at 4; offset 1 or offset 3", text) == "4:1,3");
    CHECK(pairs_of_rule("query: at 4 and offset 1 or offset 3", text) == "3:0; 4:1,3");
    CHECK(pairs_of_rule("query: at 4 and (offset 1 or offset 3)", text) == "4:1,3");
    CHECK(pairs_of_rule("not (offset 1.. or self)", text).empty());
    CHECK(pairs_of_rule("not not offset 1", text) == pairs_of_rule("offset 1", text));
    CHECK(pairs_of_rule("QUERY is At 4; After-Same_Token;", text) == "4:2");
    CHECK(pairs_of_rule("query: not at 0..3; offset 1", text) == "4:3");
}

TEST_CASE("a rule that makes no sense is told where") {
    const auto message = [](const std::string& rule) { return pairs_of_rule(rule, {"a"}); };
    CHECK(message("").find("empty") != std::string::npos);
    CHECK(message("key: captial").find("character 6: “captial” stands here") != std::string::npos);
    CHECK(message("key: captial").find("word start") != std::string::npos);
    CHECK(message("key: capital; ").find("character") == std::string::npos);
    CHECK(message("key: capital and").find("it ends here") != std::string::npos);
    CHECK(message("(offset 1").find("“)”") != std::string::npos);
    CHECK(message("offset").find("a number of tokens") != std::string::npos);
    CHECK(message("offset 4..1").find("a number from 4 up") != std::string::npos);
    CHECK(message("same token 0").find("which copy") != std::string::npos);
    CHECK(message("key: /a").find("no closing") != std::string::npos);
    CHECK(message("key: /(/").find("unmatched parenthesis") != std::string::npos);
    CHECK(message("key: id x").find("the id of a token") != std::string::npos);
    CHECK(message("ключ").find("character 1: “к”") != std::string::npos);
    CHECK(message("offset 1 offset 2").find("character 10") != std::string::npos);
    CHECK(message("offset 99999999999").find("too large") != std::string::npos);
    CHECK(message(std::string(2000, 'a')).find("1000") != std::string::npos);
    CHECK(message(std::string(100, '(') + "self").find("brackets") != std::string::npos);
    CHECK(message("query: same token").find("a class") != std::string::npos);
    CHECK(!TokenRule::parse("key: /a/"));  // nobody to read expressions
}

TEST_CASE("rules between two texts know classes only") {
    const std::vector<Token> queries = text_tokens({"<s>", "Ja", "."}),
                             keys = text_tokens({"Yes", " 3", "!"});
    const std::vector<TokenLabel> query_labels = label_tokens(queries), key_labels = label_tokens(keys);
    const auto classes = TokenRule::parse("query: capital; key: capital|punctuation");
    REQUIRE(classes);
    const auto pairs = classes->pairs({queries, query_labels}, RuleTokens{keys, key_labels});
    REQUIRE(pairs);
    CHECK(pairs_text(*pairs) == "1:0,2");
    const auto relation = TokenRule::parse("query: any; same token");
    CHECK(!relation->pairs({queries, query_labels}, RuleTokens{keys, key_labels}));
    CHECK(relation->needs_one_text());
    CHECK(!classes->needs_one_text());
}

TEST_CASE("which rules are about places alone") {
    CHECK(TokenRule::parse("query: any; offset 1..3 and not key: at 0")->is_positional());
    CHECK(!TokenRule::parse("offset 1; key: word")->is_positional());
    CHECK(!TokenRule::parse("same token")->is_positional());
}

TEST_CASE("a saved rule is a detector behind the built-in ones") {
    const std::size_t before = detectors().size();
    const auto rule = TokenRule::parse("after same token");
    const auto stripe = TokenRule::parse("offset 1");
    set_own_detectors({{"my copies", *rule, 0.4, "a test"},
                       {"step back", *stripe, 0.5, "a test"},
                       {"my copies", *stripe, 0.5, "x"}});
    REQUIRE(detectors().size() == before + 2);
    const DetectorDescriptor* own = find_detector("own_my_copies");
    REQUIRE(own != nullptr);
    CHECK(std::string(own->label) == "my copies (own)");
    CHECK(own->kind == DetectorKind::Content);
    CHECK(find_detector("own_step_back")->kind == DetectorKind::Positional);
    CHECK(own == detectors()[before]);

    // It scores what the built-in detector with the same pairs scores.
    const std::vector<Token> tokens =
        text_tokens({"<s>", " a", " b", " c", " d", " a", " b", " c", " d", " a", " b"});
    const TracePtr trace = causal_trace(static_cast<int>(tokens.size()), [](int query, int key) {
        return query > 4 && key == query - 3 ? 0.8 : query > 4 ? 0.2 / query : 1.0 / (query + 1);
    });
    const auto analysis = analyze_text(*trace, tokens, {}, {});
    REQUIRE(analysis);
    const std::vector<Tag>& tags = analysis->heads[0].tags;
    REQUIRE(tags.size() == before + 2);
    const auto score_of = [&](std::string_view id) {
        for (const Tag& tag : tags)
            if (id == tag.detector->id) return tag.score;
        return DetectorScore{};
    };
    CHECK(*score_of("own_my_copies").score == doctest::Approx(*score_of("induction").score).epsilon(1e-6));
    CHECK(*score_of("own_my_copies").null == doctest::Approx(*score_of("induction").null));
    CHECK(*score_of("own_step_back").score ==
          doctest::Approx(*score_of("previous_token").score).epsilon(1e-6));
    set_own_detectors({});
    CHECK(detectors().size() == before);
    CHECK(std::string(own->label) == "my copies (own)");  // what was handed out stays
}
