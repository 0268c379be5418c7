// The merges of a BPE model: pair of token ids -> rank and id of what they become. Open addressing, since
// this is looked up for every neighbouring pair of every word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headlight {

struct MergeRule {
    std::uint32_t rank = 0;  // lower merges first
    std::int32_t id = -1;
};

class MergeTable {
  public:
    bool empty() const { return count_ == 0; }
    void reserve(std::size_t count);
    /// A later merge of the same pair takes the place of the earlier one.
    void insert(std::int32_t left, std::int32_t right, MergeRule merge);
    /// Null if the pair does not merge.
    const MergeRule* find(std::int32_t left, std::int32_t right) const {
        if (slots_.empty()) return nullptr;
        const std::uint64_t key = make_key(left, right);
        for (std::size_t i = hash(key) & mask_;; i = (i + 1) & mask_) {
            if (slots_[i].key == key) return &slots_[i].merge;
            if (slots_[i].key == kFree) return nullptr;
        }
    }

  private:
    static constexpr std::uint64_t kFree = ~std::uint64_t{0};  // ids are not negative
    struct Slot {
        std::uint64_t key = kFree;
        MergeRule merge;
    };
    static std::uint64_t make_key(std::int32_t left, std::int32_t right) {
        return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
               static_cast<std::uint32_t>(right);
    }
    static std::size_t hash(std::uint64_t key) {
        key *= 0x9E3779B97F4A7C15ull;  // 2^64 divided by the golden ratio: spreads neighbouring ids
        return static_cast<std::size_t>(key ^ (key >> 29));
    }

    std::vector<Slot> slots_;
    std::size_t mask_ = 0, count_ = 0;
};

}  // namespace headlight
