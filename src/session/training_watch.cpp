#include "session/training_watch.h"

#include <chrono>
#include <filesystem>
#include <utility>

namespace headlight {
namespace {

namespace fs = std::filesystem;

// Size and time of metrics.jsonl; equal states mean that nothing was written.
struct FileState {
    std::uintmax_t size = 0;
    fs::file_time_type time;
    bool operator==(const FileState&) const = default;
};

FileState state_of(const std::string& path) {
    std::error_code code;
    fs::path file = path;
    if (fs::is_directory(file, code)) file /= "metrics.jsonl";
    FileState state;
    state.size = fs::file_size(file, code);
    if (code) state.size = 0;
    state.time = fs::last_write_time(file, code);
    if (code) state.time = {};
    return state;
}

}  // namespace

double watch_delay_s(int num_quiet_looks) {
    if (num_quiet_looks < 60) return 1;
    return num_quiet_looks < 120 ? 5 : 30;
}

TrainingWatch::TrainingWatch(OnChange on_change)
    : on_change_(std::move(on_change)), thread_([this](const std::stop_token& stop) { watch_loop(stop); }) {}

TrainingWatch::~TrainingWatch() {
    thread_.request_stop();
    thread_.join();
}

void TrainingWatch::follow(std::string path) {
    {
        const std::lock_guard lock(mutex_);
        path_ = std::move(path);
        ++serial_;
    }
    changed_.notify_all();
}

void TrainingWatch::watch_loop(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    std::uint64_t serial = 0;
    FileState seen;
    int num_quiet = 0;
    while (!stop.stop_requested()) {
        if (path_.empty()) {
            changed_.wait(lock, stop, [this] { return !path_.empty(); });
            continue;
        }
        const std::string path = path_;
        const bool is_new = serial != serial_;
        serial = serial_;
        lock.unlock();
        const FileState now = state_of(path);
        const bool has_changed = !is_new && now != seen;
        num_quiet = is_new || has_changed ? 0 : num_quiet + 1;
        seen = now;
        if (has_changed) on_change_(path, read_training_log(path));
        lock.lock();
        const auto delay = std::chrono::duration<double>(watch_delay_s(num_quiet));
        changed_.wait_for(lock, stop, delay, [&] { return serial != serial_; });
    }
}

}  // namespace headlight
