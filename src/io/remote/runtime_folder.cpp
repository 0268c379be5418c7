#include "io/remote/runtime_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "io/remote/unix_socket.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSocketBegin = "window-", kSocketEnd = ".sock";

std::string folder_name() {
    if (const char* runtime = std::getenv("XDG_RUNTIME_DIR"); runtime != nullptr && runtime[0] == '/')
        return std::string(runtime) + "/headlight";
    std::error_code code;
    const fs::path temporary = fs::temp_directory_path(code);
    return fmt::format("{}/headlight-{}", code ? "/tmp" : temporary.string(), ::geteuid());
}

/// A folder, no link, of this user, that nobody else may enter.
Status check_private(const std::string& folder) {
    struct stat info {};
    if (::lstat(folder.c_str(), &info) != 0)
        return fail(make_error(ErrorKind::Missing, "{}", std::strerror(errno)).in_file(folder));
    const bool is_private = S_ISDIR(info.st_mode) && info.st_uid == ::geteuid() && (info.st_mode & 077) == 0;
    if (is_private) return {};
    return fail(
        make_error(ErrorKind::Unsupported,
                   "the folder for the window's socket must be yours and closed to others (mode 0700); "
                   "remove it, or set XDG_RUNTIME_DIR")
            .in_file(folder));
}

/// Of "window-1234.sock"; 0 for other names.
pid_t process_of(const std::string& name) {
    const bool is_ours = name.size() > kSocketBegin.size() + kSocketEnd.size() &&
                         name.starts_with(kSocketBegin) && name.ends_with(kSocketEnd);
    if (!is_ours) return 0;
    pid_t process = 0;
    const char* const end = name.data() + name.size() - kSocketEnd.size();
    const auto [last, code] = std::from_chars(name.data() + kSocketBegin.size(), end, process);
    return code == std::errc() && last == end && process > 0 ? process : 0;
}

/// No process of that number, or one that does not listen there (numbers are used again).
bool is_left_behind(const std::string& path, pid_t process) {
    if (::kill(process, 0) != 0 && errno == ESRCH) return true;
    return process != ::getpid() && !is_listened_at(path);
}

}  // namespace

Result<std::string> runtime_folder() {
    const std::string folder = folder_name();
    if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        return fail(make_error(ErrorKind::Unsupported, "cannot make the folder for the window's socket: {}",
                               std::strerror(errno))
                        .in_file(folder));
    }
    HEADLIGHT_CHECK(check_private(folder));
    return folder;
}

Result<std::string> own_socket_path() {
    HEADLIGHT_TRY(const std::string folder, runtime_folder());
    return fmt::format("{}/{}{}{}", folder, kSocketBegin, ::getpid(), kSocketEnd);
}

std::vector<std::string> window_sockets() {
    const std::string folder = folder_name();
    std::vector<std::pair<fs::file_time_type, std::string>> found;
    std::error_code code;
    if (!check_private(folder)) return {};
    for (auto entry = fs::directory_iterator(folder, code); !code && entry != fs::directory_iterator();
         entry.increment(code)) {
        const std::string path = entry->path().string();
        const pid_t process = process_of(entry->path().filename().string());
        if (process == 0) continue;
        std::error_code problem;
        if (is_left_behind(path, process)) {
            fs::remove(path, problem);
        } else if (const auto time = fs::last_write_time(path, problem); !problem) {
            found.emplace_back(time, path);
        }
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> out;
    for (auto& [time, path] : found)
        out.push_back(std::move(path));
    return out;
}

Result<std::string> find_socket(const std::string& chosen) {
    if (!chosen.empty()) return chosen;
    if (const char* named = std::getenv("HEADLIGHT_SOCKET"); named != nullptr && *named != '\0')
        return std::string(named);
    const std::vector<std::string> sockets = window_sockets();
    if (!sockets.empty()) return sockets.front();
    return fail(
        make_error(
            ErrorKind::Missing,
            "no window runs that could be sent to; start one with 'headlight open', or name its socket "
            "with --socket or HEADLIGHT_SOCKET")
            .in_file(folder_name()));
}

}  // namespace headlight
