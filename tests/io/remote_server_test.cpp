// A server before clients that are broken, slow, many or hostile.
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "io/remote/remote_client.h"
#include "io/remote/remote_server.h"
#include "support/fixtures.h"

using namespace headlight;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr int kWaitMs = 20'000;  // for things that come at once

/// Says back what it hears; "silent" is never answered, "long" with `bytes` of payload.
void echo(RemoteCall call) {
    const std::string message = text_of(call.header, "message").value_or("");
    if (message == "silent") return;
    if (message == "refuse") return call.reply.refuse(make_error(ErrorKind::Missing, "no such thing"));
    if (message == "long") {
        const std::size_t bytes = call.header["bytes"].get<std::size_t>();
        return call.reply.give([bytes] { return RemoteAnswer{{{"ok", true}}, std::string(bytes, 'x')}; });
    }
    call.reply.accept({{"heard", message}, {"bytes", call.payload ? call.payload->size_bytes() : 0}});
}

class EchoServer {
  public:
    explicit EchoServer(RemoteLimits limits = {}, std::function<void(RemoteCall)> handle = echo) {
        folder_ = (fs::temp_directory_path() / "hl_XXXXXX").string();
        REQUIRE(::mkdtemp(folder_.data()) != nullptr);
        auto started = RemoteServer::start({path(), "headlight test", limits, std::move(handle)});
        REQUIRE(started);
        server_ = std::move(*started);
    }
    ~EchoServer() {
        server_.reset();
        CHECK(!fs::exists(path()));
        fs::remove_all(folder_);
    }
    std::string path() const { return folder_ + "/s"; }
    Descriptor connect() const { return connect_to(path()).value(); }
    RemoteClient client() const { return RemoteClient::connect(path(), "test").value(); }
    void stop() { server_.reset(); }

  private:
    std::string folder_;
    std::unique_ptr<RemoteServer> server_;
};

void put(const Descriptor& socket, const std::string& bytes) {
    (void)::send(socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string hello(int version = kRemoteVersion) {
    return message_head({{"message", "hello"}, {"version", version}, {"program", "fake"}});
}

/// Everything up to the server's hanging up.
std::string rest_of(const Descriptor& socket) {
    std::string out;
    char buffer[4096];
    pollfd one{socket.number(), POLLIN, 0};
    while (::poll(&one, 1, kWaitMs) > 0) {
        const ssize_t got = ::recv(socket.number(), buffer, sizeof buffer, 0);
        if (got <= 0) return out;
        out.append(buffer, static_cast<std::size_t>(got));
    }
    FAIL("the server did not hang up");
    return out;
}

/// A good client is served, whatever others did.
void check_alive(const EchoServer& server) {
    RemoteClient client = server.client();
    const auto answer = client.ask({{"message", "ping"}});
    REQUIRE(answer);
    CHECK(answer->header["heard"] == "ping");
}

RemoteLimits short_limits() {
    RemoteLimits limits;
    limits.hello = limits.silence = std::chrono::milliseconds(300);
    return limits;
}

}  // namespace

TEST_CASE("remote server: asks are answered in order, errors with their kind") {
    const EchoServer server;
    RemoteClient client = server.client();
    for (const char* word : {"one", "two", "three"})
        CHECK(client.ask({{"message", word}})->header["heard"] == word);
    const auto refused = client.ask({{"message", "refuse"}});
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::Missing);
    CHECK(refused.error().message == "no such thing");
    check_alive(server);
}

TEST_CASE("remote server: a dump comes as shared memory or as bytes") {
    const EchoServer server;
    const auto memory = MemoryFile::create("dump").value();
    const std::string text(3'000'000, 'w');
    REQUIRE(memory->append(std::as_bytes(std::span(text))));
    REQUIRE(memory->seal());
    RemoteClient client = server.client();
    CHECK(client.ask({{"message", "open"}, {"name", "d"}}, memory.get())->header["bytes"] == text.size());
    const Descriptor raw = server.connect();
    put(raw, hello() + message_head({{"message", "open"}}, 4) + "abcd" + message_head({{"message", "ping"}}) +
                 "broken!!!!!!!!!!!");
    const std::string answers = rest_of(raw);
    CHECK(answers.find(R"("bytes":4)") != std::string::npos);
    CHECK(answers.find(R"("heard":"ping")") != std::string::npos);
    CHECK(answers.find("no message of Headlight") != std::string::npos);
}

TEST_CASE("remote server: another version, no hello, and what is too long are told and hung up on") {
    const EchoServer server;
    const auto answer_to = [&server](const std::string& bytes) {
        const Descriptor socket = server.connect();
        put(socket, bytes);
        return rest_of(socket);
    };
    CHECK(answer_to(hello(2)).find("version 1") != std::string::npos);
    CHECK(answer_to(message_head({{"message", "command"}})).find("must be 'hello'") != std::string::npos);
    CHECK(answer_to(std::string("HDLT") + std::string(12, '\xff')).find("announced") != std::string::npos);
    CHECK(answer_to("GET / HTTP/1.1\r\n\r\n").find("no message of Headlight") != std::string::npos);
    // Bytes with anything but a dump, and a dump that no machine has room for.
    CHECK(answer_to(hello() + message_head({{"message", "command"}}, 10)).find("only the message 'open'") !=
          std::string::npos);
    CHECK(answer_to(hello() + message_head({{"message", "open"}}, (std::uint64_t{8} << 30) + 1))
              .find("at most") != std::string::npos);
    check_alive(server);
}

TEST_CASE("remote server: clients that say half a message and rest are given up") {
    const EchoServer server(short_limits());
    const std::string whole = message_head({{"message", "ping"}});
    for (const std::string& bytes :
         {std::string(), std::string("HDL"), hello().substr(0, 30), hello() + whole.substr(0, 20),
          hello() + message_head({{"message", "open"}}, 1000) + "some"}) {
        CAPTURE(bytes.size());
        const Descriptor socket = server.connect();
        put(socket, bytes);
        rest_of(socket);
    }
    // One that has said all it wants may rest.
    RemoteClient client = server.client();
    const Descriptor silent = server.connect();
    rest_of(silent);
    CHECK(client.ask({{"message", "ping"}}));
}

TEST_CASE("remote server: disconnecting at any byte harms nobody") {
    const EchoServer server;
    const std::string whole = hello() + message_head({{"message", "open"}}, 64) + std::string(64, 'x');
    for (std::size_t length = 0; length <= whole.size(); ++length)
        put(server.connect(), whole.substr(0, length));
    check_alive(server);
}

TEST_CASE("remote server: thousands of connections come and go, and leave no descriptor") {
    const EchoServer server;
    const auto count_descriptors = [] {
        return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
    };
    check_alive(server);
    const auto before = count_descriptors();
    for (int i = 0; i < 3000; ++i)
        put(server.connect(), i % 3 == 0 ? hello() : i % 3 == 1 ? "x" : std::string(20, 'y'));
    check_alive(server);
    check_alive(server);
    CHECK(count_descriptors() <= before + 16);
}

TEST_CASE("remote server: more programs than it takes: silent ones give way, else the newest is told") {
    RemoteLimits limits;
    limits.clients = 4;
    const EchoServer server(limits);
    std::vector<Descriptor> silent;
    for (int i = 0; i < 8; ++i)
        silent.push_back(server.connect());
    std::vector<RemoteClient> greeted;
    for (int i = 0; i < 4; ++i)
        greeted.push_back(server.client());
    const auto fifth = RemoteClient::connect(server.path(), "test");
    REQUIRE(!fifth);
    CHECK(fifth.error().message.find("4 programs are connected") != std::string::npos);
    for (RemoteClient& client : greeted)
        CHECK(client.ask({{"message", "ping"}}));
}

TEST_CASE("remote server: two clients at once, one of which reads no answer") {
    const EchoServer server(short_limits());
    const Descriptor deaf = server.connect();
    put(deaf, hello() + message_head({{"message", "long"}, {"bytes", 50'000'000}}));
    std::atomic<int> answered{0};
    const auto ask = [&server, &answered] {
        RemoteClient client = server.client();
        for (int i = 0; i < 200; ++i)
            answered += client.ask({{"message", "ping"}}) ? 1 : 0;
    };
    std::jthread other(ask);
    ask();
    other.join();
    CHECK(answered == 400);
    // Not read from: a client that begins to read late is no longer deaf.
    pollfd hung_up{deaf.number(), POLLRDHUP, 0};
    CHECK(::poll(&hung_up, 1, kWaitMs) == 1);
}

TEST_CASE("remote server: memory that can still be cut off, or is none, is refused and the client stays") {
    const EchoServer server;
    const Descriptor socket = server.connect();
    put(socket, hello());
    const int open_memory = ::memfd_create("t", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    REQUIRE(::ftruncate(open_memory, 4096) == 0);
    const std::string head = message_head({{"message", "open"}, {"memory", true}});
    REQUIRE(send_some(socket.number(), std::as_bytes(std::span(head)), open_memory) == head.size());
    ::close(open_memory);
    put(socket, message_head({{"message", "open"}, {"memory", true}}) + "nonsense nonsense");
    const std::string answers = rest_of(socket);
    CHECK(answers.find("seal it") != std::string::npos);
    CHECK(answers.find("no shared memory came") != std::string::npos);
    check_alive(server);
}

TEST_CASE("remote server: an ask that nobody answers is said when the window goes") {
    std::vector<RemoteCall> kept;
    EchoServer server({}, [&kept](RemoteCall call) {
        if (call.header["message"] == "keep") kept.push_back(std::move(call));
    });
    RemoteClient client = server.client();
    const auto dropped = client.ask({{"message", "silent"}});
    REQUIRE(!dropped);
    CHECK(dropped.error().kind == ErrorKind::Cancelled);
    std::jthread stopper([&server] { server.stop(); });
    CHECK(!client.ask({{"message", "keep"}}));
}
