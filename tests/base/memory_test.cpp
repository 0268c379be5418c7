// Memory that is left: the machine's, and what containers and other control groups let a process take.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "base/memory.h"
#include "support/fixtures.h"

using namespace headlight;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kGigabyte = std::uint64_t{1} << 30;

/// A machine with 8 GiB left, as its files tell it.
class FakeMachine {
  public:
    explicit FakeMachine(const std::string& name) : root_(test::fresh_dir("memory_" + name)) {
        write("/proc/meminfo", "MemTotal:       16777216 kB\nMemFree:         1048576 kB\nMemAvailable:    " +
                                   std::to_string(8 * kGigabyte / 1024) + " kB\n");
    }
    void write(const std::string& path, const std::string& content) const {
        fs::create_directories(fs::path(root_ + path).parent_path());
        std::ofstream(root_ + path) << content;
    }
    /// A group of version 2 with a limit ("max" for none), of whose memory `cached` are files.
    void group(const std::string& path, const std::string& limit, std::uint64_t used,
               std::uint64_t cached = 0) const {
        const std::string folder = "/sys/fs/cgroup" + path;
        write(folder + "/memory.max", limit + "\n");
        write(folder + "/memory.current", std::to_string(used) + "\n");
        write(folder + "/memory.stat", "anon 5\nfile 7\ninactive_file " + std::to_string(cached / 2) +
                                           "\nactive_file " + std::to_string(cached - cached / 2) + "\n");
    }
    std::uint64_t available() const { return available_memory(root_); }

  private:
    std::string root_;
};

std::string bytes(std::uint64_t count) {
    return std::to_string(count);
}

}  // namespace

TEST_CASE("memory: this machine has some, and nobody says so in an empty folder") {
    CHECK(available_memory() > 0);
    CHECK(available_memory() < std::numeric_limits<std::uint64_t>::max());
    CHECK(available_memory(test::fresh_dir("memory_nothing")) == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("memory: without limits of groups the machine's own number counts") {
    const FakeMachine machine("plain");
    CHECK(machine.available() == 8 * kGigabyte);
    machine.write("/proc/self/cgroup", "0::/user.slice\n");
    CHECK(machine.available() == 8 * kGigabyte);
    machine.group("/user.slice", "max", kGigabyte);
    CHECK(machine.available() == 8 * kGigabyte);
}

TEST_CASE("memory: a container of version 2 lets the process take its limit less what is in use") {
    const FakeMachine machine("container");
    machine.write("/proc/self/cgroup", "0::/\n");
    machine.group("", bytes(4 * kGigabyte), 3 * kGigabyte);
    CHECK(machine.available() == kGigabyte);
    // Cached files are given up.
    machine.group("", bytes(4 * kGigabyte), 3 * kGigabyte, 2 * kGigabyte);
    CHECK(machine.available() == 3 * kGigabyte);
    // A group that is over its limit, and numbers that do not go together.
    machine.group("", bytes(kGigabyte), 3 * kGigabyte);
    CHECK(machine.available() == 0);
    machine.group("", bytes(kGigabyte), kGigabyte / 2, 3 * kGigabyte);
    CHECK(machine.available() == kGigabyte);
    // More than the machine has.
    machine.group("", bytes(64 * kGigabyte), 0);
    CHECK(machine.available() == 8 * kGigabyte);
}

TEST_CASE("memory: the least of a group and of those that it lies in, and the soft limit") {
    const FakeMachine machine("nested");
    machine.write("/proc/self/cgroup", "0::/outer/inner\n");
    machine.group("/outer", bytes(5 * kGigabyte), 2 * kGigabyte);
    machine.group("/outer/inner", bytes(4 * kGigabyte), 0);
    CHECK(machine.available() == 3 * kGigabyte);
    machine.group("/outer/inner", bytes(2 * kGigabyte), 0);
    CHECK(machine.available() == 2 * kGigabyte);
    machine.write("/sys/fs/cgroup/outer/inner/memory.high", bytes(kGigabyte));
    CHECK(machine.available() == kGigabyte);
    // The path is the host's, which is not seen inside the container: its own group is the top.
    machine.write("/proc/self/cgroup", "0::/../docker/0123\n");
    machine.group("", bytes(3 * kGigabyte / 2), 0);
    CHECK(machine.available() == 3 * kGigabyte / 2);
}

TEST_CASE("memory: groups of version 1") {
    const FakeMachine machine("version1");
    machine.write("/proc/self/cgroup", "12:cpu,cpuacct:/a\n5:memory:/docker/0123\n1:name=systemd:/b\n");
    const std::string top = "/sys/fs/cgroup/memory";
    machine.write(top + "/memory.limit_in_bytes", "9223372036854771712\n");
    machine.write(top + "/memory.usage_in_bytes", bytes(kGigabyte));
    CHECK(machine.available() == 8 * kGigabyte);
    machine.write(top + "/docker/0123/memory.limit_in_bytes", bytes(2 * kGigabyte));
    machine.write(top + "/docker/0123/memory.usage_in_bytes", bytes(kGigabyte));
    machine.write(top + "/docker/0123/memory.stat",
                  "inactive_file 1\ntotal_inactive_file " + bytes(kGigabyte / 2) + "\ntotal_active_file 0\n");
    CHECK(machine.available() == 3 * kGigabyte / 2);
}

TEST_CASE("memory: lines that mean nothing are left out") {
    const FakeMachine machine("hostile");
    machine.write("/proc/self/cgroup", "\n:\n0\n0:\n::::\n0::relative\n7:memory\n");
    machine.write("/sys/fs/cgroup/memory.max", "-1 rubbish");
    machine.write("/sys/fs/cgroup/memory.current", "rubbish");
    CHECK(machine.available() == 8 * kGigabyte);
}

TEST_CASE("memory: a reserved heap is there to be used") {
    reserve_heap(std::size_t{8} << 20);
    reserve_heap(0);
    const std::vector<char> block(std::size_t{1} << 20, 'x');
    CHECK(block.back() == 'x');
}
