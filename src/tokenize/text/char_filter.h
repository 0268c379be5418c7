// Normalisation steps that look at single characters: BERT's own cleaning, accents, white space at the ends.
#pragma once

#include "tokenize/text/aligned_text.h"

namespace headlight {

bool is_white_space(char32_t c);
/// Signs of ASCII, and what Unicode calls punctuation (the reference's tables are those of Unicode 8).
bool is_punctuation(char32_t c);
/// Digits and other numbers of any script.
bool is_numeric(char32_t c);
/// Letters, marks, digits, connectors and joiners: \w as Rust's regular expressions have it.
bool is_word_character(char32_t c);

/// Control characters go, every white space becomes a plain space (BERT's clean_text).
AlignedText without_control_characters(AlignedText text);
/// Spaces on both sides of every Chinese character.
AlignedText with_spaced_ideographs(AlignedText text);
enum class Marks { NonSpacing, All };  // Mn alone, or Mn, Mc and Me
AlignedText without_marks(AlignedText text, Marks marks);
/// White space at the beginning, at the end, or both, goes.
AlignedText stripped(AlignedText text, bool strips_left, bool strips_right);
/// What SentencePiece's rule "nmt" does to control characters and to rare white space, before its table.
AlignedText with_plain_spaces(AlignedText text);

}  // namespace headlight
