#include "base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace headlight {
namespace {

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

}  // namespace

Status write_file_atomic(const std::string& path, const std::function<Status(const std::string&)>& write) {
    std::error_code code;
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, code);
    const std::string temporary = temporary_name(path);
    Status status = write(temporary);
    if (status && ::rename(temporary.c_str(), path.c_str()) != 0) status = fail(system_error("rename into", path));
    if (!status) ::unlink(temporary.c_str());
    return status;
}

Status write_file_atomic(const std::string& path, std::string_view bytes) {
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
