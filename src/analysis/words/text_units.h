// The words, sentences and lines that the tokens of a text make. What attention between them is:
// core/units/grouped_trace.h.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/token.h"
#include "core/units/text_unit.h"

namespace headlight {

/// The units that the tokens of a text make, in order; every token is in one. Special tokens are units of
/// their own. A word is the tokens that overlap a word of ICU's, or of a program where the text looks like
/// one (looks_like_code()); so pieces of one character stay together, and text between words belongs to the
/// token that it is in. A token belongs to the sentence of its first visible character. A line end closes a
/// sentence and a line.
std::vector<TokenRange> text_units(std::span<const Token> tokens, TextUnit unit);

/// What a unit says, as people read it: its text without space around it, line ends and tabs as signs.
std::string unit_text(std::span<const Token> tokens, TokenRange range);

/// Each unit as a token, so that everything that knows tokens knows it: what it says, the span of its tokens,
/// special where its only token is. Its id is its rank among the different units of the text by the highest
/// id of their pieces, so equal units have equal ids, whatever their case and the space around them, and
/// rarer ones higher ids, as merges are numbered by frequency.
std::vector<Token> unit_tokens(std::span<const Token> tokens, std::span<const TokenRange> units);

/// Both lists of a text. `keys` may be the same list as `queries`.
std::shared_ptr<const TextGroups> text_groups(std::span<const Token> queries, std::span<const Token> keys,
                                              TextUnit unit, FromGroup from);

}  // namespace headlight
