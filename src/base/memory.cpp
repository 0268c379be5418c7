// Memory of the machine and of this program.
#include "base/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <string_view>

namespace headlight {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

/// A number alone in its file; nullopt without the file and for "max".
std::optional<std::uint64_t> number_in(const std::string& path) {
    std::ifstream file(path);
    std::uint64_t number = 0;
    if (file >> number) return number;
    return std::nullopt;
}

/// The sum of the numbers behind these names in a file of lines "name number".
std::uint64_t sum_of(const std::string& path, std::initializer_list<std::string_view> names) {
    std::ifstream file(path);
    std::uint64_t sum = 0, number = 0;
    for (std::string name; file >> name >> number;)
        if (std::find(names.begin(), names.end(), name) != names.end()) sum += number;
    return sum;
}

/// How the two versions of control groups call the same things.
struct GroupFiles {
    std::string_view mount, usage;
    std::initializer_list<std::string_view> limits, cached;
};
const GroupFiles kVersion2{
    "/sys/fs/cgroup", "/memory.current", {"/memory.max", "/memory.high"}, {"inactive_file", "active_file"}};
const GroupFiles kVersion1{"/sys/fs/cgroup/memory",
                           "/memory.usage_in_bytes",
                           {"/memory.limit_in_bytes"},
                           {"total_inactive_file", "total_active_file"}};

std::uint64_t left_in_group(const GroupFiles& files, const std::string& folder) {
    std::uint64_t limit = kUnlimited;
    for (const std::string_view name : files.limits)
        limit = std::min(limit, number_in(folder + std::string(name)).value_or(kUnlimited));
    const auto used = number_in(folder + std::string(files.usage));
    if (limit == kUnlimited || !used) return kUnlimited;
    const std::uint64_t cached = std::min(*used, sum_of(folder + "/memory.stat", files.cached));
    return limit - std::min(limit, *used - cached);
}

/// The least of a group and of all that it lies in. Inside a container the path may be that of the host,
/// which is not seen there; the top of what is mounted is the container's own group then.
std::uint64_t left_in_groups(const GroupFiles& files, const std::string& root, std::string path) {
    std::uint64_t least = kUnlimited;
    while (true) {
        if (path.ends_with('/')) path.pop_back();
        least = std::min(least, left_in_group(files, root + std::string(files.mount) + path));
        if (path.empty()) return least;
        path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
    }
}

/// Lines "number:controllers:path"; version 2 names no controllers.
std::uint64_t left_in_control_groups(const std::string& root) {
    std::ifstream groups(root + "/proc/self/cgroup");
    std::uint64_t least = kUnlimited;
    for (std::string line; std::getline(groups, line);) {
        const auto first = line.find(':'), second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const bool is_memory = controllers.find(",memory,") != std::string::npos;
        if (controllers != ",," && !is_memory) continue;
        least =
            std::min(least, left_in_groups(is_memory ? kVersion1 : kVersion2, root, line.substr(second + 1)));
    }
    return least;
}

}  // namespace

std::uint64_t available_memory(const std::string& root) {
    std::ifstream info(root + "/proc/meminfo");
    std::uint64_t available = kUnlimited;
    for (std::string line; std::getline(info, line);) {
        if (line.starts_with("MemAvailable:"))
            available = std::strtoull(line.c_str() + 13, nullptr, 10) * 1024;
    }
    return std::min(available, left_in_control_groups(root));
}

std::uint64_t resident_memory() {
    std::uint64_t all = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> all >> resident;  // in pages
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void reserve_heap(std::size_t bytes) {
    constexpr std::uintptr_t kLargePage = std::uintptr_t{2} << 20;
    void* const block = std::malloc(bytes);
    if (block == nullptr) return;
    const auto at = reinterpret_cast<std::uintptr_t>(block);
    const std::uintptr_t begin = (at + kLargePage - 1) / kLargePage * kLargePage,
                         end = (at + bytes) / kLargePage * kLargePage;
    if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
    std::free(block);
}

}  // namespace headlight
