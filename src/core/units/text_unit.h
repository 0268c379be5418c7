// What rows and columns of an attention matrix stand for: tokens, or words, sentences and lines made of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headlight {

/// From fine to coarse: every token is in one word, sentence and line.
enum class TextUnit { Token, Word, Sentence, Line };
inline constexpr TextUnit kTextUnits[] = {TextUnit::Token, TextUnit::Word, TextUnit::Sentence,
                                          TextUnit::Line};

/// What the row of a unit is made of: the mean over its tokens' rows, or the row of its last token, where the
/// meaning of a word sits in causal models.
enum class FromGroup { Mean, Last };

/// "token", "word", "sentence", "line".
const char* to_string(TextUnit unit);
std::optional<TextUnit> text_unit(std::string_view name);
/// "mean", "last".
const char* to_string(FromGroup from);
std::optional<FromGroup> from_group(std::string_view name);

/// A label or sentence about tokens, about units: "previous token" -> "previous word".
std::string in_units(std::string_view words, TextUnit unit);

/// Half-open range of tokens.
struct TokenRange {
    int begin = 0;
    int end = 0;
    int count() const { return end - begin; }
    int last() const { return end - 1; }
    bool operator==(const TokenRange&) const = default;
};

/// The units of the queries and of the keys of a text, in order; every token is in one.
struct TextGroups {
    TextUnit unit = TextUnit::Word;
    FromGroup from = FromGroup::Mean;
    std::vector<TokenRange> queries, keys;
};

/// Index of the range that holds the token; -1 where none does.
int unit_of(const std::vector<TokenRange>& units, int token);

}  // namespace headlight
