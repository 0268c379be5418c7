#include "tokenize/words/merge_table.h"

namespace headlight {

void MergeTable::reserve(std::size_t count) {
    std::size_t size = 16;
    while (size < count * 2)
        size *= 2;
    if (size <= slots_.size()) return;
    std::vector<Slot> old = std::move(slots_);
    slots_.assign(size, {});
    mask_ = size - 1;
    count_ = 0;
    for (const Slot& slot : old) {
        if (slot.key == kFree) continue;
        insert(static_cast<std::int32_t>(slot.key >> 32), static_cast<std::int32_t>(slot.key & 0xFFFFFFFF),
               slot.merge);
    }
}

void MergeTable::insert(std::int32_t left, std::int32_t right, MergeRule merge) {
    if ((count_ + 1) * 2 > slots_.size()) reserve(2 * count_ + 16);
    const std::uint64_t key = make_key(left, right);
    std::size_t i = hash(key) & mask_;
    while (slots_[i].key != kFree && slots_[i].key != key)
        i = (i + 1) & mask_;
    if (slots_[i].key == kFree) ++count_;
    slots_[i] = {key, merge};
}

}  // namespace headlight
