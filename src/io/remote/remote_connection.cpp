#include "io/remote/remote_connection.h"

#include <unistd.h>

#include <algorithm>

namespace headlight {
namespace {

/// Only a dump comes with bytes, and only where there is memory for it.
MessageReader::Accept payload_rule(std::function<std::uint64_t()> room) {
    return [room = std::move(room)](const nlohmann::json& header, std::uint64_t bytes) -> Status {
        if (bytes == 0) return {};
        if (text_of(header, "message").value_or("") != "open")
            return fail(ErrorKind::InvalidInput, "only the message 'open' may bring bytes with it");
        if (const std::uint64_t most = room(); bytes > most) {
            return fail(ErrorKind::OutOfMemory,
                        "{} bytes were announced; this machine has room for {} of them now", bytes, most);
        }
        return {};
    };
}

bool is_shared_memory(const nlohmann::json& header) {
    const auto found = header.find("memory");
    return found != header.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace

RemoteConnection::RemoteConnection(Descriptor socket, std::uint64_t id, const RemoteLimits& limits,
                                   std::function<std::uint64_t()> room)
    : socket_(std::move(socket)),
      id_(id),
      limits_(limits),
      reader_(limits.message, payload_rule(std::move(room))),
      connected_(Clock::now()),
      began_(connected_),
      moved_(connected_) {}

std::optional<RemoteConnection::Clock::time_point> RemoteConnection::deadline() const {
    if (wants_to_write()) return moved_ + limits_.silence;
    if (is_asked_) return std::nullopt;
    if (!is_greeted_) return connected_ + limits_.hello;
    if (!reader_.is_inside()) return std::nullopt;
    return std::min(moved_ + limits_.silence, began_ + limits_.message_time);
}

std::optional<RemoteRequest> RemoteConnection::read(std::span<std::byte> buffer, const std::string& program,
                                                    Clock::time_point now) {
    Received got = receive_some(socket_.number(), buffer);
    if (got.is_over) {
        is_over_ = true;
        return std::nullopt;
    }
    if (got.descriptor && !received_) received_ = std::move(got.descriptor);
    if (got.bytes == 0) return std::nullopt;
    moved_ = now;
    left_over_.assign(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got.bytes));
    return take(program, now);
}

std::optional<RemoteRequest> RemoteConnection::read_on(const std::string& program, Clock::time_point now) {
    return take(program, now);
}

std::optional<RemoteRequest> RemoteConnection::take(const std::string& program, Clock::time_point now) {
    if (!reader_.is_inside()) began_ = now;
    const auto taken = reader_.take(left_over_);
    if (!taken) {
        refuse(taken.error(), now);
        return std::nullopt;
    }
    left_over_.erase(left_over_.begin(), left_over_.begin() + static_cast<std::ptrdiff_t>(*taken));
    std::optional<RemoteMessage> message = reader_.message();
    if (!message) return std::nullopt;
    if (!is_greeted_) {
        greet(*message, program, now);
        return std::nullopt;
    }
    auto request = request_of(std::move(*message));
    if (!request) {
        answer({error_header(request.error()), {}}, now);
        return std::nullopt;
    }
    is_asked_ = true;
    return std::move(*request);
}

void RemoteConnection::greet(const RemoteMessage& message, const std::string& program,
                             Clock::time_point now) {
    const auto version = message.header.find("version");
    const bool is_hello = text_of(message.header, "message").value_or("") == "hello" &&
                          version != message.header.end() && version->is_number_integer();
    if (!is_hello) {
        refuse(make_error(ErrorKind::InvalidInput, "the first message must be 'hello' with a version"), now);
    } else if (*version != kRemoteVersion) {
        refuse(make_error(
                   ErrorKind::Unsupported,
                   "{} speaks version {} of the messages, the client version {}; install the same version of "
                   "both",
                   program, kRemoteVersion, version->dump().substr(0, 20)),
               now);
    } else {
        is_greeted_ = true;
        answer(
            {{{"ok", true}, {"version", kRemoteVersion}, {"program", program}, {"process", ::getpid()}}, {}},
            now);
    }
}

/// Takes over the memory whose descriptor came along, where the header says so.
Result<RemoteRequest> RemoteConnection::request_of(RemoteMessage message) {
    Descriptor received = std::move(received_);
    RemoteRequest out{std::move(message.header), std::move(message.payload)};
    if (!is_shared_memory(out.header)) return out;
    if (out.payload)
        return fail(ErrorKind::InvalidInput, "shared memory and bytes came with one message; send one");
    if (!received) {
        return fail(ErrorKind::Missing,
                    "no shared memory came with the message; through a forwarded socket send the bytes");
    }
    HEADLIGHT_TRY(out.payload,
                  MemoryFile::adopt(received.release(), text_of(out.header, "name").value_or("what was sent"),
                                    limits_.message.payload_bytes));
    return out;
}

void RemoteConnection::refuse(const Error& error, Clock::time_point now) {
    answer({error_header(error), {}}, now);
    is_ending_ = true;
    left_over_.clear();
}

void RemoteConnection::answer(const RemoteAnswer& answer, Clock::time_point now) {
    is_asked_ = false;
    outgoing_ += message_head(answer.header, answer.payload.size()) + answer.payload;
    moved_ = now;
    write(now);
}

void RemoteConnection::write(Clock::time_point now) {
    while (num_sent_ < outgoing_.size()) {
        const auto rest = std::as_bytes(std::span(outgoing_)).subspan(num_sent_);
        const auto sent = send_some(socket_.number(), rest);
        if (!sent) {
            is_over_ = true;
            return;
        }
        if (*sent == 0) return;
        num_sent_ += *sent;
        moved_ = now;
    }
    outgoing_.clear();
    num_sent_ = 0;
}

}  // namespace headlight
