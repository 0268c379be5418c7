#include "io/remote/remote_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <list>
#include <mutex>
#include <thread>

#include "base/guard.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/remote/remote_connection.h"
#include "io/remote/unix_socket.h"

namespace headlight {
namespace {

using Clock = RemoteConnection::Clock;

constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr std::chrono::milliseconds kPause{500};  // in taking clients, when there are no descriptors left

/// Answers on their way from other threads to the server's. Outlives it in the replies.
struct Outbox {
    Descriptor bell{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    std::mutex mutex;
    std::vector<std::pair<std::uint64_t, RemoteReply::Give>> answers;
    std::atomic<bool> is_closed{false};

    void ring() const {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(bell.number(), &one, sizeof one);
    }
    void post(std::uint64_t client, RemoteReply::Give give) {
        {
            const std::lock_guard lock(mutex);
            if (is_closed) return;
            answers.emplace_back(client, std::move(give));
        }
        ring();
    }
    auto take() {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = ::read(bell.number(), &count, sizeof count);
        const std::lock_guard lock(mutex);
        return std::exchange(answers, {});
    }
};

class PollingServer final : public RemoteServer {
  public:
    PollingServer(RemoteServerOptions options, Descriptor listener)
        : options_(std::move(options)), listener_(std::move(listener)), buffer_(kReadBytes) {
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    }
    ~PollingServer() override {
        outbox_->is_closed = true;
        thread_.request_stop();
        outbox_->ring();
        thread_.join();
        ::unlink(options_.path.c_str());
    }

  private:
    void serve(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            wait();
            const auto now = Clock::now();
            give_answers(now);
            if (!stop.stop_requested()) step(now);
        }
    }

    void wait() {
        polled_.assign({{outbox_->bell.number(), POLLIN, 0}, {listener_.number(), POLLIN, 0}});
        std::optional<Clock::time_point> next;
        const auto until = [&next](Clock::time_point time) { next = next ? std::min(*next, time) : time; };
        if (resumes_ > Clock::now()) {
            polled_[1].fd = -1;
            until(resumes_);
        }
        for (const RemoteConnection& client : clients_) {
            const int events =
                (client.wants_to_read() ? POLLIN : 0) | (client.wants_to_write() ? POLLOUT : 0);
            polled_.push_back({client.socket(), static_cast<short>(events), 0});
            if (const auto deadline = client.deadline()) until(*deadline);
        }
        int timeout_ms = -1;
        if (next) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Clock::now());
            timeout_ms = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
        }
        if (::poll(polled_.data(), polled_.size(), timeout_ms) < 0) {
            for (pollfd& one : polled_)
                one.revents = 0;
        }
    }

    void step(Clock::time_point now) {
        std::size_t i = 2;
        for (RemoteConnection& client : clients_) {
            const short events = polled_[i++].revents;
            if ((events & POLLOUT) != 0) client.write(now);
            if ((events & (POLLHUP | POLLERR)) != 0 && !client.wants_to_read()) gone_.push_back(client.id());
            read_left_over(client, now);
            if ((events & (POLLIN | POLLHUP | POLLERR)) == 0 || !client.wants_to_read()) continue;
            handle(client, client.read(buffer_, options_.program, now));
            read_left_over(client, now);
        }
        clients_.remove_if([&](const RemoteConnection& client) {
            const auto deadline = client.deadline();
            return client.is_over() || (deadline && *deadline <= now) ||
                   std::find(gone_.begin(), gone_.end(), client.id()) != gone_.end();
        });
        gone_.clear();
        if ((polled_[1].revents & POLLIN) != 0) take_clients(now);
    }

    /// Messages that came behind one another, until one is to be answered by the window.
    void read_left_over(RemoteConnection& client, Clock::time_point now) {
        while (client.wants_to_read() && client.has_left_over())
            handle(client, client.read_on(options_.program, now));
    }

    void handle(const RemoteConnection& client, std::optional<RemoteRequest> request) {
        if (!request) return;
        const auto send = [outbox = outbox_, id = client.id()](RemoteReply::Give give) {
            outbox->post(id, std::move(give));
        };
        options_.handle({std::move(request->header), std::move(request->payload), RemoteReply(send)});
    }

    void give_answers(Clock::time_point now) {
        for (auto& [id, give] : outbox_->take()) {
            const auto client =
                std::find_if(clients_.begin(), clients_.end(),
                             [id = id](const RemoteConnection& one) { return one.id() == id; });
            if (client == clients_.end()) continue;
            auto answer = translate_exceptions({"the answer"},
                                               [&make = give]() -> Result<RemoteAnswer> { return make(); });
            client->answer(answer ? *answer : RemoteAnswer{error_header(answer.error()), {}}, now);
        }
    }

    void take_clients(Clock::time_point now) {
        for (int taken = 0; taken < 64; ++taken) {
            Descriptor socket(::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            if (!socket) {
                const bool is_out = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
                if (is_out) resumes_ = now + kPause;
                return;
            }
            if (!is_own_peer(socket.number()) || !make_room(socket.number())) continue;
            clients_.emplace_back(std::move(socket), ++last_id_, options_.limits, [this] { return room(); });
        }
    }

    /// The oldest client that has not said who it is gives way; where all have, the new one is told so.
    bool make_room(int socket) {
        if (clients_.size() < options_.limits.clients) return true;
        const auto silent = std::find_if(clients_.begin(), clients_.end(),
                                         [](const RemoteConnection& one) { return !one.is_greeted(); });
        if (silent != clients_.end()) {
            clients_.erase(silent);
            return true;
        }
        const Error full = make_error(ErrorKind::Unsupported,
                                      "{} programs are connected to this window already", clients_.size());
        const std::string text = message_head(error_header(full));
        send_some(socket, std::as_bytes(std::span(text)));
        return false;
    }

    /// Half of the memory that is free, less what others are still to fill.
    std::uint64_t room() const {
        const std::uint64_t whole = std::min(options_.limits.message.payload_bytes, available_memory() / 2);
        std::uint64_t taken = 0;
        for (const RemoteConnection& client : clients_)
            taken += client.missing_bytes();
        return whole - std::min(whole, taken);
    }

    RemoteServerOptions options_;
    Descriptor listener_;
    std::shared_ptr<Outbox> outbox_ = std::make_shared<Outbox>();
    std::list<RemoteConnection> clients_;  // oldest first
    std::vector<pollfd> polled_;           // bell, listener, clients
    std::vector<std::uint64_t> gone_;
    std::vector<std::byte> buffer_;
    std::uint64_t last_id_ = 0;
    Clock::time_point resumes_;  // no clients are taken before
    std::jthread thread_;
};

}  // namespace

RemoteReply::~RemoteReply() {
    if (send_) refuse(make_error(ErrorKind::Cancelled, "the window did not answer: it is closing"));
}

void RemoteReply::give(Give answer) {
    if (const Send send = std::exchange(send_, nullptr)) send(std::move(answer));
}

void RemoteReply::accept(nlohmann::json header) {
    header["ok"] = true;
    give([header = std::move(header)] { return RemoteAnswer{header, {}}; });
}

void RemoteReply::refuse(const Error& error) {
    give([header = error_header(error)] { return RemoteAnswer{header, {}}; });
}

Result<std::unique_ptr<RemoteServer>> RemoteServer::start(RemoteServerOptions options) {
    HEADLIGHT_TRY(Descriptor listener, listen_at(options.path));
    return std::make_unique<PollingServer>(std::move(options), std::move(listener));
}

}  // namespace headlight
