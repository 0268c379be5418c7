// The other end of a RemoteServer: asks a window, one message after the other.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include "io/remote/message.h"
#include "io/remote/unix_socket.h"

namespace headlight {

class RemoteClient {
  public:
    /// Connects and says hello as `program`. Errors: those of connect_to(); Unsupported (another version).
    static Result<RemoteClient> connect(const std::string& path, const std::string& program);

    /// Sends a message, with `payload` as shared memory, or as bytes where the socket is forwarded from
    /// another machine, and waits for the answer. Errors: what the window says; Internal where it is gone,
    /// Cancelled after `limit`.
    Result<RemoteMessage> ask(nlohmann::json header, const MemoryFile* payload = nullptr,
                              std::chrono::seconds limit = std::chrono::seconds(660));

  private:
    explicit RemoteClient(Descriptor socket) : socket_(std::move(socket)) {}
    using Clock = std::chrono::steady_clock;
    Status send(std::span<const std::byte> bytes, int descriptor, Clock::time_point end);
    Status send_file(const MemoryFile& file, Clock::time_point end);
    Result<RemoteMessage> receive(Clock::time_point end);
    Status wait_for(short events, Clock::time_point end) const;

    Descriptor socket_;
    bool is_forwarded_ = false;  // the other end is no window but what carries to it
};

}  // namespace headlight
