// Listens at a Unix socket and hands messages of this user's programs to the window. One thread; clients that
// are broken, slow or hostile cost a bounded share of memory, descriptors and time, and nothing else.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "io/remote/message.h"

namespace headlight {

struct RemoteAnswer {
    nlohmann::json header;
    std::string payload;
};

/// The way back to the client that asked: from any thread, at any time. One that is dropped says that the
/// window did not answer.
class RemoteReply {
  public:
    /// `give` is called on the server's thread, so that long work (compressing a picture) is not the
    /// window's.
    using Give = std::function<RemoteAnswer()>;
    using Send = std::function<void(Give)>;

    explicit RemoteReply(Send send) : send_(std::move(send)) {}
    ~RemoteReply();
    RemoteReply(RemoteReply&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}
    RemoteReply& operator=(RemoteReply&&) = delete;

    /// The first of these counts.
    void give(Give answer);
    /// "ok", with what else the header says.
    void accept(nlohmann::json header = nlohmann::json::object());
    void refuse(const Error& error);

  private:
    Send send_;
};

struct RemoteCall {
    nlohmann::json header;
    std::shared_ptr<MemoryFile> payload;  // came along or as shared memory; null: none
    RemoteReply reply;
};

struct RemoteLimits {
    MessageLimits message;
    std::size_t clients = 16;
    std::chrono::milliseconds hello{5000};     // until a client has said who it is
    std::chrono::milliseconds silence{10000};  // inside a message, or while an answer is not read
    std::chrono::milliseconds message_time{600000};
};

struct RemoteServerOptions {
    std::string path;     // of the socket
    std::string program;  // "headlight 0.1.0", for hello
    RemoteLimits limits;
    /// Called on the server's thread for every message but hello; must not wait.
    std::function<void(RemoteCall)> handle;
};

class RemoteServer {
  public:
    /// Errors: those of listen_at().
    static Result<std::unique_ptr<RemoteServer>> start(RemoteServerOptions options);
    /// Ends the thread, drops all clients and removes the socket.
    virtual ~RemoteServer() = default;
    RemoteServer(const RemoteServer&) = delete;
    RemoteServer& operator=(const RemoteServer&) = delete;

  protected:
    RemoteServer() = default;
};

}  // namespace headlight
