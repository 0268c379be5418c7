// Which tokens of two texts are the same ones: what a comparison of their attention rests on.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "core/token.h"

namespace headlight {

/// Pairs of equal tokens of texts A and B, in the order of both. Every token is in one pair at most.
struct TokenAlignment {
    struct Pair {
        int a = 0, b = 0;
        bool operator==(const Pair&) const = default;
    };
    std::vector<Pair> pairs;  // ascending in both
    int size_a = 0, size_b = 0;
    int num_equal_first = 0;  // tokens before the first difference; the whole text where there is none

    bool is_same_text() const { return num_equal_first == size_a && size_a == size_b; }
    /// For each token of A its partner in B, -1: none. [size_a]
    std::vector<int> partners() const;
    /// The same for B. [size_b]
    std::vector<int> partners_in_a() const;
};

/// Longest common subsequence on ids, of pictures on places (special tokens only with special ones). Among
/// the longest the one with the most pairs at equal positions, then the one that takes the earlier tokens.
/// What both texts begin with is paired at once; the rest costs time and memory as the product of the
/// lengths. Errors: InvalidInput when that product is beyond 2^26.
Result<TokenAlignment> align_tokens(std::span<const Token> a, std::span<const Token> b);

}  // namespace headlight
