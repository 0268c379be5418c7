// Where words, sentences and characters of a text end, by the rules and dictionaries of ICU (Unicode annex
// 29).
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace headlight {

/// A piece of a text, in bytes.
struct TextSegment {
    std::size_t begin = 0, end = 0;
    bool is_space = false;  // nothing but white space
};

/// Words, and one piece for every run of white space, mark or symbol between them. Chinese, Japanese, Thai,
/// Lao, Khmer and Burmese are cut by dictionaries. Invalid UTF-8 counts as U+FFFD. Throws std::runtime_error
/// where ICU's data is missing; so do the others.
std::vector<TextSegment> word_segments(std::string_view text);

/// Sentences; a line end ends one.
std::vector<TextSegment> sentence_segments(std::string_view text);

/// Characters as readers see them (grapheme clusters).
std::vector<TextSegment> character_segments(std::string_view text);

/// Does the first letter of the text belong to a script that is written from right to left?
bool is_right_to_left(std::string_view text);

/// At most `most` characters (3 at least): the middle gives way to "…", "inter…nal". Never cuts a character.
std::string shorten_middle(std::string_view text, std::size_t most);

/// The longest of these that `fits`; the shortest where none does.
std::string shorten_middle(std::string_view text, const std::function<bool(const std::string&)>& fits);

/// Case folded, without white space around it: equal for what readers call the same word.
std::string normalized_text(std::string_view text);

}  // namespace headlight
