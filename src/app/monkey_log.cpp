// The monkey's log, and what a fatal signal prints.
#include "app/monkey_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace headlight {
namespace {

// Fixed memory, so that the handler needs no lock and no heap.
constexpr std::size_t kKeptSteps = 40, kMostStepBytes = 240;
std::array<std::array<char, kMostStepBytes + 1>, kKeptSteps> g_steps{};
std::atomic<std::size_t> g_num_steps{0};
std::array<char, 1024> g_heading{};

struct CaughtSignal {
    int number;
    const char* words;
    struct sigaction before;
};
std::array g_caught{CaughtSignal{SIGSEGV, "a fault in memory (SIGSEGV)", {}},
                    CaughtSignal{SIGABRT, "abort (SIGABRT)", {}},
                    CaughtSignal{SIGFPE, "an arithmetic fault (SIGFPE)", {}},
                    CaughtSignal{SIGILL, "a bad instruction (SIGILL)", {}},
                    CaughtSignal{SIGBUS, "a fault in memory (SIGBUS)", {}},
                    CaughtSignal{SIGALRM, "a step that did not end (SIGALRM)", {}}};

void say(const char* words) {
    const std::size_t size = std::strlen(words);
    for (std::size_t done = 0; done < size;) {
        const ssize_t count = write(STDERR_FILENO, words + done, size - done);
        if (count <= 0) return;
        done += static_cast<std::size_t>(count);
    }
}

/// Returns into the fault, which the handler from before then meets (or the system, which ends the program).
extern "C" void on_fatal_signal(int number) {
    say("\nmonkey: ended by ");
    for (CaughtSignal& caught : g_caught) {
        if (caught.number == number) say(caught.words);
        sigaction(caught.number, &caught.before, nullptr);
    }
    say(g_heading.data());
    const std::size_t count = g_num_steps;
    for (std::size_t i = count > kKeptSteps ? count - kKeptSteps : 0; i < count; ++i) {
        say(g_steps[i % kKeptSteps].data());
        say("\n");
    }
    if (number == SIGALRM) std::abort();
}

void catch_signals() {
    // A stack of its own: the usual one may be what overflowed. A sanitizer has one already.
    static std::array<char, 64 * 1024> stack;
    stack_t now{};
    if (sigaltstack(nullptr, &now) == 0 && (now.ss_flags & SS_DISABLE) != 0) {
        now = {};
        now.ss_sp = stack.data();
        now.ss_size = stack.size();
        sigaltstack(&now, nullptr);
    }
    for (CaughtSignal& caught : g_caught) {
        struct sigaction action = {};
        sigaction(caught.number, nullptr, &action);
        if (action.sa_handler == on_fatal_signal)
            continue;  // from an earlier log: not its own handler from before
        action = {};
        action.sa_handler = on_fatal_signal;
        action.sa_flags = SA_ONSTACK;
        sigaction(caught.number, &action, &caught.before);
        // Who handles faults of mapped files must get them first, and hands on what is not theirs.
        const bool is_handled = caught.before.sa_handler != SIG_DFL && caught.before.sa_handler != SIG_IGN;
        if (caught.number == SIGBUS && is_handled) sigaction(SIGBUS, &caught.before, nullptr);
    }
}

}  // namespace

Result<MonkeyLog> MonkeyLog::open(const std::string& path, std::uint64_t seed) {
    MonkeyLog log;
    log.file_.reset(std::fopen(path.c_str(), "w"));
    if (!log.file_) {
        return fail(
            make_error(ErrorKind::Internal, "writing the monkey's log failed: {}", std::strerror(errno))
                .in_file(path));
    }
    std::setvbuf(log.file_.get(), nullptr, _IOLBF, 4096);
    const auto end = fmt::format_to_n(
        g_heading.data(), g_heading.size() - 1,
        "\nmonkey: seed {}, all steps are in {}\nmonkey: the last steps were:\n", seed, path);
    *end.out = '\0';
    g_num_steps = 0;
    catch_signals();
    return log;
}

void MonkeyLog::note(const std::string& line) {
    std::fputs((line + "\n").c_str(), file_.get());
}

void MonkeyLog::step(const std::string& line) {
    note(line);
    auto& kept = g_steps[g_num_steps % kKeptSteps];
    const std::size_t size = std::min(line.size(), kMostStepBytes);
    std::copy_n(line.data(), size, kept.data());
    kept[size] = '\0';
    ++g_num_steps;
}

std::string MonkeyLog::last_steps() {
    std::string out;
    const std::size_t count = g_num_steps;
    for (std::size_t i = count > kKeptSteps ? count - kKeptSteps : 0; i < count; ++i)
        out += std::string(g_steps[i % kKeptSteps].data()) + "\n";
    return out;
}

void MonkeyLog::expect_within(unsigned seconds) {
    alarm(seconds);
}

}  // namespace headlight
