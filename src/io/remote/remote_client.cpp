#include "io/remote/remote_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/mapped_file.h"

namespace headlight {
namespace {

constexpr std::chrono::seconds kHelloTime{10};

/// The process at the other end; -1: not known.
pid_t peer_process(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : -1;
}

}  // namespace

Result<RemoteClient> RemoteClient::connect(const std::string& path, const std::string& program) {
    HEADLIGHT_TRY(Descriptor socket, connect_to(path));
    RemoteClient client(std::move(socket));
    const nlohmann::json hello = {{"message", "hello"}, {"version", kRemoteVersion}, {"program", program}};
    HEADLIGHT_TRY(const RemoteMessage answer, client.ask(hello, nullptr, kHelloTime));
    const auto process = answer.header.find("process");
    client.is_forwarded_ =
        process == answer.header.end() || *process != peer_process(client.socket_.number());
    return client;
}

Result<RemoteMessage> RemoteClient::ask(nlohmann::json header, const MemoryFile* payload,
                                        std::chrono::seconds limit) {
    const auto end = Clock::now() + limit;
    const bool is_shared = payload != nullptr && !is_forwarded_;
    if (is_shared) header["memory"] = true;
    const std::string head = message_head(header, payload && !is_shared ? payload->size_bytes() : 0);
    Status sent = send(std::as_bytes(std::span(head)), is_shared ? payload->descriptor() : -1, end);
    if (sent && payload && !is_shared) sent = send_file(*payload, end);
    // A window that refuses says why before it hangs up.
    auto answer = receive(end);
    if (!answer) return fail(sent ? std::move(answer).error() : std::move(sent).error());
    if (auto error = error_of(answer->header)) return fail(std::move(*error));
    return answer;
}

Status RemoteClient::send_file(const MemoryFile& file, Clock::time_point end) {
    HEADLIGHT_TRY(const auto mapped, MappedFile::open(file.path()));
    return send(mapped->bytes(), -1, end);
}

Status RemoteClient::send(std::span<const std::byte> bytes, int descriptor, Clock::time_point end) {
    while (!bytes.empty()) {
        HEADLIGHT_CHECK(wait_for(POLLOUT, end));
        const auto sent = send_some(socket_.number(),
                                    bytes.first(std::min<std::size_t>(bytes.size(), 1 << 20)), descriptor);
        if (!sent) return fail(ErrorKind::Internal, "the window hung up while it was sent to");
        if (*sent > 0) descriptor = -1;
        bytes = bytes.subspan(*sent);
    }
    return {};
}

Result<RemoteMessage> RemoteClient::receive(Clock::time_point end) {
    MessageReader reader;
    std::vector<std::byte> buffer(std::size_t{256} << 10);
    while (true) {
        HEADLIGHT_CHECK(wait_for(POLLIN, end));
        const Received got = receive_some(socket_.number(), buffer);
        if (got.is_over) return fail(ErrorKind::Internal, "the window hung up without an answer");
        HEADLIGHT_CHECK(reader.take(std::span(buffer).first(got.bytes)));
        if (auto message = reader.message()) return std::move(*message);
    }
}

Status RemoteClient::wait_for(short events, Clock::time_point end) const {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0) return fail(ErrorKind::Cancelled, "the window did not answer in time");
        pollfd one{socket_.number(), events, 0};
        if (::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000))) > 0) return {};
    }
}

}  // namespace headlight
