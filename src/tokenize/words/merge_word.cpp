#include "tokenize/words/merge_word.h"

#include <queue>

namespace headlight {
namespace {

constexpr std::size_t kScanLimit = 48;  // symbols; beyond it a heap is faster than scanning again and again
constexpr std::uint32_t kNoMerge = 0xFFFFFFFF;

void merge_by_scan(std::vector<WordToken>& symbols, const MergeTable& merges) {
    MergeRule pair[kScanLimit];  // of symbol i and i + 1
    const auto look_up = [&](std::size_t i) {
        const MergeRule* found = merges.find(symbols[i].id, symbols[i + 1].id);
        pair[i] = found != nullptr ? *found : MergeRule{kNoMerge, -1};
    };
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i)
        look_up(i);
    while (symbols.size() > 1) {
        std::size_t best = 0;
        for (std::size_t i = 1; i + 1 < symbols.size(); ++i) {
            if (pair[i].rank < pair[best].rank) best = i;
        }
        if (pair[best].rank == kNoMerge) return;
        symbols[best] = {pair[best].id, symbols[best].size_bytes + symbols[best + 1].size_bytes};
        symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best) + 1);
        for (std::size_t i = best + 1; i + 1 < symbols.size(); ++i)
            pair[i] = pair[i + 1];
        if (best > 0) look_up(best - 1);
        if (best + 1 < symbols.size()) look_up(best);
    }
}

struct Candidate {
    std::uint32_t rank, left;  // left: symbol index
    std::int32_t id;
    bool operator<(const Candidate& other) const {  // the queue hands out the largest
        return rank != other.rank ? rank > other.rank : left > other.left;
    }
};

// A linked list of symbols; a symbol that was merged away has no bytes.
class HeapMerger {
  public:
    HeapMerger(std::vector<WordToken>& symbols, const MergeTable& merges, bool adds_up)
        : symbols_(symbols),
          merges_(merges),
          adds_up_(adds_up),
          next_(symbols.size()),
          previous_(symbols.size()) {
        const auto count = static_cast<std::uint32_t>(symbols.size());
        for (std::uint32_t i = 0; i < count; ++i) {
            next_[i] = i + 1 < count ? i + 1 : kNoMerge;
            previous_[i] = i > 0 ? i - 1 : kNoMerge;
        }
        for (std::uint32_t i = 0; i + 1 < count; ++i)
            offer(i);
    }

    void run() {
        while (!queue_.empty()) {
            const Candidate top = queue_.top();
            queue_.pop();
            if (!is_current(top)) continue;
            const std::uint32_t right = next_[top.left];
            symbols_[top.left] = {top.id, symbols_[top.left].size_bytes + symbols_[right].size_bytes};
            symbols_[right].size_bytes = 0;
            next_[top.left] = next_[right];
            if (next_[top.left] != kNoMerge) previous_[next_[top.left]] = top.left;
            if (previous_[top.left] != kNoMerge) offer(previous_[top.left]);
            if (next_[top.left] != kNoMerge) offer(top.left);
        }
        std::erase_if(symbols_, [](const WordToken& symbol) { return symbol.size_bytes == 0; });
    }

  private:
    void offer(std::uint32_t left) {
        const MergeRule* merge = merges_.find(symbols_[left].id, symbols_[next_[left]].id);
        if (merge != nullptr) queue_.push({merge->rank, left, merge->id});
    }
    // Candidates are not taken out of the queue when a neighbour changes; they are seen to be stale here. One
    // whose symbols changed but become the same piece still counts where pieces do not add up, as in the
    // reference.
    bool is_current(const Candidate& candidate) const {
        if (symbols_[candidate.left].size_bytes == 0 || next_[candidate.left] == kNoMerge) return false;
        const MergeRule* merge =
            merges_.find(symbols_[candidate.left].id, symbols_[next_[candidate.left]].id);
        return merge != nullptr && merge->id == candidate.id && (!adds_up_ || merge->rank == candidate.rank);
    }

    std::vector<WordToken>& symbols_;
    const MergeTable& merges_;
    const bool adds_up_;
    std::vector<std::uint32_t> next_, previous_;
    std::priority_queue<Candidate> queue_;
};

}  // namespace

void merge_word(std::vector<WordToken>& symbols, const MergeTable& merges, bool adds_up) {
    if (symbols.size() < 2) return;
    if (adds_up && symbols.size() <= kScanLimit) {
        merge_by_scan(symbols, merges);
    } else {
        HeapMerger(symbols, merges, adds_up).run();
    }
}

}  // namespace headlight
