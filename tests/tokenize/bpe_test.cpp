// The merge loop by hand, and its two ways (scan, heap) held against a plain one.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "tokenize/words/bpe_model.h"
#include "tokenize/words/merge_word.h"

using namespace headlight;

namespace {

using Pair = std::pair<std::string, std::string>;

BpeModel make(const std::vector<std::string>& pieces, const std::vector<Pair>& merges,
              BpeModel::Options options = {}) {
    PieceTable vocabulary;
    for (const std::string& piece : pieces)
        vocabulary.add(piece, vocabulary.num_pieces());
    auto model = BpeModel::create(std::move(vocabulary), merges, std::move(options));
    REQUIRE_MESSAGE(model, model.error().to_string());
    return std::move(*model);
}

std::string spelled(const BpeModel& model, std::string_view word) {
    std::vector<WordToken> tokens;
    CHECK(model.encode(word, tokens));
    std::string out;
    for (const WordToken& token : tokens)
        out += (out.empty() ? "" : "|") + model.piece(token.id);
    return out;
}

// Definition: again and again merge the leftmost pair of lowest rank.
void merge_plainly(std::vector<WordToken>& symbols, const MergeTable& merges) {
    for (;;) {
        std::size_t best = symbols.size();
        std::uint32_t rank = 0xFFFFFFFF;
        for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
            const MergeRule* rule = merges.find(symbols[i].id, symbols[i + 1].id);
            if (rule != nullptr && rule->rank < rank) rank = rule->rank, best = i;
        }
        if (best == symbols.size()) return;
        symbols[best].id = merges.find(symbols[best].id, symbols[best + 1].id)->id;
        symbols[best].size_bytes += symbols[best + 1].size_bytes;
        symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
}

}  // namespace

TEST_CASE("bpe: lower ranks merge first, leftmost first") {
    const BpeModel model = make({"a", "b", "c", "ab", "bc", "abc"}, {{"b", "c"}, {"a", "b"}, {"a", "bc"}});
    CHECK(spelled(model, "abc") == "abc");
    CHECK(spelled(model, "ab") == "ab");
    CHECK(spelled(model, "abab") == "ab|ab");
    CHECK(spelled(make({"a", "aa"}, {{"a", "a"}}), "aaa") == "aa|a");
    CHECK(spelled(model, "") == "");
}

TEST_CASE("bpe: unknown characters are dropped, unknown, fused, or bytes") {
    const std::vector<Pair> none;
    CHECK(spelled(make({"a", "b"}, none), "axb") == "a|b");
    BpeModel::Options options;
    options.unknown = "?";
    CHECK(spelled(make({"a", "b", "?"}, none, options), "axyb") == "a|?|?|b");
    options.fuses_unknown = true;
    CHECK(spelled(make({"a", "b", "?"}, none, options), "axyb") == "a|?|b");
    options.has_byte_fallback = true;
    CHECK(spelled(make({"a", "?", "<0xC3>", "<0xA9>"}, none, options), "aé") == "a|<0xC3>|<0xA9>");
    CHECK(spelled(make({"a", "?", "<0xC3>"}, none, options), "aé") == "a|?");
}

TEST_CASE("bpe: whole words before merges where the file says so") {
    BpeModel::Options options;
    options.ignores_merges = true;
    CHECK(spelled(make({"a", "b", "c", "abc"}, {}, options), "abc") == "abc");
    CHECK(spelled(make({"a", "b", "c", "abc"}, {}), "abc") == "a|b|c");
}

TEST_CASE("bpe: scan and heap do what the definition says") {
    std::mt19937 random(7);
    MergeTable merges;
    for (std::uint32_t rank = 0; rank < 400; ++rank) {
        merges.insert(static_cast<std::int32_t>(random() % 30), static_cast<std::int32_t>(random() % 30),
                      {rank, static_cast<std::int32_t>(random() % 30)});
    }
    for (const std::size_t length : {2u, 3u, 20u, 48u, 49u, 120u, 300u}) {
        for (int round = 0; round < 20; ++round) {
            std::vector<WordToken> symbols(length);
            for (WordToken& symbol : symbols)
                symbol = {static_cast<std::int32_t>(random() % 30), 1};
            std::vector<WordToken> expected = symbols;
            merge_plainly(expected, merges);
            merge_word(symbols, merges, true);
            REQUIRE(symbols.size() == expected.size());
            for (std::size_t i = 0; i < symbols.size(); ++i) {
                CHECK(symbols[i].id == expected[i].id);
                CHECK(symbols[i].size_bytes == expected[i].size_bytes);
            }
        }
    }
}

TEST_CASE("bpe: broken models are refused with what is wrong") {
    using nlohmann::json;
    const auto error_of = [](const char* text) {
        const auto read = BpeModel::from_json(json::parse(text), false);
        REQUIRE_MESSAGE(!read, text);
        return read.error();
    };
    CHECK(error_of("{}").message.find("vocab") != std::string::npos);
    CHECK(error_of(R"({"vocab": {"a": -1}})").kind == ErrorKind::Corrupt);
    CHECK(error_of(R"({"vocab": {"a": 1.5}})").kind == ErrorKind::Corrupt);
    CHECK(error_of(R"({"vocab": {"a": 1099511627776}})").kind == ErrorKind::Corrupt);
    CHECK(error_of(R"({"vocab": {"a": 0}, "merges": ["a b"]})").message.find("'b'") != std::string::npos);
    CHECK(error_of(R"({"vocab": {"a": 0}, "merges": ["ab"]})").kind == ErrorKind::Corrupt);
    CHECK(error_of(R"({"vocab": {"a": 0}, "merges": [7]})").kind == ErrorKind::Corrupt);
    CHECK(error_of(R"({"vocab": {"a": 0}, "dropout": 0.1})").kind == ErrorKind::Unsupported);
    const auto both = json::parse(R"({"vocab": {"a": 0, "b": 1, "ab": 2}, "merges": [["a", "b"]]})");
    CHECK(spelled(*BpeModel::from_json(both, false), "ab") == "ab");
}
