#include "cli/watch_folder.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <limits>
#include <map>

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kWeightFiles[] = {".safetensors", ".pt", ".pth", ".bin", ".ckpt"};

bool is_weights_file(const std::string& name) {
    return std::any_of(std::begin(kWeightFiles), std::end(kWeightFiles),
                       [&](std::string_view extension) { return name.ends_with(extension); });
}

struct Candidate {
    FoundCheckpoint checkpoint;
    bool is_file = false;
    std::string name;
    auto rank() const { return std::pair(is_file, name); }
};

void add_candidates(const fs::path& folder, std::map<std::int64_t, Candidate>& by_step) {
    std::error_code code;
    for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
        const std::string name = entry->path().filename().string();
        std::error_code ignored;
        const bool is_folder = entry->is_directory(ignored);
        if (!is_folder && !is_weights_file(name)) continue;
        const auto step = step_of_name(name);
        if (!step) continue;
        const bool is_epoch =
            name.find("epoch") != std::string::npos && name.find("step") == std::string::npos;
        Candidate found{{*step, entry->path().string(), is_epoch}, !is_folder, name};
        const auto [place, is_new] = by_step.try_emplace(*step, found);
        if (!is_new && found.rank() < place->second.rank()) place->second = found;
    }
}

}  // namespace

std::optional<std::int64_t> step_of_name(std::string_view name) {
    if (name.starts_with(".") || name.starts_with("tmp") || name.find(".tmp") != std::string_view::npos)
        return std::nullopt;
    if (name.find("-of-") != std::string_view::npos) return std::nullopt;
    for (const std::string_view extension : kWeightFiles) {
        if (name.ends_with(extension)) name.remove_suffix(extension.size());
    }
    const std::size_t last = name.find_last_of(kDigits);
    if (last == std::string_view::npos) return std::nullopt;
    const std::size_t before = name.find_last_not_of(kDigits, last);
    const std::size_t first = before == std::string_view::npos ? 0 : before + 1;
    std::int64_t step = 0;
    const auto [end, error] = std::from_chars(name.data() + first, name.data() + last + 1, step);
    return error == std::errc() && end == name.data() + last + 1 ? std::optional(step) : std::nullopt;
}

std::vector<FoundCheckpoint> find_checkpoints(const std::string& folder) {
    std::map<std::int64_t, Candidate> by_step;
    add_candidates(folder, by_step);
    add_candidates(fs::path(folder) / "checkpoints", by_step);
    std::vector<FoundCheckpoint> found;
    for (const auto& [step, candidate] : by_step)
        found.push_back(candidate.checkpoint);
    return found;
}

double seconds_untouched(const std::string& path) {
    std::error_code code;
    const auto now = fs::file_time_type::clock::now();
    double least = std::numeric_limits<double>::infinity();
    const auto look_at = [&](const fs::path& file) {
        const auto time = fs::last_write_time(file, code);
        if (!code) least = std::min(least, std::chrono::duration<double>(now - time).count());
        code.clear();
    };
    look_at(path);
    if (fs::is_directory(path, code)) {
        for (fs::directory_iterator entry(path, code), end; !code && entry != end; entry.increment(code))
            look_at(entry->path());
    }
    return least;
}

}  // namespace headlight
