// Pipes, sockets and devices where files are expected, and as places to write to.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/temporary_files.h"
#include "support/fixtures.h"

using namespace headlight;
namespace fs = std::filesystem;

namespace {

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::string make_fifo(const std::string& folder) {
    const std::string path = folder + "/pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    return path;
}

std::string make_socket(const std::string& folder) {
    // The name of a socket is short: it is made in the folder, under a relative name.
    const fs::path before = fs::current_path();
    fs::current_path(folder);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{AF_UNIX, "socket"};
    REQUIRE(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::close(descriptor);
    fs::current_path(before);
    return folder + "/socket";
}

}  // namespace

TEST_CASE("files: a pipe, a socket and a device are refused without waiting for them") {
    const std::string folder = test::fresh_dir("special");
    for (const std::string& path : {make_fifo(folder), make_socket(folder), std::string("/dev/zero")}) {
        const auto mapped = MappedFile::open(path);
        REQUIRE(!mapped);
        CHECK(mapped.error().kind == ErrorKind::Unsupported);
        CHECK(mapped.error().file == path);
        CHECK(!read_text_file(path));
        CHECK(first_bytes(path, 16).empty());
        CHECK(!check_not_special(path));
    }
    CHECK(MappedFile::open(folder + "/pipe").error().message.find("named pipe") != std::string::npos);
    CHECK(check_not_special(folder));
    CHECK(check_not_special(folder + "/absent"));
    CHECK(!MappedFile::open(folder));
    std::ofstream(folder + "/file") << "abc";
    CHECK(first_bytes(folder + "/file", 2) == "ab");
    CHECK(first_bytes(folder + "/file", 20) == "abc");
}

TEST_CASE("files: what is written to a pipe goes through it") {
    const std::string fifo = make_fifo(test::fresh_dir("write_pipe"));
    std::string got;
    std::thread reader([&] { got = contents(fifo); });
    const std::string bytes(300'000, 'q');
    CHECK(write_file_atomic(fifo, bytes));
    reader.join();
    CHECK(got == bytes);
    CHECK(fs::is_fifo(fifo));
    std::thread second([&] { got = contents(fifo); });
    CHECK(write_file_atomic(fifo, [](const std::string& path) -> Status {
        std::ofstream(path) << "made elsewhere";
        return {};
    }));
    second.join();
    CHECK(got == "made elsewhere");
    CHECK(fs::is_fifo(fifo));
}

TEST_CASE("files: a link stays, and what it leads to is replaced") {
    const std::string folder = test::fresh_dir("write_link");
    fs::create_directories(folder + "/data");
    std::ofstream(folder + "/data/report.json") << "old";
    fs::create_symlink("data/report.json", folder + "/report.json");
    CHECK(write_file_atomic(folder + "/report.json", "new"));
    CHECK(fs::is_symlink(folder + "/report.json"));
    CHECK(contents(folder + "/data/report.json") == "new");
    // A link to a link, and one that leads nowhere yet.
    fs::create_symlink(folder + "/report.json", folder + "/again.json");
    CHECK(write_file_atomic(folder + "/again.json", "newer"));
    CHECK(contents(folder + "/data/report.json") == "newer");
    fs::create_symlink("data/later.json", folder + "/later.json");
    CHECK(write_file_atomic(folder + "/later.json", "made"));
    CHECK(contents(folder + "/data/later.json") == "made");
    CHECK(fs::is_symlink(folder + "/later.json"));
}

TEST_CASE("files: devices take what is written, or say why not") {
    CHECK(write_file_atomic("/dev/null", "gone"));
    const Status full = write_file_atomic("/dev/full", "does not fit");
    REQUIRE(!full);
    CHECK(full.error().kind == ErrorKind::Internal);
    CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("files: permissions of the old file are kept, and a new one gets the usual ones") {
    const std::string path = test::fresh_dir("write_mode") + "/report.json";
    const mode_t before = ::umask(0027);
    CHECK(write_file_atomic(path, "new"));
    CHECK(fs::status(path).permissions() == fs::perms(0640));
    for (const int mode : {0600, 0644, 0666, 0755}) {
        fs::permissions(path, fs::perms(mode));
        CHECK(write_file_atomic(path, "again"));
        CHECK(fs::status(path).permissions() == fs::perms(mode));
        CHECK(write_file_atomic(path, [&](const std::string& temporary) -> Status {
            CHECK(fs::status(temporary).permissions() == fs::perms(mode));
            std::ofstream(temporary) << "and again";
            return {};
        }));
        CHECK(fs::status(path).permissions() == fs::perms(mode));
        CHECK(contents(path) == "and again");
    }
    ::umask(before);
    if (::geteuid() == 0) {  // only then may a file change hands
        REQUIRE(::chown(path.c_str(), 1234, 2345) == 0);
        CHECK(write_file_atomic(path, "of another"));
        struct stat info {};
        REQUIRE(::stat(path.c_str(), &info) == 0);
        CHECK(info.st_uid == 1234);
        CHECK(info.st_gid == 2345);
    } else {  // and only then may somebody write what is protected
        fs::permissions(path, fs::perms(0444));
        CHECK(!write_file_atomic(path, "protected"));
        CHECK(contents(path) == "and again");
    }
}

TEST_CASE("files: the program's own descriptors are written to where they stand") {
    const std::string path = test::fresh_dir("write_descriptor") + "/log";
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
    REQUIRE(descriptor >= 0);
    REQUIRE(::write(descriptor, "before ", 7) == 7);
    CHECK(write_file_atomic(fmt::format("/dev/fd/{}", descriptor), "after"));
    ::close(descriptor);
    CHECK(contents(path) == "before after");
    CHECK(!write_file_atomic("/dev/fd/999", "nowhere"));
}

TEST_CASE("files: what killed writers left is removed by the next one, and nothing else") {
    const std::string folder = test::fresh_dir("write_stale"), path = folder + "/report.json";
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(0);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    const auto name_of = [&](const std::string& target, pid_t writer) {
        std::string name = temporary_name(target);
        const std::string mine = fmt::format("-{}-", ::getpid());
        return name.replace(name.rfind(mine), mine.size(), fmt::format("-{}-", writer));
    };
    const std::string dead = name_of(path, child), other_dead = name_of(folder + "/figure.png", child);
    const std::string alive = name_of(path, ::getppid());
    std::string foreign = name_of(path, child);
    std::string old_foreign = name_of(path, child);
    for (std::string* name : {&foreign, &old_foreign})
        name->replace(name->rfind(".tmp-") + 5, 8, "00000000");
    const std::vector<std::string> kept = {alive, foreign, folder + "/report.json.tmp-1-2",
                                           folder + "/notes.tmp", dead + ".txt"};
    for (const std::string& name : kept)
        std::ofstream(name) << "kept";
    for (const std::string& name : {dead, other_dead, old_foreign})
        std::ofstream(name) << "half";
    fs::last_write_time(old_foreign, fs::file_time_type::clock::now() - std::chrono::hours(25));
    CHECK(write_file_atomic(path, "whole"));
    CHECK(contents(path) == "whole");
    for (const std::string& name : kept)
        CHECK_MESSAGE(contents(name) == "kept", name);
    for (const std::string& name : {dead, other_dead, old_foreign})
        CHECK_MESSAGE(!fs::exists(name), name);
}
