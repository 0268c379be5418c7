#include "session/derived_cache.h"

namespace headlight {

bool DerivedCache::touch(const DerivedKey& key) {
    const auto it = entries_.find(key);
    if (it == entries_.end()) return false;
    it->second.last_frame = frame_;
    it->second.last_use = ++use_;
    return true;
}

void DerivedCache::start(const DerivedKey& key, JobControlPtr control) {
    Entry& entry = entries_[key];
    entry.control = std::move(control);
    entry.last_frame = frame_;
    entry.last_use = ++use_;
}

void DerivedCache::finish(const DerivedKey& key, DerivedValue value) {
    const auto it = entries_.find(key);
    if (it == entries_.end() || it->second.is_ready()) return;
    size_bytes_ += value.size_bytes;
    last_[static_cast<std::size_t>(key.kind)] = value.value;
    it->second.value = std::move(value);
    it->second.control.reset();
    evict();
}

void DerivedCache::fail(const DerivedKey& key, Error error) {
    const auto it = entries_.find(key);
    if (it == entries_.end()) return;
    it->second.error = std::move(error);
    it->second.control.reset();
}

void DerivedCache::erase(std::map<DerivedKey, Entry>::iterator it) {
    if (it->second.control) it->second.control->stop.request_stop();
    size_bytes_ -= it->second.value.size_bytes;
    entries_.erase(it);
}

void DerivedCache::forget(const DerivedKey& key) {
    if (const auto it = entries_.find(key); it != entries_.end()) erase(it);
}

void DerivedCache::drop_waiting(DerivedKind kind) {
    for (auto it = entries_.begin(); it != entries_.end();) {
        const auto here = it++;
        if (here->first.kind == kind && here->second.control) erase(here);
    }
}

void DerivedCache::drop_waiting_but(DerivedKind kind, int variant) {
    for (auto it = entries_.begin(); it != entries_.end();) {
        const auto here = it++;
        if (here->first.kind == kind && here->first.variant != variant && here->second.control) erase(here);
    }
}

void DerivedCache::drop_others(DerivedKind kind, std::initializer_list<std::uint64_t> owners) {
    for (auto it = entries_.begin(); it != entries_.end();) {
        const auto here = it++;
        const DerivedKey& key = here->first;
        const bool is_kept = std::find(owners.begin(), owners.end(), key.owner) != owners.end();
        if (key.kind == kind && !is_kept) erase(here);
    }
}

void DerivedCache::drop_all(DerivedKind kind) {
    drop_others(kind, {});  // ids begin at 1
    last_[static_cast<std::size_t>(kind)].reset();
}

void DerivedCache::evict() {
    while (size_bytes_ > max_bytes_) {
        auto oldest = entries_.end();
        for (auto it = entries_.begin(); it != entries_.end(); ++it) {
            // What is on the screen stays, even over the budget: two views would evict each other forever.
            if (!it->second.is_ready() || it->second.last_frame + 1 >= frame_) continue;
            if (oldest == entries_.end() || it->second.last_use < oldest->second.last_use) oldest = it;
        }
        if (oldest == entries_.end()) return;
        erase(oldest);
    }
}

}  // namespace headlight
