#include "analysis/compare/alignment.h"

#include <algorithm>

namespace headlight {
namespace {

constexpr std::size_t kMostCells = std::size_t{1} << 26;
constexpr std::uint32_t kOnePair = 1u << 16;  // above any number of pairs at equal positions

/// Patches of two pictures have ids of their own, and are of no bytes of a text: their place names them.
bool are_of_one_place(const Token& a, const Token& b) {
    const bool are_of_no_text = a.byte_begin == a.byte_end && b.byte_begin == b.byte_end;
    return are_of_no_text && !a.piece.empty() && a.piece == b.piece;
}

bool are_equal(const Token& a, const Token& b) {
    return (a.id == b.id || are_of_one_place(a, b)) && a.is_special == b.is_special;
}

/// The dynamic program over what lies behind the common beginning. Values count pairs, then those of them
/// that stand at equal positions.
class LongestCommon {
  public:
    LongestCommon(std::span<const Token> a, std::span<const Token> b)
        : a_(a), b_(b), width_(b.size() + 1), best_((a.size() + 1) * width_, 0) {
        for (std::size_t i = a.size(); i-- > 0;) {
            for (std::size_t j = b.size(); j-- > 0;)
                best(i, j) = std::max({best(i + 1, j), best(i, j + 1), with_pair(i, j)});
        }
    }

    /// Appends the pairs, counted from `offset` on.
    void trace(int offset, std::vector<TokenAlignment::Pair>& pairs) {
        for (std::size_t i = 0, j = 0; i < a_.size() && j < b_.size();) {
            if (best(i, j) == with_pair(i, j) && are_equal(a_[i], b_[j])) {
                pairs.push_back({offset + static_cast<int>(i++), offset + static_cast<int>(j++)});
            } else if (best(i, j) == best(i + 1, j)) {
                ++i;
            } else {
                ++j;
            }
        }
    }

  private:
    std::uint32_t& best(std::size_t i, std::size_t j) { return best_[i * width_ + j]; }
    std::uint32_t with_pair(std::size_t i, std::size_t j) {
        return are_equal(a_[i], b_[j]) ? best(i + 1, j + 1) + kOnePair + (i == j ? 1 : 0) : 0;
    }

    std::span<const Token> a_, b_;
    std::size_t width_;
    std::vector<std::uint32_t> best_;  // [a + 1, b + 1]: of what begins there
};

std::vector<int> partners_of(std::span<const TokenAlignment::Pair> pairs, int size, bool is_a) {
    std::vector<int> out(static_cast<std::size_t>(size), -1);
    for (const auto& [a, b] : pairs)
        out[static_cast<std::size_t>(is_a ? a : b)] = is_a ? b : a;
    return out;
}

}  // namespace

std::vector<int> TokenAlignment::partners() const {
    return partners_of(pairs, size_a, true);
}

std::vector<int> TokenAlignment::partners_in_a() const {
    return partners_of(pairs, size_b, false);
}

Result<TokenAlignment> align_tokens(std::span<const Token> a, std::span<const Token> b) {
    TokenAlignment out;
    out.size_a = static_cast<int>(a.size());
    out.size_b = static_cast<int>(b.size());
    const auto [end_a, end_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end(), are_equal);
    const auto num_equal = static_cast<std::size_t>(end_a - a.begin());
    out.num_equal_first = static_cast<int>(num_equal);
    for (int i = 0; i < out.num_equal_first; ++i)
        out.pairs.push_back({i, i});
    const auto rest_a = a.subspan(num_equal), rest_b = b.subspan(num_equal);
    const std::size_t most = std::max(rest_a.size(), rest_b.size());
    if (most >= kOnePair || (rest_a.size() + 1) * (rest_b.size() + 1) > kMostCells) {
        return fail(ErrorKind::InvalidInput,
                    "two texts of {} and {} tokens that differ from token {} on are too long to be aligned; "
                    "compare shorter ones",
                    a.size(), b.size(), num_equal);
    }
    if (!rest_a.empty() && !rest_b.empty())
        LongestCommon(rest_a, rest_b).trace(out.num_equal_first, out.pairs);
    return out;
}

}  // namespace headlight
