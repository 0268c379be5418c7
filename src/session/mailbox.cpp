#include "session/mailbox.h"

#include <utility>

namespace headlight {

Mailbox::Mailbox(std::function<void()> wake) : wake_(std::move(wake)) {}

void Mailbox::bump() {
    changed_.notify_all();
    if (wake_) wake_();
}

void Mailbox::post(Message message) {
    {
        const std::lock_guard lock(mutex_);
        messages_.push_back(std::move(message));
        ++version_;
    }
    bump();
}

void Mailbox::nudge() {
    using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::steady_clock;
    was_nudged_ = true;
    constexpr std::int64_t kLeastGapMs = 30;  // no more frames for a progress bar than an eye can follow
    const std::int64_t now = duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
    std::int64_t last = last_nudge_ms_.load();
    if (now - last < kLeastGapMs || !last_nudge_ms_.compare_exchange_strong(last, now)) return;
    if (wake_) wake_();
}

void Mailbox::note_idle() {
    {
        const std::lock_guard lock(mutex_);
        ++version_;
    }
    was_nudged_ = true;
    bump();
}

std::vector<Mailbox::Message> Mailbox::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(messages_, {});
}

bool Mailbox::empty() const {
    const std::lock_guard lock(mutex_);
    return messages_.empty();
}

std::uint64_t Mailbox::version() const {
    const std::lock_guard lock(mutex_);
    return version_;
}

void Mailbox::wait_for_change(std::uint64_t seen, Deadline deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [&] { return version_ != seen; });
}

}  // namespace headlight
