// Texts as Python's str has them: by characters, with Unicode's full case mappings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headlight::jinja {

std::string upper(const std::string& text);
std::string lower(const std::string& text);
/// str.title(): every word, as letters with others between make them.
std::string title(const std::string& text);
/// str.capitalize().
std::string capitalized(const std::string& text);
bool has_cased(const std::string& text);

enum class Side { Left = 1, Right = 2, Both = 3 };
/// Without white space, or without any of the characters of `chars` where that is given.
std::string stripped(const std::string& text, Side side, const std::string* chars);

/// str.split(): at white space where no separator is given; `most` splits, -1: all. Faults: an empty
/// separator.
std::vector<std::string> split(const std::string& text, const std::string* separator, std::int64_t most);
std::vector<std::string> split_from_right(const std::string& text, const std::string* separator,
                                          std::int64_t most);
std::vector<std::string> lines_of(const std::string& text, bool keeps_ends = false);

/// The first `most` of `old` as `with`; -1: all.
std::string replaced(const std::string& text, const std::string& old, const std::string& with,
                     std::int64_t most);

}  // namespace headlight::jinja
