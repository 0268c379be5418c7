// Rules that say which pairs of query and key are looked for, by what the tokens are and how they stand to
// each other, as one line of text. Unlike a drawing, a rule means the same on every text.
//
//   rule     = part-of-all { ";" part-of-all }                      all of them
//   part     = both { "or" both };   both = one { ("and" | ",") one };   one = ["not"] ( "(" rule ")" | term
//   ) term     = ("query" | "key") [":" | "=" | "is"] class { "|" class }
//            | ["key" (":" | "=" | "is")] relation
//   class    = any | special | punctuation | whitespace | word | word start | number | capital | rare
//            | /regular expression/ | id N {"," N} | at N [".." [N]]
//   relation = offset N [".." [N]]     query minus key; negative: the key comes later
//            | same token [K]          an earlier token with the same id; K: the K-th last of them
//            | after same token [K]    the token after an earlier copy of the query, before the query
//            | same word | same sentence | earlier in word | matching bracket | self
//
// Words may be joined by "-" or "_", capitals do not matter. "key: capital; offset 1..4",
// "query: word start; key = same token and not offset 1".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/words/token_classes.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/token.h"

namespace headlight {

/// Whether a regular expression is found in a piece. Errors: Unsupported (it takes too long).
using PiecePattern = std::function<Result<bool>(std::string_view piece)>;
/// Makes one. Errors: those of the library.
using PatternCompiler = std::function<Result<PiecePattern>(const std::string& pattern)>;

inline constexpr std::size_t kMostRuleBytes = 1000;

enum class TokenClass : std::uint8_t {
    Any,
    Special,
    Punctuation,
    Whitespace,
    Word,
    WordStart,
    Number,
    Capital,
    Rare,
    Pattern,
    Ids,
    Places
};
enum class TokenRelation : std::uint8_t {
    Offset,
    SameToken,
    AfterSameToken,
    SameWord,
    SameSentence,
    EarlierInWord,
    MatchingBracket
};

/// One node of a rule; children are indices of earlier nodes.
struct RuleNode {
    enum class Kind : std::uint8_t { And, Or, Not, Query, Key, Relation };
    Kind kind = Kind::And;
    std::vector<int> children;  // And, Or, Not
    TokenClass token_class = TokenClass::Any;
    TokenRelation relation = TokenRelation::Offset;
    int first = 0, last = 0;  // offsets or places, both included; `first` also the K of copies, 0: all
    std::vector<std::int32_t> ids;
    PiecePattern pattern;
};

/// One list of tokens as rules see it.
struct RuleTokens {
    std::span<const Token> tokens;
    std::span<const TokenLabel> labels;  // of label_tokens()
};

class TokenRule {
  public:
    /// Errors: InvalidInput with the character at which the text stops making sense, what was expected there
    /// and what stands there; an expression that `compile` does not take, or no compiler.
    static Result<TokenRule> parse(std::string_view text, const PatternCompiler& compile = {});

    const std::string& text() const { return text_; }
    /// Offsets and places only: the same on every text of a length.
    bool is_positional() const;
    /// It relates tokens of one list with each other, so it cannot be asked across two.
    bool needs_one_text() const;

    /// The pairs among the tokens of one text; `is_causal`: no later keys. Errors: those of the patterns.
    Result<KeySet> pairs(const RuleTokens& text, bool is_causal) const;
    /// The pairs between two texts. Errors: InvalidInput (needs_one_text()), those of the patterns.
    Result<KeySet> pairs(const RuleTokens& queries, const RuleTokens& keys) const;

  private:
    friend class RuleParser;
    std::string text_;
    std::vector<RuleNode> nodes_;  // root last
};

/// Names of classes and relations, for completion: "word start", "same token".
std::span<const std::string_view> rule_classes();
std::span<const std::string_view> rule_relations();

}  // namespace headlight
