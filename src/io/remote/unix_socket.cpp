#include "io/remote/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace headlight {
namespace {

constexpr int kWaitingClients = 64;
constexpr int kConnectSeconds = 10;          // a window that does not get to taking clients
constexpr std::size_t kMostDescriptors = 4;  // in one message; the system closes further ones

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return fail(make_error(ErrorKind::InvalidInput,
                               "the path of a socket must have 1 to {} bytes, this one has {}",
                               sizeof address.sun_path - 1, path.size())
                        .in_file(path));
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

Descriptor new_socket(int flags) {
    return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
}

Error socket_error(ErrorKind kind, const char* what, const std::string& path) {
    return make_error(kind, "{}: {}", what, std::strerror(errno)).in_file(path);
}

bool would_wait() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/// Nothing lies at `path`, or a socket that nobody listens at any more.
Status check_free(const std::string& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return {};
    if (S_ISSOCK(info.st_mode) && info.st_uid == ::geteuid() && !is_listened_at(path)) return {};
    return fail(make_error(ErrorKind::InvalidInput, "there is {} at this path already; choose another",
                           S_ISSOCK(info.st_mode) ? "a socket of another window" : "a file")
                    .in_file(path));
}

/// The first descriptor of a message; all others are closed.
Descriptor first_descriptor(msghdr& message) {
    Descriptor first;
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
            Descriptor one(number);
            if (!first) first = std::move(one);
        }
    }
    return first;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this == &other) return *this;
    close();
    number_ = other.release();
    return *this;
}

void Descriptor::close() {
    if (number_ >= 0) ::close(release());
}

Result<Descriptor> listen_at(const std::string& path) {
    // It gets its name when it listens and is closed to others: nobody can take it for a dead one before.
    const std::string unready = path + "~";
    HEADLIGHT_TRY(const sockaddr_un address, address_of(unready));
    HEADLIGHT_CHECK(check_free(path));
    ::unlink(unready.c_str());
    Descriptor socket = new_socket(SOCK_NONBLOCK);
    const bool is_ready =
        socket && ::fchmod(socket.number(), S_IRUSR | S_IWUSR) == 0 &&
        ::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::chmod(unready.c_str(), S_IRUSR | S_IWUSR) == 0 && ::listen(socket.number(), kWaitingClients) == 0 &&
        ::rename(unready.c_str(), path.c_str()) == 0;
    if (!is_ready) return fail(socket_error(ErrorKind::Internal, "cannot listen at this socket", path));
    return socket;
}

Result<Descriptor> connect_to(const std::string& path) {
    HEADLIGHT_TRY(const sockaddr_un address, address_of(path));
    Descriptor socket = new_socket(0);
    const timeval limit{kConnectSeconds, 0};
    if (socket) ::setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (socket &&
        ::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return socket;
    return fail(socket_error(ErrorKind::Missing, "no window answers at this socket", path));
}

bool is_listened_at(const std::string& path) {
    const auto address = address_of(path);
    if (!address) return false;
    const Descriptor socket = new_socket(SOCK_NONBLOCK);
    if (!socket) return true;  // not known: nothing is taken away
    if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0)
        return true;
    return errno != ECONNREFUSED && errno != ENOENT;
}

bool is_own_peer(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
}

Received receive_some(int socket, std::span<std::byte> to) {
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMostDescriptors)];
    iovec part{to.data(), to.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    Received out;
    if (got > 0) {
        out.bytes = static_cast<std::size_t>(got);
        out.descriptor = first_descriptor(message);
    } else {
        out.is_over = got == 0 || !would_wait();
    }
    return out;
}

std::optional<std::size_t> send_some(int socket, std::span<const std::byte> bytes, int descriptor) {
    iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    if (descriptor >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        cmsghdr* const head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
    }
    const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    return would_wait() ? std::optional<std::size_t>(0) : std::nullopt;
}

}  // namespace headlight
