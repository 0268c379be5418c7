// Commands from a file, one a line, run in step with a window's frames (or without a window).
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "session/command.h"

namespace headlight {

/// `wait` without a limit of its own.
inline constexpr std::chrono::duration<double> kLongestWait{600};
/// The limit that the arguments of `wait` set. Errors: InvalidInput.
Result<std::chrono::duration<double>> wait_limit(std::span<const std::string> arguments);

class Script {
  public:
    using Clock = std::chrono::steady_clock;

    /// Whether a command that fails is the last one.
    enum class AtError { End, GoOn };

    /// Parses all lines at once. `name` stands in messages. Errors: InvalidInput with the line number; none
    /// where the script goes on at errors: such a line then fails when its turn comes.
    static Result<Script> from_text(const std::string& text, const std::string& name,
                                    AtError at_error = AtError::End);
    /// Reads a file of at most 1 MiB. Call before the window opens, it waits for the disk. Errors: also
    /// Missing.
    static Result<Script> from_file(const std::string& path, AtError at_error = AtError::End);

    /// Call once per frame, after Session::pump(): runs the next command, unless `wait` is pending. `wait`
    /// ends when the session is idle, `is_settled` says that the window has nothing left to draw (textures,
    /// screenshots), and a whole frame was drawn in that state. Errors: the command's, with the line number,
    /// or that its limit has passed at `now`, with the job that it waited for; the script is then finished,
    /// unless it goes on at errors.
    Status step(CommandContext& context, bool is_settled = true, Clock::time_point now = Clock::now());

    bool is_finished() const { return next_ >= lines_.size() && !is_waiting_; }
    bool is_waiting() const { return is_waiting_; }
    /// 1-based number of the line that ran last, 0 before the first.
    int line_number() const { return line_number_; }

  private:
    Status end(Error error, int line);
    struct Line {
        int number = 0;  // 1-based, in the file
        Result<CommandCall> call;
    };
    std::string name_;
    AtError at_error_ = AtError::End;
    std::vector<Line> lines_;
    std::size_t next_ = 0;
    int line_number_ = 0;
    bool is_waiting_ = false;
    Clock::time_point wait_ends_;
    int num_idle_steps_ = 0;  // in a row
};

/// All commands with usage and help, one a line, for `--list-commands`.
std::string list_commands();

}  // namespace headlight
