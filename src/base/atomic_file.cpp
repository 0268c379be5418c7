#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/mapped_file.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

std::string temporary_name(const std::string& path) {
    static std::atomic<unsigned> counter{0};
    return fmt::format("{}.tmp-{}-{}", path, ::getpid(), counter++);
}

Error system_error(const char* what, const std::string& path) {
    return make_error(ErrorKind::Internal, "cannot {}: {}", what, std::strerror(errno)).in_file(path);
}

Status write_all(int descriptor, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(system_error("write", path));
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

constexpr int kMostLinks = 40;

/// A pipe, a terminal, a socket: what comes in is taken as it comes, and nothing can be renamed over it.
bool takes_bytes_as_they_come(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 &&
           (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode) || S_ISSOCK(info.st_mode));
}

/// The file that a link leads to, whether it is there yet or not.
std::string end_of_links(const std::string& path) {
    fs::path at(path);
    std::error_code code;
    for (int i = 0; i < kMostLinks && fs::is_symlink(at, code); ++i) {
        const fs::path next = fs::read_symlink(at, code);
        if (code) return path;
        at = next.is_absolute() ? next : at.parent_path() / next;
    }
    return at.string();
}

Status write_through(const std::string& path, std::string_view bytes) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return fail(system_error("open", path));
    Status status = write_all(descriptor, bytes, path);
    if (::close(descriptor) != 0 && status) status = fail(system_error("write", path));
    return status;
}

/// A whole file first, then all of it: some writers go back to the beginning.
Status write_through(const std::string& path, const std::function<Status(const std::string&)>& write) {
    std::error_code code;
    const std::string temporary = temporary_name((fs::temp_directory_path(code) / "headlight").string());
    Status status = write(temporary);
    if (status) {
        const auto made = MappedFile::open(temporary);
        status = made ? write_through(path, {reinterpret_cast<const char*>((*made)->bytes().data()),
                                             (*made)->size_bytes()})
                      : Status(fail(made.error()));
    }
    ::unlink(temporary.c_str());
    return status;
}

}  // namespace

Status write_file_atomic(const std::string& name, const std::function<Status(const std::string&)>& write) {
    if (takes_bytes_as_they_come(name)) return write_through(name, write);
    const std::string path = end_of_links(name);
    std::error_code code;
    const auto folder = fs::path(path).parent_path();
    if (!folder.empty()) fs::create_directories(folder, code);
    const std::string temporary = temporary_name(path);
    Status status = write(temporary);
    if (status && ::rename(temporary.c_str(), path.c_str()) != 0)
        status = fail(system_error("rename into", path));
    if (!status) ::unlink(temporary.c_str());
    return status;
}

Status write_file_atomic(const std::string& path, std::string_view bytes) {
    if (takes_bytes_as_they_come(path)) return write_through(path, bytes);
    return write_file_atomic(path, [&](const std::string& temporary) -> Status {
        const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (descriptor < 0) return fail(system_error("create", path));
        Status status = write_all(descriptor, bytes, path);
        if (status && ::fsync(descriptor) != 0) status = fail(system_error("sync", path));
        ::close(descriptor);
        return status;
    });
}

}  // namespace headlight
