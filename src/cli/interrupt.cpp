#include "cli/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

namespace headlight {
namespace {

// A handler may only do what is safe in a signal: it writes a byte, and a thread that waits for it asks for
// the stop.
int g_pipe[2] = {-1, -1};
volatile sig_atomic_t g_num_signals = 0;

extern "C" void headlight_on_signal(int) {
    g_num_signals = g_num_signals + 1;
    if (g_num_signals > 1) _exit(130);
    const char byte = 1;
    [[maybe_unused]] const ssize_t written = write(g_pipe[1], &byte, 1);
}

std::stop_source* install() {
    static std::stop_source source;
    if (pipe2(g_pipe, O_CLOEXEC) != 0) return &source;
    std::thread([] {
        char byte = 0;
        while (read(g_pipe[0], &byte, 1) < 0) {
        }
        source.request_stop();
    }).detach();
    struct sigaction action {};
    action.sa_handler = headlight_on_signal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    return &source;
}

}  // namespace

std::stop_token interrupt_token() {
    static std::stop_source* const source = install();
    return source->get_token();
}

void release_interrupt() {
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

}  // namespace headlight
