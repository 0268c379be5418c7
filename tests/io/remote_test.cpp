// Messages between programs and a window, and where its socket lies.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/mapped_file.h"
#include "io/remote/message.h"
#include "io/remote/runtime_folder.h"
#include "io/remote/unix_socket.h"
#include "support/fixtures.h"

using namespace headlight;
namespace fs = std::filesystem;

namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

/// The prefix as documented, whatever it announces.
std::string raw_message(const std::string& header, std::uint32_t header_bytes, std::uint64_t payload_bytes) {
    std::string out = "HDLT";
    for (int i = 0; i < 4; ++i)
        out += static_cast<char>(header_bytes >> (8 * i) & 0xff);
    for (int i = 0; i < 8; ++i)
        out += static_cast<char>(payload_bytes >> (8 * i) & 0xff);
    return out + header;
}

Error refusal_of(const std::string& bytes, MessageReader reader = MessageReader()) {
    const auto taken = reader.take(bytes_of(bytes));
    REQUIRE(!taken);
    return taken.error();
}

/// Sets XDG_RUNTIME_DIR to a short folder of its own: the paths of sockets have 107 bytes at most.
class RuntimeDir {
  public:
    RuntimeDir() {
        std::string folder = (fs::temp_directory_path() / "hl_XXXXXX").string();
        REQUIRE(::mkdtemp(folder.data()) != nullptr);
        folder_ = folder;
        ::setenv("XDG_RUNTIME_DIR", folder_.c_str(), 1);
    }
    ~RuntimeDir() {
        ::unsetenv("XDG_RUNTIME_DIR");
        std::error_code code;
        fs::remove_all(folder_, code);
    }
    const std::string& path() const { return folder_; }

  private:
    std::string folder_;
};

mode_t mode_of(const std::string& path) {
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    return info.st_mode & 0777;
}

}  // namespace

TEST_CASE("remote: a message arrives whole, in one piece and byte by byte") {
    const std::string sent = message_head({{"message", "open"}, {"name", "a dump"}}, 5) + "12345" +
                             message_head({{"message", "wait"}});
    for (const std::size_t step : {sent.size(), std::size_t{1}}) {
        CAPTURE(step);
        MessageReader reader;
        std::vector<RemoteMessage> got;
        auto rest = bytes_of(sent);
        while (!rest.empty()) {
            const auto taken = reader.take(rest.first(std::min(step, rest.size())));
            REQUIRE(taken);
            rest = rest.subspan(*taken);
            if (auto message = reader.message()) got.push_back(std::move(*message));
        }
        CHECK(!reader.is_inside());
        REQUIRE(got.size() == 2);
        CHECK(got[0].header == nlohmann::json{{"message", "open"}, {"name", "a dump"}});
        REQUIRE(got[0].payload);
        CHECK(got[0].payload->name() == "a dump");
        CHECK(read_text_file(got[0].payload->path()).value() == "12345");
        CHECK(got[1].header == nlohmann::json{{"message", "wait"}});
        CHECK(!got[1].payload);
    }
}

TEST_CASE("remote: half a message is none") {
    const std::string sent = message_head({{"message", "hello"}});
    MessageReader reader;
    REQUIRE(reader.take(bytes_of(sent).first(sent.size() - 1)));
    CHECK(reader.is_inside());
    CHECK(!reader.message());
    REQUIRE(reader.take(bytes_of(sent).last(1)));
    CHECK(reader.message());
    CHECK(!reader.is_inside());
}

TEST_CASE("remote: what is no message, or too long, is refused before memory is taken") {
    CHECK(refusal_of("GET / HTTP/1.1\r\n").kind == ErrorKind::Corrupt);
    CHECK(refusal_of(raw_message("", 0, 0)).kind == ErrorKind::InvalidInput);
    CHECK(refusal_of(raw_message("", 0xffffffff, 0)).message.find("4294967295") != std::string::npos);
    CHECK(refusal_of(raw_message("{}", 2, std::uint64_t{1} << 63)).kind == ErrorKind::InvalidInput);
    CHECK(refusal_of(raw_message("[1]", 3, 0)).message.find("no JSON object") != std::string::npos);
    const std::string deep(2000, '[');
    CHECK(refusal_of(raw_message(deep, 2000, 0)).kind == ErrorKind::Corrupt);
    const auto nothing_but = [](const nlohmann::json&, std::uint64_t bytes) -> Status {
        return bytes == 0 ? Status() : fail(ErrorKind::OutOfMemory, "no room");
    };
    CHECK(refusal_of(raw_message("{}", 2, 8), MessageReader({}, nothing_but)).message == "no room");
}

TEST_CASE("remote: errors go through a header with their kind and details") {
    const Error error =
        make_error(ErrorKind::Corrupt, "the weights sum to 2").in_file("a.npz").at_tensor("attn.0");
    const auto back = headlight::error_of(error_header(error));
    REQUIRE(back);
    CHECK(back->kind == ErrorKind::Corrupt);
    CHECK(back->message.starts_with("the weights sum to 2\n"));
    CHECK(back->message.find("attn.0") != std::string::npos);
    CHECK(!headlight::error_of({{"ok", true}}));
    CHECK(headlight::error_of(nlohmann::json::object()));
    // Strangers' bytes never throw.
    CHECK(!message_head({{"line", "\xff\xfe"}}).empty());
}

TEST_CASE("remote: shared memory is taken when nobody can change it any more, and read as a file") {
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    const auto make = [](const char* text, int to_seal) {
        const int descriptor = ::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        REQUIRE(::write(descriptor, text, std::strlen(text)) == static_cast<ssize_t>(std::strlen(text)));
        REQUIRE(::fcntl(descriptor, F_ADD_SEALS, to_seal) == 0);
        return descriptor;
    };
    const auto good = MemoryFile::adopt(make("weights", seals), "w", 100);
    REQUIRE(good);
    CHECK((*good)->size_bytes() == 7);
    CHECK(read_text_file((*good)->path()).value() == "weights");
    CHECK(::ftruncate((*good)->descriptor(), 0) != 0);
    CHECK(MemoryFile::adopt(make("weights", 0), "w", 100).error().message.find("seal it") !=
          std::string::npos);
    CHECK(MemoryFile::adopt(make("weights", F_SEAL_GROW | F_SEAL_WRITE), "w", 100).error().kind ==
          ErrorKind::InvalidInput);
    CHECK(MemoryFile::adopt(make("weights", seals), "w", 6).error().message.find("7 bytes") !=
          std::string::npos);
    CHECK(!MemoryFile::adopt(make("", seals), "w", 100));
    const std::string file = test::fresh_dir("adopt") + "/file";
    std::ofstream(file) << "weights";
    CHECK(!MemoryFile::adopt(::open(file.c_str(), O_RDONLY | O_CLOEXEC), "w", 100));
}

TEST_CASE("remote: the folder of sockets is the user's own, sockets are closed to others") {
    const RuntimeDir runtime;
    const auto folder = runtime_folder();
    REQUIRE(folder);
    CHECK(*folder == runtime.path() + "/headlight");
    CHECK(mode_of(*folder) == 0700);
    const std::string path = own_socket_path().value();
    const auto listener = listen_at(path);
    REQUIRE(listener);
    CHECK(mode_of(path) == 0600);
    CHECK(is_listened_at(path));
    CHECK(listen_at(path).error().message.find("another window") != std::string::npos);
    CHECK(window_sockets() == std::vector<std::string>{path});
    CHECK(find_socket("").value() == path);
    CHECK(find_socket("/elsewhere").value() == "/elsewhere");
    fs::permissions(*folder, fs::perms::group_exec, fs::perm_options::add);
    CHECK(runtime_folder().error().kind == ErrorKind::Unsupported);
    CHECK(window_sockets().empty());
}

TEST_CASE("remote: sockets of dead processes are removed, files of others are not touched") {
    const RuntimeDir runtime;
    const std::string folder = runtime_folder().value();
    const std::string dead = folder + "/window-1.sock",
                      stranger = folder + "/notes.txt";  // 1 listens nowhere here
    { const auto left = listen_at(dead); }
    std::ofstream(stranger) << "mine";
    CHECK(fs::exists(dead));
    CHECK(window_sockets().empty());
    CHECK(!fs::exists(dead));
    CHECK(fs::exists(stranger));
    CHECK(find_socket("").error().message.find("headlight open") != std::string::npos);
    ::setenv("HEADLIGHT_SOCKET", "/named", 1);
    CHECK(find_socket("").value() == "/named");
    ::unsetenv("HEADLIGHT_SOCKET");
    CHECK(listen_at(stranger).error().kind == ErrorKind::InvalidInput);
    CHECK(listen_at(folder + "/" + std::string(200, 'x')).error().message.find("107") != std::string::npos);
}
