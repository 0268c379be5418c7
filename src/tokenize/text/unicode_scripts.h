// The scripts by which the pre-tokenizer UnicodeScripts cuts.
#pragma once

namespace headlight {

inline constexpr int kAnyScript = -1;

/// Number of the character's script, the same for all of Chinese, Hiragana and Katakana; kAnyScript for a
/// plain space and for what was not in Unicode 9, the version of the reference's table.
int script_of(char32_t c);

}  // namespace headlight
