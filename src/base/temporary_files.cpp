#include "base/temporary_files.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporaryMark = ".tmp-";
constexpr std::size_t kLongestStem = 200;  // a name has 255 bytes at most
constexpr std::time_t kDeadAfter = 24 * 60 * 60;

/// Process numbers mean something on one machine only, and within it in one namespace.
std::uint32_t machine_number() {
    static const std::uint32_t number = [] {
        std::array<char, 256> host{};
        ::gethostname(host.data(), host.size() - 1);
        struct stat space {};
        ::stat("/proc/self/ns/pid", &space);
        std::uint32_t hash = 0x811C9DC5U;
        for (const char c : fmt::format("{}/{}", host.data(), space.st_ino))
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193U;
        return hash;
    }();
    return number;
}

struct Writer {
    std::uint32_t machine = 0;
    pid_t process = 0;
};

template <class Number>
bool take_number(std::string_view& text, Number& number, int base) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (problem != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with('-')) text.remove_prefix(1);
    return true;
}

/// Who writes a file of that name; nothing for names that are not ours.
std::optional<Writer> writer_of(std::string_view name) {
    const std::size_t mark = name.rfind(kTemporaryMark);
    if (mark == std::string_view::npos) return std::nullopt;
    std::string_view rest = name.substr(mark + kTemporaryMark.size());
    Writer writer;
    std::uint32_t count = 0;
    const bool is_ours = rest.find('-') == 8 && take_number(rest, writer.machine, 16) &&
                         take_number(rest, writer.process, 10) && take_number(rest, count, 10) &&
                         rest.empty() && writer.process > 0;
    return is_ours ? std::optional(writer) : std::nullopt;
}

bool is_dead(const Writer& writer, const struct stat& info) {
    const bool is_here = writer.machine == machine_number() && writer.process != ::getpid();
    if (is_here && ::kill(writer.process, 0) != 0 && errno == ESRCH) return true;
    return std::time(nullptr) - info.st_mtime > kDeadAfter;
}

}  // namespace

std::string temporary_name(const std::string& path) {
    static std::atomic<unsigned> counter{0};
    const fs::path at(path);
    const std::string stem = at.filename().string().substr(0, kLongestStem);
    return (at.parent_path() /
            fmt::format("{}{}{:08x}-{}-{}", stem, kTemporaryMark, machine_number(), ::getpid(), counter++))
        .string();
}

void remove_stale_temporaries(const std::string& folder) {
    static std::mutex mutex;
    static std::set<std::string> seen;
    {
        const std::lock_guard lock(mutex);
        if (!seen.insert(folder).second) return;
    }
    std::error_code code;
    fs::directory_iterator entry(folder.empty() ? "." : folder, code);
    for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
        const auto writer = writer_of(entry->path().filename().string());
        struct stat info {};
        if (writer && ::lstat(entry->path().c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
            is_dead(*writer, info))
            ::unlink(entry->path().c_str());
    }
}

}  // namespace headlight
