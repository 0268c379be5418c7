#include "session/delayed_writer.h"

#include <chrono>
#include <utility>

#include "base/guard.h"

namespace headlight {
namespace {

constexpr std::chrono::milliseconds kWriteDelay{400};

}  // namespace

DelayedWriter::DelayedWriter(std::function<void(const Error&)> on_error)
    : on_error_(std::move(on_error)), thread_([this](const std::stop_token& stop) { write_loop(stop); }) {}

DelayedWriter::~DelayedWriter() {
    thread_.request_stop();
    thread_.join();
}

void DelayedWriter::schedule(const std::string& name, Write write) {
    {
        const std::lock_guard lock(mutex_);
        waiting_[name] = std::move(write);
    }
    changed_.notify_one();
}

void DelayedWriter::write(const std::string& name, const Write& write) {
    const Status status = translate_exceptions({"saving", {}, "close other programs"}, write);
    if (!status && !has_failed_[name] && on_error_) on_error_(status.error());
    has_failed_[name] = !status;
}

void DelayedWriter::write_loop(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
        // Gather what follows at once: a slider makes dozens of changes.
        if (!waiting_.empty()) changed_.wait_for(lock, stop, kWriteDelay, [] { return false; });
        const auto writes = std::exchange(waiting_, {});
        if (writes.empty() && stop.stop_requested()) return;
        lock.unlock();
        for (const auto& [name, what] : writes)
            write(name, what);
        lock.lock();
    }
}

}  // namespace headlight
