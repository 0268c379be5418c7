// Tokens that are found in the text before anything else: special tokens typed as text, runs of spaces, chat
// marks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenize/text/aligned_text.h"

namespace headlight {

struct AddedToken {
    std::int32_t id = -1;
    std::string content;
    bool is_single_word = false;  // only between characters that are no word
    bool strips_left = false;     // takes the white space before it
    bool strips_right = false;
    bool is_normalized = false;  // looked for in the normalised text, in its normalised form
    bool is_special = false;
    bool is_split = false;  // stands for itself nowhere: its text is cut like any other
};

class AddedTokens {
  public:
    /// The first token of equal contents wins; empty ones are never found. `matched` is what is looked for.
    void add(AddedToken token, const std::string& matched);

    /// Cuts `section` at the tokens whose is_normalized equals the argument: leftmost, then longest.
    void split(const TextSection& section, bool normalized, std::vector<TextSection>& out) const;

    const std::vector<AddedToken>& all() const { return tokens_; }
    /// Null if the id is no added token's.
    const AddedToken* find(std::int32_t id) const;
    /// Null if no added token has this content.
    const AddedToken* find(std::string_view content) const;

  private:
    struct Node {
        std::unordered_map<char, std::uint32_t> next;
        std::int32_t token = -1;  // index into tokens_
    };
    struct Trie {
        std::vector<Node> nodes{1};
        bool starts[256] = {};
    };
    /// Longest token at `begin`, or -1; `end` is set past it.
    static std::int32_t longest_at(const Trie& trie, std::string_view text, std::size_t begin,
                                   std::size_t& end);

    std::vector<AddedToken> tokens_;
    std::unordered_map<std::int32_t, std::size_t> by_id_;
    std::unordered_map<std::string, std::size_t> by_content_;
    Trie raw_, normalized_;
};

}  // namespace headlight
