#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "cli/subcommand.h"
#include "cli/terminal.h"
#include "io/remote/remote_client.h"
#include "io/remote/runtime_folder.h"

namespace headlight {
namespace {

struct SendOptions {
    std::string file, name, axes, socket_path, picture;
    std::vector<std::string> commands;
    bool wants_state = false, lists_windows = false;
};

Result<std::shared_ptr<MemoryFile>> read_into_memory(const std::string& path, const std::string& name) {
    HEADLIGHT_TRY(const auto file, MappedFile::open(path));
    HEADLIGHT_TRY(auto memory, MemoryFile::create(name));
    HEADLIGHT_CHECK(memory->append(file->bytes()));
    HEADLIGHT_CHECK(file->check_unchanged());
    HEADLIGHT_CHECK(memory->seal());
    return memory;
}

Status send_file(RemoteClient& window, const SendOptions& options) {
    std::error_code code;
    if (std::filesystem::is_directory(options.file, code)) {
        return fail(
            make_error(ErrorKind::InvalidInput,
                       "a folder cannot be sent; a window on this machine opens it: --command 'open PATH'")
                .in_file(options.file));
    }
    const std::string name =
        options.name.empty() ? std::filesystem::path(options.file).filename().string() : options.name;
    HEADLIGHT_TRY(const auto memory, read_into_memory(options.file, name));
    HEADLIGHT_TRY(const RemoteMessage answer,
                  window.ask({{"message", "open"}, {"name", name}, {"axes", options.axes}}, memory.get()));
    say(fmt::format("{} is shown", text_of(answer.header, "model").value_or(name)));
    return {};
}

Status save_picture(RemoteClient& window, const std::string& path) {
    HEADLIGHT_TRY(const RemoteMessage answer, window.ask({{"message", "screenshot"}}));
    if (!answer.payload) return fail(ErrorKind::Internal, "the window sent no picture");
    HEADLIGHT_TRY(const std::string bytes, read_text_file(answer.payload->path()));
    return write_file_atomic(path, bytes);
}

Status print_state(RemoteClient& window) {
    HEADLIGHT_TRY(const RemoteMessage answer, window.ask({{"message", "state"}}));
    nlohmann::json state = answer.header;
    state.erase("ok");
    std::printf("%s\n", state.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return {};
}

Status send(const SendOptions& options) {
    if (options.lists_windows) {
        for (const std::string& path : window_sockets())
            std::printf("%s\n", path.c_str());
        return {};
    }
    const bool is_idle =
        options.file.empty() && options.commands.empty() && options.picture.empty() && !options.wants_state;
    if (is_idle) {
        return fail(ErrorKind::InvalidInput,
                    "there is nothing to send; name a FILE, a --command, --screenshot or --state");
    }
    HEADLIGHT_TRY(const std::string path, find_socket(options.socket_path));
    HEADLIGHT_TRY(RemoteClient window,
                  RemoteClient::connect(path, std::string("headlight send ") + headlight_version()));
    if (!options.file.empty()) HEADLIGHT_CHECK(send_file(window, options));
    for (const std::string& line : options.commands)
        HEADLIGHT_CHECK(window.ask({{"message", "command"}, {"line", line}}));
    if (!options.picture.empty()) HEADLIGHT_CHECK(save_picture(window, options.picture));
    return options.wants_state ? print_state(window) : Status();
}

std::function<Status()> add(CLI::App& app) {
    const auto options = std::make_shared<SendOptions>();
    app.add_option("FILE", options->file,
                   "Attention that the window shows: .safetensors, .npz, .npy, .pt, .json")
        ->check(CLI::ExistingPath);
    app.add_option("--command", options->commands,
                   "A line as the palette or a script takes it, after FILE; may be given several times")
        ->take_all()
        ->expected(1)
        ->allow_extra_args(false);
    app.add_option("--screenshot", options->picture, "Save the window as PNG when it has drawn all that");
    app.add_flag("--state", options->wants_state, "Print what the window shows then, as JSON");
    app.add_option("--name", options->name, "What the window calls FILE (its name)");
    app.add_option("--axes", options->axes,
                   "Axes of the arrays in FILE where they are ambiguous: a letter each of l, h, q, k, b");
    app.add_option("--socket", options->socket_path,
                   "Socket of the window (HEADLIGHT_SOCKET, else that of the newest window)");
    app.add_flag("--list", options->lists_windows, "Print the sockets of all windows, newest first");
    return [options] { return send(*options); };
}

}  // namespace

extern const SubcommandDescriptor k_subcommand_send = {
    "send", "Sends attention or commands to a running window",
    "  headlight send attention.npz\n"
    "  headlight send --command 'text \"The cat sat\"' --command 'select 3 2' --screenshot cat.png\n"
    "  headlight send attention.npz --socket /tmp/forwarded.sock\n"
    "  headlight send --state",
    add};

}  // namespace headlight
