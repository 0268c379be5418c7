// Cuts a text at given tokens as the reference's Python tokenizers do, which is nearly leftmost and longest.
#pragma once

#include <cstddef>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace headlight {

class TokenTrie {
  public:
    void add(std::string_view token);
    bool empty() const { return nodes_.size() == 1; }

    /// Byte ranges of the parts of a text in order: the tokens found and what lies between them. `text` is
    /// valid UTF-8.
    std::vector<std::pair<std::size_t, std::size_t>> split(std::string_view text) const;

  private:
    struct Node {
        std::map<char32_t, std::size_t> next;
        bool is_end = false;
    };
    using State = std::pair<std::size_t, std::size_t>;  // where a token began, and how far it came
    const std::size_t* step(std::size_t node, const std::vector<char32_t>& text, std::size_t at) const;
    std::pair<std::size_t, std::size_t> longest(const std::vector<State>& states, std::size_t start,
                                                std::size_t current, const std::vector<char32_t>& text,
                                                std::size_t& skip) const;

    std::vector<Node> nodes_{1};
};

}  // namespace headlight
