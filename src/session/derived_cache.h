// Values that views ask for, kept by everything that they depend on. Used by the session's thread only.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/head_id.h"
#include "session/derived.h"
#include "session/job_control.h"

namespace headlight {

enum class DerivedKind {
#define HEADLIGHT_DERIVED(name, of, where) name,
#include "session/derived_kinds.def"
#undef HEADLIGHT_DERIVED
};

enum class DerivedOwner { Text, Model };
enum class DerivedPlace { Pool, Worker };

struct DerivedKindFacts {
    DerivedKind kind;
    DerivedOwner of;
    DerivedPlace where;
};

inline constexpr DerivedKindFacts kDerivedKinds[] = {
#define HEADLIGHT_DERIVED(name, of, where) {DerivedKind::name, DerivedOwner::of, DerivedPlace::where},
#include "session/derived_kinds.def"
#undef HEADLIGHT_DERIVED
};

/// Everything that an answer depends on.
struct DerivedKey {
    DerivedKind kind = DerivedKind::Pyramid;
    std::uint64_t owner = 0;    // AnalyzedText::id; ModelInfo::id for Weights
    std::vector<HeadId> heads;  // ascending
    int query = -1;
    int variant = 0;            // FlowMethod; WeightsShown of factors; the answer of a question
    int input = -1;             // token that paths lead to; key; rival
    std::uint64_t weights = 0;  // PictureWeights::id
    std::vector<int> queries;   // of an edge, ascending; of MadeFrom rows and parts; of Tiles a TileArea
    auto operator<=>(const DerivedKey&) const = default;
};

/// A computed value and the memory that it takes.
struct DerivedValue {
    std::shared_ptr<const void> value;
    std::size_t size_bytes = 0;
};

class DerivedCache {
  public:
    explicit DerivedCache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    /// Counts frames: values that were asked for in this frame or the one before are never evicted.
    void next_frame() { ++frame_; }
    /// False: nobody asked for this yet, and the caller starts the work with start().
    bool touch(const DerivedKey& key);
    void start(const DerivedKey& key, JobControlPtr control);
    /// Results of keys that were dropped meanwhile are ignored.
    void finish(const DerivedKey& key, DerivedValue value);
    void fail(const DerivedKey& key, Error error);
    /// Forgets a key, so that asking again starts it again.
    void forget(const DerivedKey& key);
    /// Stops and forgets what of a kind is not there yet.
    void drop_waiting(DerivedKind kind);
    /// The same of those whose variant is another.
    void drop_waiting_but(DerivedKind kind, int variant);
    /// Stops and forgets everything of a kind whose owner is none of these. Its last value stays for dimmed
    /// drawing.
    void drop_others(DerivedKind kind, std::initializer_list<std::uint64_t> owners);
    /// Stops and forgets everything of a kind, its last value too: nothing of another model may be drawn, not
    /// even dimmed.
    void drop_all(DerivedKind kind);

    /// T must be the type that was stored for this kind.
    template <class T>
    Derived<T> look(const DerivedKey& key) const;

    std::size_t size_bytes() const { return size_bytes_; }

  private:
    struct Entry {
        DerivedValue value;
        std::optional<Error> error;
        JobControlPtr control;
        std::uint64_t last_frame = 0;
        std::uint64_t last_use = 0;
        bool is_ready() const { return value.value != nullptr; }
    };
    void erase(std::map<DerivedKey, Entry>::iterator it);
    void evict();

    std::size_t max_bytes_ = 0;
    std::size_t size_bytes_ = 0;  // of ready entries
    std::uint64_t frame_ = 0;
    std::uint64_t use_ = 0;
    std::map<DerivedKey, Entry> entries_;
    std::array<std::shared_ptr<const void>, std::size(kDerivedKinds)>
        last_;  // newest ready value of each kind
};

template <class T>
Derived<T> DerivedCache::look(const DerivedKey& key) const {
    Derived<T> out;
    const auto it = entries_.find(key);
    const Entry* entry = it == entries_.end() ? nullptr : &it->second;
    if (entry != nullptr && entry->is_ready()) {
        out.state = Derived<T>::State::Ready;
        out.value = std::static_pointer_cast<const T>(entry->value.value);
        return out;
    }
    if (entry != nullptr && entry->error) {
        out.state = Derived<T>::State::Failed;
        out.error = entry->error;
        return out;
    }
    out.value = std::static_pointer_cast<const T>(last_[static_cast<std::size_t>(key.kind)]);
    if (entry != nullptr && entry->control) out.progress = entry->control->progress;
    return out;
}

}  // namespace headlight
