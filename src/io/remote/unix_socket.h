// Unix sockets between processes of one user.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/result.h"

namespace headlight {

/// A file descriptor that is closed.
class Descriptor {
  public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    int release() { return std::exchange(number_, -1); }
    void close();

  private:
    int number_;
};

/// A socket that listens, mode 0600, not blocking. A socket at `path` where nobody listens any more is
/// replaced. Errors: InvalidInput (path too long, in use, or no socket), Internal.
Result<Descriptor> listen_at(const std::string& path);
/// Errors: Missing (nobody listens there), InvalidInput (path too long).
Result<Descriptor> connect_to(const std::string& path);
/// Does a process listen there? Never waits.
bool is_listened_at(const std::string& path);
/// Is the other end a process of this user?
bool is_own_peer(int socket);

/// What one read from a socket brought.
struct Received {
    std::size_t bytes = 0;  // 0 with is_over: the other end is closed
    bool is_over = false;   // nothing more will come
    Descriptor descriptor;  // the first that came along; all others are closed
};
/// Reads what is there into `to`. Nothing there: no bytes, not over.
Received receive_some(int socket, std::span<std::byte> to);
/// Writes what fits, with a descriptor along with the first byte (-1: none). Bytes written; nullopt: the
/// other end is gone.
std::optional<std::size_t> send_some(int socket, std::span<const std::byte> bytes, int descriptor = -1);

}  // namespace headlight
