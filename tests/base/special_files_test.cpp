// Pipes, sockets and devices where files are expected, and as places to write to.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
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
