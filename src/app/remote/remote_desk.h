// The window's side of the socket: what other programs of the user ask for is done on the window's thread, as
// if the user had typed it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/stopwatch.h"
#include "io/remote/remote_server.h"
#include "session/mailbox.h"
#include "session/script.h"

namespace headlight {

namespace ui {
class Window;
}

class RemoteDesk {
  public:
    /// `wake` makes the window look: called from the server's thread.
    explicit RemoteDesk(std::function<void()> wake) : inbox_(std::move(wake)) {}

    /// Listens at `path`; empty: at the place where clients look. `program` for hello. Errors: those of
    /// runtime_folder() and RemoteServer::start().
    Status listen(const std::string& path, const std::string& program);

    /// Takes in what came and goes on with what waits for the window to settle. True if something was done.
    bool step(CommandContext& context, bool is_settled);
    /// Something waits for the window to settle.
    bool is_waiting() const { return !jobs_.empty(); }
    /// Since the last of them came.
    double waited_seconds() const { return jobs_.empty() ? 0 : jobs_.back().watch.seconds(); }
    /// After a frame: the pictures that were asked for.
    void take_pictures(const ui::Window& window);
    bool wants_picture() const { return !pictures_.empty(); }

  private:
    /// What is answered when all jobs are done and the window has drawn them.
    struct Job {
        enum class Kind { Wait, Open, Picture, State };
        Kind kind;
        Script wait;
        RemoteReply reply;
        Stopwatch watch;
    };
    void handle(CommandContext& context, RemoteCall call);
    Status run_line(CommandContext& context, RemoteCall& call);
    Status open(CommandContext& context, RemoteCall& call);
    Status wait(Job::Kind kind, RemoteCall& call);
    void finish(CommandContext& context, Job job);

    Mailbox inbox_;
    std::vector<RemoteCall> calls_;  // taken from the inbox
    std::unique_ptr<RemoteServer> server_;
    std::vector<Job> jobs_;  // after the server: what is left says so on its way out
    std::vector<RemoteReply> pictures_;
};

}  // namespace headlight
