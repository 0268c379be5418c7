// One client of a RemoteServer: reads one message at a time, sends one answer at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/remote/message.h"
#include "io/remote/remote_server.h"
#include "io/remote/unix_socket.h"

namespace headlight {

/// What a message brought: also the memory whose descriptor came along.
struct RemoteRequest {
    nlohmann::json header;
    std::shared_ptr<MemoryFile> payload;
};

class RemoteConnection {
  public:
    using Clock = std::chrono::steady_clock;

    /// `room` says how many bytes of payload may be announced now.
    RemoteConnection(Descriptor socket, std::uint64_t id, const RemoteLimits& limits,
                     std::function<std::uint64_t()> room);

    std::uint64_t id() const { return id_; }
    int socket() const { return socket_.number(); }
    /// Has said hello, in a version that is spoken here.
    bool is_greeted() const { return is_greeted_; }
    /// Nothing more will be read or sent.
    bool is_over() const { return is_over_ || (is_ending_ && outgoing_.empty()); }
    bool wants_to_read() const { return !is_ending_ && !is_asked_ && outgoing_.empty(); }
    bool wants_to_write() const { return !outgoing_.empty(); }
    /// When it is given up unless something happens; nullopt: it may rest.
    std::optional<Clock::time_point> deadline() const;
    /// Memory that its unfinished message will still take.
    std::uint64_t missing_bytes() const { return reader_.missing_bytes(); }
    /// Bytes are there that came behind the last message.
    bool has_left_over() const { return !left_over_.empty(); }

    /// Takes what came; call with nothing left over. A whole message that is to be answered: it reads no
    /// further until answer(). Hello is answered here; a broken message is answered and ends the connection.
    std::optional<RemoteRequest> read(std::span<std::byte> buffer, const std::string& program,
                                      Clock::time_point now);
    /// The same of bytes that came behind the last message.
    std::optional<RemoteRequest> read_on(const std::string& program, Clock::time_point now);
    void answer(const RemoteAnswer& answer, Clock::time_point now);
    void write(Clock::time_point now);

  private:
    std::optional<RemoteRequest> take(const std::string& program, Clock::time_point now);
    void greet(const RemoteMessage& message, const std::string& program, Clock::time_point now);
    Result<RemoteRequest> request_of(RemoteMessage message);
    void refuse(const Error& error, Clock::time_point now);

    Descriptor socket_;
    std::uint64_t id_;
    RemoteLimits limits_;
    MessageReader reader_;
    Descriptor received_;               // came along with the message that is being read
    std::vector<std::byte> left_over_;  // behind the last message: at most one buffer
    std::string outgoing_;
    std::size_t num_sent_ = 0;
    bool is_greeted_ = false, is_asked_ = false, is_ending_ = false, is_over_ = false;
    Clock::time_point connected_, began_, moved_;  // began_: of the message that is being read
};

}  // namespace headlight
