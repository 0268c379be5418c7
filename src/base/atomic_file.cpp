#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/mapped_file.h"
#include "base/temporary_files.h"

namespace headlight {
namespace {

namespace fs = std::filesystem;

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

/// The descriptor of this process that a name stands for: "/dev/stdout", "/dev/fd/3".
std::optional<int> own_descriptor(std::string_view path) {
    if (path == "/dev/stdout") return STDOUT_FILENO;
    if (path == "/dev/stderr") return STDERR_FILENO;
    for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
        if (!path.starts_with(folder)) continue;
        const std::string_view number = path.substr(folder.size());
        int descriptor = -1;
        const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), descriptor);
        if (problem == std::errc() && end == number.data() + number.size()) return descriptor;
    }
    return std::nullopt;
}

/// A pipe, a terminal, a disk, a socket, what is open already: what comes in is taken as it comes, and
/// nothing can be renamed over it.
bool takes_bytes_as_they_come(const std::string& path) {
    struct stat info {};
    return own_descriptor(path) ||
           (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode));
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
    if (const auto own = own_descriptor(path)) {
        std::fflush(nullptr);  // what was printed before comes before
        return write_all(*own, bytes, path);
    }
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (descriptor < 0) return fail(system_error("open", path));
    Status status = write_all(descriptor, bytes, path);
    if (::close(descriptor) != 0 && status) status = fail(system_error("write", path));
    return status;
}

Status copy_through(const std::string& from, const std::string& path) {
    HEADLIGHT_TRY(const auto made, MappedFile::open(from));
    return write_through(path, {reinterpret_cast<const char*>(made->bytes().data()), made->size_bytes()});
}

/// An empty file with the owner and the permissions of the one that it will replace, before a byte is in it.
/// Where its group cannot be had, that group may do no more than everybody.
Status create_like(const std::optional<struct stat>& old, const std::string& temporary) {
    const int descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, old ? 0600 : 0666);
    if (descriptor < 0) return fail(system_error("create", temporary));
    if (old) {
        mode_t mode = old->st_mode & 0777;
        const bool has_group = ::fchown(descriptor, old->st_uid, old->st_gid) == 0 ||
                               ::fchown(descriptor, static_cast<uid_t>(-1), old->st_gid) == 0;
        if (!has_group) mode = (mode & ~static_cast<mode_t>(S_IRWXG)) | (mode & ((mode & S_IRWXO) << 3));
        ::fchmod(descriptor, mode);
    }
    ::close(descriptor);
    return {};
}

/// A whole file first, then all of it: some writers go back to the beginning.
Status write_through(const std::string& path, const std::function<Status(const std::string&)>& write) {
    std::error_code code;
    const fs::path folder = fs::temp_directory_path(code);
    remove_stale_temporaries(folder.string());
    const std::string temporary = temporary_name((folder / "headlight").string());
    Status status = create_like(std::nullopt, temporary);
    if (status) status = write(temporary);
    if (status) status = copy_through(temporary, path);
    ::unlink(temporary.c_str());
    return status;
}

Status put_in_place(const std::string& temporary, const std::string& path) {
    if (::rename(temporary.c_str(), path.c_str()) == 0) return {};
    if (errno != EBUSY) return fail(system_error("rename into", path));
    // A single file that is mounted (into a container) can be written, but not replaced.
    Status status = copy_through(temporary, path);
    if (status) ::unlink(temporary.c_str());
    return status;
}

}  // namespace

Status write_file_atomic(const std::string& name, const std::function<Status(const std::string&)>& write) {
    if (takes_bytes_as_they_come(name)) return write_through(name, write);
    const std::string path = end_of_links(name);
    std::error_code code;
    const auto folder = fs::path(path).parent_path();
    if (!folder.empty()) fs::create_directories(folder, code);
    remove_stale_temporaries(folder.string());
    struct stat info {};
    const bool is_there = ::stat(path.c_str(), &info) == 0;
    if (is_there && ::access(path.c_str(), W_OK) != 0) return fail(system_error("write", path));
    const std::string temporary = temporary_name(path);
    Status status = create_like(is_there ? std::optional(info) : std::nullopt, temporary);
    if (status) status = write(temporary);
    if (status) status = put_in_place(temporary, path);
    if (!status) ::unlink(temporary.c_str());
    return status;
}

Status write_file_atomic(const std::string& path, std::string_view bytes) {
    if (takes_bytes_as_they_come(path)) return write_through(path, bytes);
    return write_file_atomic(path, [&](const std::string& temporary) -> Status {
        const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
        if (descriptor < 0) return fail(system_error("create", path));
        Status status = write_all(descriptor, bytes, path);
        if (status && ::fsync(descriptor) != 0) status = fail(system_error("sync", path));
        ::close(descriptor);
        return status;
    });
}

}  // namespace headlight
