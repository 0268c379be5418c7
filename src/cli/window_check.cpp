#include "cli/window_check.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "cli/window.h"

extern char** environ;

namespace headlight {
namespace {

constexpr auto kMostTime = std::chrono::seconds(60);

/// Exit code of this program run with these arguments; -1 when it was killed or took too long.
int run_self(const std::vector<std::string>& arguments) {
    std::vector<char*> argv;
    std::string name = "headlight";
    argv.push_back(name.data());
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    pid_t child = 0;
    if (posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, argv.data(), environ) != 0) return -1;
    const auto deadline = std::chrono::steady_clock::now() + kMostTime;
    for (int status = 0;;) {
        const pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if (ended < 0) return -1;
        if (std::chrono::steady_clock::now() > deadline) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

}  // namespace

CheckOutcome check_window() {
    using State = CheckOutcome::State;
    if (!is_window_built()) return {State::Skipped, "this program was built without the window"};
    const bool has_display = std::getenv("DISPLAY") != nullptr || std::getenv("WAYLAND_DISPLAY") != nullptr;
    if (!has_display) return {State::Skipped, "no display (DISPLAY and WAYLAND_DISPLAY are not set)"};
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("headlight-window-{}", getpid());
    const std::string script = (folder / "script.txt").string(), picture = (folder / "window.png").string();
    if (const Status written = write_file_atomic(script, "wait\nscreenshot \"" + picture + "\"\nquit\n");
        !written) {
        return {State::Failed, written.error().message};
    }
    const int code = run_self({"open", "--hidden", "--size", "960x600", "--script", script});
    std::error_code error;
    const auto size = std::filesystem::file_size(picture, error);
    const bool has_picture = !error && size > 0;
    std::filesystem::remove_all(folder, error);
    if (code == 0 && has_picture) return {State::Good, "a hidden window drew the demo and wrote its picture"};
    return {State::Failed, fmt::format("a hidden window ended with code {}{}", code,
                                       has_picture ? "" : ", without a picture")};
}

}  // namespace headlight
