// The one binary: parses the command line and runs a subcommand. Results go to stdout, everything else to
// stderr.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <clocale>
#include <cstdio>
#include <exception>

#include "base/guard.h"
#include "base/log.h"
#include "base/measure/start_log.h"
#include "cli/subcommand.h"
#include "core/engine.h"

namespace headlight {

int report_error(const Error& error) {
    if (error.kind == ErrorKind::Cancelled) {
        std::fputs("error: stopped\n", stderr);
        return 1;
    }
    if (!error.message.empty()) std::fprintf(stderr, "error: %s\n", error.to_string().c_str());
    return error.kind == ErrorKind::InvalidInput ? 2 : 1;
}

namespace {

Status run_translated(const std::function<Status()>& run) {
    return translate_exceptions({"this", {}, "try a shorter text or a smaller model"}, run);
}

int wrong_use(const CLI::App& app, const CLI::ParseError& error, const char* first_word) {
    std::string message = error.what();
    // The parser only says that a command is missing; people want to read which word it did not know.
    if (app.get_subcommands().empty() && first_word != nullptr && *first_word != '-') {
        message = fmt::format("there is no command '{}'", first_word);
    }
    if (const auto end = message.find_last_not_of("\n "); end != std::string::npos) message.erase(end + 1);
    std::fprintf(stderr, "error: %s\n", message.c_str());
    std::string command = "headlight";
    for (const CLI::App* sub : app.get_subcommands())
        command += " " + sub->get_name();
    std::fprintf(stderr, "  %s --help shows the options\n", command.c_str());
    return 2;
}

/// A file that is opened must not get the number of a closed standard stream: reports would be printed into
/// it. What stands there then refuses what the stream is for, so that the missing output is no success.
void occupy_closed_streams() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(descriptor, F_GETFD) < 0)
            ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int run(int argc, char** argv) {
    CLI::App app;
    log::configure(1);
    const auto runners = add_command_line(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const char* first_word = argc > 1 ? argv[1] : nullptr;
        return error.get_exit_code() == 0 ? app.exit(error) : wrong_use(app, error, first_word);
    }
    for (const auto& [sub, runner] : runners) {
        if (!sub->parsed()) continue;
        const Status status = run_translated(runner);
        return status ? 0 : report_error(status.error());
    }
    return 2;
}

}  // namespace
}  // namespace headlight

int main(int argc, char** argv) {
    headlight::note_start("the program is loaded");
    headlight::occupy_closed_streams();
    headlight::prepare_process();
    std::setlocale(LC_CTYPE, "");
    int code = 1;
    try {
        code = headlight::run(argc, argv);
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "error: %s\n", exception.what());
    }
    // What failed in the middle is remembered; the last flush may have nothing left to do.
    const bool was_written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    if (!was_written) {
        std::fputs("error: cannot write the results to standard output\n", stderr);
        if (code == 0) code = 1;
    }
    std::fflush(stderr);
    // Unloading the engine's libraries takes longer than some commands; the system takes the memory back at
    // once.
    std::_Exit(code);
}
