#include "cli/selftest/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include "base/mapped_file.h"

namespace headlight {
namespace {

constexpr std::size_t kMostErrorBytes = std::size_t{1} << 20;
constexpr auto kLookAgain = std::chrono::milliseconds(2);

Result<pid_t> start(const std::vector<std::string>& arguments, const std::string& work_dir,
                    const std::string& errors_path) {
    std::string program = "/proc/self/exe";
    std::vector<char> resolved(4096);
    const ssize_t length = readlink(program.c_str(), resolved.data(), resolved.size() - 1);
    if (length > 0) program.assign(resolved.data(), static_cast<std::size_t>(length));
    std::vector<std::string> words = {program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, work_dir.c_str());
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors_path.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t child = 0;
    const int problem = posix_spawn(&child, program.c_str(), &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (problem != 0)
        return fail(ErrorKind::Internal, "cannot start '{}': {}", program, std::strerror(problem));
    return child;
}

/// Most resident memory of a running process so far, in MB; 0 when it cannot be read. The usage that wait4
/// gives would count what this process held when it started the other.
double peak_of(pid_t child) {
    std::ifstream status("/proc/" + std::to_string(child) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("VmHWM:", 0) == 0) return std::strtod(line.c_str() + 6, nullptr) / 1024.0;
    }
    return 0;
}

}  // namespace

Result<ChildOutcome> run_self(const std::vector<std::string>& arguments, const std::string& work_dir,
                              std::chrono::seconds limit) {
    const std::string errors_path = work_dir + "/standard_error.txt";
    HEADLIGHT_TRY(const pid_t child, start(arguments, work_dir, errors_path));
    const auto deadline = std::chrono::steady_clock::now() + limit;
    ChildOutcome outcome;
    int status = 0;
    for (;;) {
        outcome.peak_mb = std::max(outcome.peak_mb, peak_of(child));
        const pid_t ended = waitpid(child, &status, outcome.timed_out ? 0 : WNOHANG);
        if (ended == child) break;
        if (ended < 0 && errno != EINTR)
            return fail(ErrorKind::Internal, "cannot wait for the process: {}", std::strerror(errno));
        if (!outcome.timed_out && std::chrono::steady_clock::now() > deadline) {
            outcome.timed_out = true;
            kill(child, SIGKILL);
            continue;
        }
        std::this_thread::sleep_for(kLookAgain);
    }
    if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
    HEADLIGHT_TRY(outcome.errors, read_text_file(errors_path, kMostErrorBytes));
    return outcome;
}

}  // namespace headlight
