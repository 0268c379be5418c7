#include "run/watch/checkpoint_finder.h"

#include <algorithm>
#include <chrono>
#include <tuple>

#include "io/checkpoint/model_files.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

/// When the folder or anything in it was last written.
fs::file_time_type last_written(const std::string& path) {
    std::error_code code;
    fs::file_time_type latest = fs::file_time_type::min();
    const auto look_at = [&](const fs::path& file) {
        const auto time = fs::last_write_time(file, code);
        if (!code) latest = std::max(latest, time);
        code.clear();
    };
    look_at(path);
    if (fs::is_directory(path, code)) {
        for (fs::directory_iterator entry(path, code), end; !code && entry != end; entry.increment(code))
            look_at(entry->path());
    }
    return latest;
}

bool is_weights_file(const fs::directory_entry& entry, const std::string& name) {
    std::error_code code;
    return is_model_file(name) && !name.ends_with(".json") && !is_training_leftover(name) &&
           entry.is_regular_file(code);
}

}  // namespace

const CheckpointStep& CheckpointFinder::step_of(const std::string& path) {
    const auto written = last_written(path);
    const auto [place, is_new] = known_.try_emplace(path, Known{written, {}});
    if (is_new || place->second.written != written) place->second = {written, read_checkpoint_step(path)};
    return place->second.step;
}

void CheckpointFinder::add_from(const fs::path& folder, const std::string& prefix,
                                std::vector<FoundCheckpoint>& found) {
    std::error_code code;
    for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
        const std::string name = entry->path().filename().string();
        std::error_code ignored;
        if (is_unfinished_name(name) || (!entry->is_directory(ignored) && !is_weights_file(*entry, name)))
            continue;
        const CheckpointStep& says = step_of(entry->path().string());
        FoundCheckpoint one;
        one.path = entry->path().string();
        one.name = prefix + name;
        one.epoch = says.epoch.value_or(-1);
        one.is_epoch = !says.step;
        one.step = says.step ? *says.step : one.epoch;
        if (one.step >= 0) {
            found.push_back(std::move(one));
        } else if (!entry->is_directory(ignored)) {
            without_step_.push_back(std::move(one.name));
        }
    }
}

std::vector<FoundCheckpoint> CheckpointFinder::find() {
    std::vector<FoundCheckpoint> found;
    without_step_.clear();
    add_from(folder_, "", found);
    add_from(fs::path(folder_) / "checkpoints", "checkpoints/", found);
    const auto key = [](const FoundCheckpoint& one) { return std::tie(one.step, one.epoch, one.name); };
    std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    std::sort(without_step_.begin(), without_step_.end());
    for (std::size_t i = 1; i < found.size(); ++i) {
        if (found[i].step == found[i - 1].step) found[i].has_twin = found[i - 1].has_twin = true;
    }
    return found;
}

double seconds_untouched(const std::string& path) {
    return std::chrono::duration<double>(fs::file_time_type::clock::now() - last_written(path)).count();
}

}  // namespace headlight
