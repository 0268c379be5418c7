// Mapped files that other programs cut off, write into, replace or remove while they are open.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/mapped_file.h"
#include "support/fixtures.h"

using namespace headlight;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSize = std::size_t{4} << 20;

/// A file of 'x', last changed an hour ago: the system's clock of files is coarse.
std::string old_file(const std::string& path, std::size_t size = kSize) {
    std::ofstream(path, std::ios::binary) << std::string(size, 'x');
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
    return path;
}

std::size_t count_zeros(std::span<const std::byte> bytes) {
    return static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), std::byte{0}));
}

Error error_of(const MappedFile& file) {
    const Status status = file.check_unchanged();
    REQUIRE(!status);
    CHECK(status.error().kind == ErrorKind::Corrupt);
    CHECK(status.error().file == file.path());
    return status.error();
}

}  // namespace

TEST_CASE("mapped file: one that is cut off reads as zeros for every thread, and says so") {
    const auto file = MappedFile::open(old_file(test::fresh_dir("cut_off") + "/file")).value();
    CHECK(file->check_unchanged());
    fs::resize_file(file->path(), 10'000);
    std::vector<std::size_t> zeros(8);
    {
        std::vector<std::jthread> threads;
        for (std::size_t& count : zeros)
            threads.emplace_back([&] { count = count_zeros(file->bytes()); });
    }
    for (const std::size_t count : zeros)
        CHECK(count == kSize - 10'000);
    CHECK(count_zeros(file->bytes().first(10'000)) == 0);
    const std::string message = error_of(*file).message;
    CHECK(message.find("shorter") != std::string::npos);
    CHECK(message.find("4194304 bytes, now 10000") != std::string::npos);
    // What is missing within the last page is told by the length alone.
    const auto again = MappedFile::open(file->path()).value();
    fs::resize_file(file->path(), 9'999);
    error_of(*again);
}

TEST_CASE("mapped file: fetched pages are in this program's tables, in steps that add up") {
    const auto file = MappedFile::open(old_file(test::fresh_dir("fetched") + "/file", 3 * kSize + 5)).value();
    const auto count_mapped = [&] {  // of bytes, by /proc/self/smaps
        std::ifstream maps("/proc/self/smaps");
        std::size_t kilobytes = 0;
        bool is_ours = false;
        for (std::string line; std::getline(maps, line);) {
            if (line.find('-') < line.find(' ')) is_ours = line.ends_with(file->path());
            if (is_ours && line.starts_with("Rss:")) kilobytes += std::stoul(line.substr(4));
        }
        return kilobytes << 10;
    };
    CHECK(count_mapped() == 0);
    std::size_t fetched = 0, steps = 0;
    file->populate(file->bytes().subspan(1, kSize), [&](std::size_t count) {
        fetched += count;
        return ++steps > 0;
    });
    CHECK(fetched == kSize);
    CHECK(steps >= 1);
    CHECK(count_mapped() >= kSize);
    CHECK(count_mapped() < 2 * kSize + (std::size_t{2} << 20));
    fetched = 0;
    file->populate(file->bytes(), [&](std::size_t count) {
        fetched += count;
        return true;
    });
    CHECK(fetched == file->size_bytes());
    CHECK(count_mapped() >= file->size_bytes());
    CHECK(file->check_unchanged());
}

TEST_CASE("mapped file: fetching ends when it is told to, and leaves what is missing to the one who reads") {
    const auto file = MappedFile::open(old_file(test::fresh_dir("fetch_ends") + "/file", 3 * kSize)).value();
    int steps = 0;
    file->populate(file->bytes(), [&](std::size_t) { return ++steps < 2; });
    CHECK(steps == 2);
    file->populate({}, [&](std::size_t) { return ++steps < 100; });
    CHECK(steps == 2);
    fs::resize_file(file->path(), 10'000);
    std::size_t fetched = 0;
    file->populate(file->bytes(), [&](std::size_t count) {
        fetched += count;
        return true;
    });
    CHECK(fetched == file->size_bytes());
    error_of(*file);
}

TEST_CASE("mapped file: one that came back after it was cut off is not trusted any more") {
    const auto file = MappedFile::open(old_file(test::fresh_dir("came_back") + "/file")).value();
    const auto before = fs::last_write_time(file->path());
    fs::resize_file(file->path(), 0);
    CHECK(count_zeros(file->bytes().last(1)) == 1);
    fs::resize_file(file->path(), kSize);
    fs::last_write_time(file->path(), before);
    CHECK(error_of(*file).message.find("could not be read") != std::string::npos);
}

TEST_CASE("mapped file: writing into it is an error, replacing or removing it is none") {
    const std::string folder = test::fresh_dir("written");
    const auto written = MappedFile::open(old_file(folder + "/written", 100)).value();
    std::fstream(written->path(), std::ios::in | std::ios::out | std::ios::binary) << "y";
    CHECK(error_of(*written).message.find("written to") != std::string::npos);
    const auto grown = MappedFile::open(old_file(folder + "/grown", 100)).value();
    std::ofstream(grown->path(), std::ios::app) << "y";
    error_of(*grown);
    const auto replaced = MappedFile::open(old_file(folder + "/replaced")).value();
    fs::rename(old_file(folder + "/new", 3), replaced->path());
    CHECK(replaced->check_unchanged());
    fs::remove(replaced->path());
    CHECK(count_zeros(replaced->bytes()) == 0);
    CHECK(replaced->check_unchanged());
}

TEST_CASE("mapped file: faults in one do not touch others that come and go meanwhile") {
    const std::string folder = test::fresh_dir("come_and_go");
    const std::string steady = old_file(folder + "/steady", 50'000);
    std::vector<std::jthread> threads;
    std::vector<int> wrong(4);
    for (int t = 0; t < 4; ++t) {
        const std::string mine = folder + "/" + std::to_string(t);
        threads.emplace_back([&, t, mine] {
            for (int i = 0; i < 50; ++i) {
                std::ofstream(mine, std::ios::binary) << std::string(50'000, 'x');
                const auto cut = MappedFile::open(mine);
                const auto whole = MappedFile::open(steady);
                fs::resize_file(mine, 0);
                const bool is_right = cut && whole && count_zeros((*cut)->bytes()) == 50'000 &&
                                      !(*cut)->check_unchanged() && count_zeros((*whole)->bytes()) == 0 &&
                                      (*whole)->check_unchanged();
                wrong[static_cast<std::size_t>(t)] += is_right ? 0 : 1;
            }
        });
    }
    threads.clear();
    CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("mapped file: a fault in memory that is not ours ends the process as before") {
    const std::string path = old_file(test::fresh_dir("not_ours") + "/file");
    const auto ours = MappedFile::open(path).value();  // the handler is there
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
        const int descriptor = ::open(path.c_str(), O_RDWR);
        const void* theirs = ::mmap(nullptr, kSize, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (::ftruncate(descriptor, 0) != 0) ::_exit(1);
        ::_exit(*static_cast<const volatile char*>(theirs) == 0 ? 2 : 3);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
#ifndef __SANITIZE_ADDRESS__
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGBUS);
#else
    CHECK(
        (WIFSIGNALED(status) || WEXITSTATUS(status) > 3));  // its own handler reports, then ends the process
#endif
}
