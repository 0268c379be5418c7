#include "cli/bench/reference_process.h"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace headlight {
namespace {

constexpr std::size_t kLongestAnswer = std::size_t{1} << 20;
constexpr long kLastWords = 400;  // bytes

bool send_all(int socket, const std::string& text) {
    for (std::size_t sent = 0; sent < text.size();) {
        const ssize_t now = send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (now < 0 && errno != EINTR) return false;
        if (now > 0) sent += static_cast<std::size_t>(now);
    }
    return true;
}

}  // namespace

Result<std::unique_ptr<ReferenceProcess>> ReferenceProcess::start(const std::string& python,
                                                                  const char* script,
                                                                  const std::vector<std::string>& arguments,
                                                                  const std::string& needs) {
    std::unique_ptr<ReferenceProcess> process(
        new ReferenceProcess(python, needs, File(std::tmpfile(), std::fclose)));
    std::array<int, 2> ends{};
    if (!process->words_ || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return fail(ErrorKind::Internal, "cannot talk to '{}': {}", python, std::strerror(errno));
    process->line_ = ends[0];
    std::vector<std::string> words = {python, "-c", script};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(process->words_.get()), STDERR_FILENO);
    const int problem =
        posix_spawnp(&process->child_, python.c_str(), &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (problem == 0) return process;
    process->child_ = -1;
    return fail(ErrorKind::Unsupported, "cannot run '{}': {}", python, std::strerror(problem));
}

ReferenceProcess::~ReferenceProcess() {
    if (line_ >= 0) close(line_);
    if (child_ < 0) return;
    kill(child_, SIGKILL);  // it holds nothing that would have to be written
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

Result<std::string> ReferenceProcess::ask(const std::string& line) {
    std::array<char, 4096> buffer{};
    bool is_alive = send_all(line_, line + "\n");
    while (is_alive) {
        const std::size_t end = unread_.find('\n');
        if (end != std::string::npos) {
            std::string answer = unread_.substr(0, end);
            unread_.erase(0, end + 1);
            return answer;
        }
        const ssize_t got = recv(line_, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        is_alive = got > 0 && unread_.size() < kLongestAnswer;
        if (got > 0) unread_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return fail(ErrorKind::Unsupported, "'{}' could not measure the reference (it needs {}): {}", python_,
                needs_, last_words());
}

std::string ReferenceProcess::last_words() const {
    std::fseek(words_.get(), 0, SEEK_END);
    const long size = std::ftell(words_.get());
    std::fseek(words_.get(), size > kLastWords ? -kLastWords : -size, SEEK_END);
    std::string words(kLastWords, '\0');
    words.resize(std::fread(words.data(), 1, words.size(), words_.get()));
    while (!words.empty() && words.back() == '\n')
        words.pop_back();
    return words;
}

}  // namespace headlight
