#include "base/memory_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace headlight {
namespace {

constexpr int kFullySealed = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

}  // namespace

Result<std::shared_ptr<MemoryFile>> MemoryFile::create(std::string name) {
    const int descriptor = ::memfd_create("headlight", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0)
        return fail(ErrorKind::OutOfMemory, "no memory for {}: {}", name, std::strerror(errno));
    return std::shared_ptr<MemoryFile>(new MemoryFile(descriptor, std::move(name)));
}

Result<std::shared_ptr<MemoryFile>> MemoryFile::adopt(int descriptor, std::string name,
                                                      std::uint64_t most_bytes) {
    std::shared_ptr<MemoryFile> file(new MemoryFile(descriptor, std::move(name)));
    const int seals = ::fcntl(descriptor, F_GET_SEALS);
    struct stat info {};
    if (seals < 0 || ::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
        return fail(ErrorKind::InvalidInput,
                    "the descriptor that came with {} is no shared memory; expected one of memfd_create()",
                    file->name());
    }
    if ((seals & kFullySealed) != kFullySealed) {
        return fail(ErrorKind::InvalidInput,
                    "the shared memory of {} can still be changed; seal it with F_SEAL_SHRINK, F_SEAL_GROW "
                    "and F_SEAL_WRITE before sending it",
                    file->name());
    }
    file->size_bytes_ = static_cast<std::uint64_t>(info.st_size);
    if (file->size_bytes_ == 0 || file->size_bytes_ > most_bytes) {
        return fail(ErrorKind::InvalidInput, "the shared memory of {} holds {} bytes; expected 1 to {}",
                    file->name(), file->size_bytes_, most_bytes);
    }
    return file;
}

MemoryFile::~MemoryFile() {
    ::close(descriptor_);
}

Status MemoryFile::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0)
            return fail(ErrorKind::OutOfMemory, "no memory for {} after {} bytes: {}", name_, size_bytes_,
                        std::strerror(errno));
        size_bytes_ += static_cast<std::uint64_t>(written);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Status MemoryFile::seal() {
    if (::fcntl(descriptor_, F_ADD_SEALS, kFullySealed) == 0) return {};
    return fail(ErrorKind::Internal, "cannot seal the memory of {}: {}", name_, std::strerror(errno));
}

std::string MemoryFile::path() const {
    return fmt::format("/proc/self/fd/{}", descriptor_);
}

}  // namespace headlight
