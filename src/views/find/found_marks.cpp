#include "views/find/found_marks.h"

#include <fmt/format.h>

#include <algorithm>

#include "session/find/head_search.h"
#include "session/tasks/find.h"
#include "views/derived_values.h"

namespace headlight {

void FoundMarks::find_heads(const Snapshot& now, DerivedValues& values) {
    const auto& query = now.part<FindState>().heads;
    has_heads_ = query && now.text && now.text->trace;
    if (!has_heads_) {
        heads_.clear();
        is_head_.clear();
        head_key_.clear();
        missing_.clear();
        is_pending_ = false;
        return;
    }
    const KnownNumbers known = known_numbers(values, now, *query);
    is_pending_ = known.is_pending;
    missing_ = known.missing;
    const std::string key = fmt::format("{} {} {} {} {}", now.text->id, static_cast<const void*>(query.get()),
                                        static_cast<const void*>(known.weights.get()),
                                        static_cast<const void*>(known.matrices.get()),
                                        static_cast<const void*>(known.atlas.get()));
    if (key == head_key_) return;
    head_key_ = key;
    grid_ = now.text->trace->grid();
    heads_ = query->find(known.numbers, grid_);
    is_head_.assign(grid_.size(), false);
    for (const HeadId head : heads_)
        is_head_[grid_.index(head)] = true;
}

void FoundMarks::update(const Snapshot& now, DerivedValues& values) {
    find_heads(now, values);
    const std::string& words = now.part<FindState>().words;
    const std::string key = words.empty() || !now.text ? "" : fmt::format("{} {}", now.text->id, words);
    if (key == token_key_) return;
    token_key_ = key;
    tokens_ = marked_tokens(now);
}

bool FoundMarks::has_token(int query) const {
    return std::binary_search(tokens_.begin(), tokens_.end(), query);
}

bool FoundMarks::has_head(HeadId head) const {
    const std::size_t index = grid_.index(head);
    return has_heads_ && index < is_head_.size() && is_head_[index];
}

float FoundMarks::opacity(HeadId head) const {
    constexpr float kNotFound = 0.2f;
    return has_heads_ && !has_head(head) ? kNotFound : 1.0f;
}

}  // namespace headlight
