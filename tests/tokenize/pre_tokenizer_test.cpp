// Cuts as the reference makes them; expected values are from tokenizers 0.23.3 (pre_tokenize_str).
#include "tokenize/text/pre_tokenizer.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace headlight;
using nlohmann::json;

namespace {

std::string cut(const json& config, const std::string& text) {
    const auto pre = PreTokenizer::from_json(config);
    REQUIRE_MESSAGE(pre, pre.error().to_string());
    const AlignedText whole(text, 0);
    SectionList list;
    list.sections.push_back({&whole, 0, text.size(), -1});
    const auto status = pre->apply(list, false);
    if (!status) return status.error().message;
    std::string out;
    for (const TextSection& part : list.sections)
        out += (out.empty() ? "" : "|") + std::string(part.view());
    return out;
}

json split(const char* behavior, bool invert = false) {
    return {{"type", "Split"}, {"pattern", {{"String", "-"}}}, {"behavior", behavior}, {"invert", invert}};
}

}  // namespace

TEST_CASE("split: the five behaviours") {
    CHECK(cut(split("Removed"), "the-final--countdown") == "the|final|countdown");
    CHECK(cut(split("Isolated"), "the-final--countdown") == "the|-|final|-|-|countdown");
    CHECK(cut(split("MergedWithPrevious"), "the-final--countdown") == "the-|final-|-|countdown");
    CHECK(cut(split("MergedWithNext"), "the-final--countdown") == "the|-final|-|-countdown");
    CHECK(cut(split("Contiguous"), "the-final--countdown") == "the|-|final|--|countdown");
    CHECK(cut(split("Removed", true), "a-b") == "-");
    CHECK(cut(split("Removed"), "") == "");
}

TEST_CASE("pre-tokenizers: digits, punctuation, spaces") {
    CHECK(cut({{"type", "Digits"}, {"individual_digits", true}}, "a12½") == "a|1|2|½");
    CHECK(cut({{"type", "Digits"}, {"individual_digits", false}}, "a12½b") == "a|12½|b");
    CHECK(cut({{"type", "Punctuation"}}, "a$b«c") == "a|$|b|«|c");
    CHECK(cut({{"type", "WhitespaceSplit"}}, "a  b\u3000c") == "a|b|c");
    CHECK(cut({{"type", "Whitespace"}}, "a_b, c!!") == "a_b|,|c|!!");
    CHECK(cut({{"type", "CharDelimiterSplit"}, {"delimiter", ","}}, "a,b") == "a|b");
    CHECK(cut({{"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "always"}}, "a b") == "▁a|▁b");
    CHECK(cut({{"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "never"}, {"split", false}},
              "a b") == "a▁b");
}

TEST_CASE("pre-tokenizers: GPT-2's pattern") {
    const json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}};
    CHECK(cut(bytes, "I'll go  to\n\n it12!?") == "I|'ll| go| | to|\n\n| it|12|!?");
    CHECK(cut(bytes, "trailing  ") == "trailing|  ");
    CHECK(cut({{"type", "ByteLevel"}, {"add_prefix_space", true}}, "go") == " go");
}

TEST_CASE("pre-tokenizers: what is not known is refused by name") {
    const auto unknown = PreTokenizer::from_json({{"type", "RandomChunks"}});
    REQUIRE(!unknown);
    CHECK(unknown.error().kind == ErrorKind::Unsupported);
    CHECK(unknown.error().message.find("RandomChunks") != std::string::npos);
    const json broken = {{"type", "Split"}, {"pattern", {{"Regex", "(["}}}, {"behavior", "Isolated"}};
    CHECK(PreTokenizer::from_json(broken).error().kind == ErrorKind::Unsupported);
    CHECK(PreTokenizer::from_json({{"type", "Split"}, {"behavior", "Isolated"}}).error().kind ==
          ErrorKind::Corrupt);
    CHECK(!PreTokenizer::from_json(split("Sideways")));
    json deep = {{"type", "Digits"}};
    for (int i = 0; i < 20; ++i)
        deep = {{"type", "Sequence"}, {"pretokenizers", {deep}}};
    CHECK(!PreTokenizer::from_json(deep));
}

TEST_CASE("pre-tokenizers: a pattern that backtracks without end is an error") {
    const json evil = {{"type", "Split"}, {"pattern", {{"Regex", "(a+)+b"}}}, {"behavior", "Isolated"}};
    const std::string text(40, 'a');
    CHECK(cut(evil, text).find("cannot be matched") != std::string::npos);
}
