#include "base/nearest_word.h"

#include <algorithm>
#include <vector>

namespace headlight {
namespace {

std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string nearest_word(const std::string& word, std::span<const std::string> candidates) {
    std::string best;
    std::size_t least =
        std::max<std::size_t>(2, word.size() / 3) + 1;  // more edits than this is another word
    for (const std::string& candidate : candidates) {
        const bool is_start = word.size() >= 2 && candidate.compare(0, word.size(), word) == 0;
        const std::size_t distance = is_start ? 0 : edit_distance(word, candidate);
        if (distance >= least) continue;
        least = distance;
        best = candidate;
    }
    return best;
}

}  // namespace headlight
