// The few classes of code points that detectors need, without a Unicode library.
#pragma once

namespace headlight::code_points {

/// Spaces, tabs, line ends, of every width.
bool is_space(char32_t c);
bool is_line_end(char32_t c);
/// . , ; : ! ? and the marks that do their work in other scripts.
bool is_sentence_mark(char32_t c);
/// The ones among them that end a sentence.
bool is_sentence_end(char32_t c);
/// " and the directed double quotes and guillemets.
bool is_quote(char32_t c);
bool is_bracket(char32_t c);
/// Letters, digits, marks: what words are made of. Everything that is no space, punctuation or symbol.
bool is_word(char32_t c);
bool is_digit(char32_t c);
/// Capital letters of the Latin, Greek, Cyrillic and Armenian scripts.
bool is_capital(char32_t c);
/// ' and its typographic form, which stand inside words.
bool is_apostrophe(char32_t c);

}  // namespace headlight::code_points
