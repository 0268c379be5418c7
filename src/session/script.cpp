#include "session/script.h"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/text_file.h"

namespace headlight {
namespace {

constexpr std::size_t kMostScriptBytes = std::size_t{1} << 20;

Error at_line(Error error, const std::string& name, int number) {
    error.message = fmt::format("{}, line {}: {}", name, number, error.message);
    return error;
}

}  // namespace

Result<Script> Script::from_text(const std::string& text, const std::string& name, AtError at_error) {
    Script script;
    script.name_ = name;
    script.at_error_ = at_error;
    std::istringstream in(text);
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        auto call = parse_command(line);
        if (!call && at_error == AtError::End) return fail(at_line(std::move(call).error(), name, number));
        if (!call) {
            script.lines_.push_back({number, fail(std::move(call).error())});
        } else if (*call) {
            script.lines_.push_back({number, std::move(**call)});
        }
    }
    return script;
}

Result<Script> Script::from_file(const std::string& path, AtError at_error) {
    HEADLIGHT_TRY(const std::string text, read_text(path, kMostScriptBytes));
    return from_text(text, path, at_error);
}

Status Script::end(Error error, int line) {
    if (at_error_ == AtError::End) next_ = lines_.size();
    is_waiting_ = false;
    return fail(at_line(std::move(error), name_, line));
}

Status Script::step(CommandContext& context, bool is_settled, Clock::time_point now) {
    if (is_waiting_) {
        const bool is_idle = is_settled && !context.session.is_busy();
        num_idle_steps_ = is_idle ? num_idle_steps_ + 1 : 0;
        // Two idle steps in a row have one whole frame between them; its views may have asked for more work.
        if (num_idle_steps_ < 2) {
            if (now < wait_ends_ || is_idle) return {};
            const std::string job = context.session.busy_words();
            return end(make_error(ErrorKind::Cancelled, "wait: its time has passed, and this is not done: {}",
                                  job.empty() ? "drawing the window" : job),
                       line_number_);
        }
        is_waiting_ = false;
    }
    if (next_ >= lines_.size()) return {};
    const Line& line = lines_[next_++];
    line_number_ = line.number;
    num_idle_steps_ = 0;
    if (!line.call) return end(line.call.error(), line.number);
    if (Status status = run_command(context, *line.call); !status)
        return end(std::move(status).error(), line.number);
    if (line.call->id != "wait") return {};
    HEADLIGHT_TRY(const auto limit, wait_limit(line.call->arguments));
    is_waiting_ = true;
    wait_ends_ = now + std::chrono::duration_cast<Clock::duration>(limit);
    return {};
}

std::string list_commands() {
    std::size_t width = 0;
    for (const CommandDescriptor* command : commands())
        width = std::max(width, std::string_view(command->usage).size());
    std::string out;
    for (const CommandDescriptor* command : commands()) {
        const std::string keys = *command->shortcut ? fmt::format(" [{}]", command->shortcut) : std::string();
        out += fmt::format("{:<{}}  {}{}\n", command->usage, width, command->help, keys);
    }
    return out;
}

}  // namespace headlight
