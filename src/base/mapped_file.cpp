#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace headlight {

namespace {

/// A pipe, socket or device in words; null for files and folders.
const char* special_kind(mode_t mode) {
    if (S_ISFIFO(mode)) return "a named pipe (FIFO)";
    if (S_ISSOCK(mode)) return "a socket";
    return S_ISCHR(mode) || S_ISBLK(mode) ? "a device" : nullptr;
}

struct RegularFile {
    int descriptor = -1;
    std::size_t size_bytes = 0;
    std::int64_t modified_ns = 0;
};

std::int64_t modified_ns(const struct stat& info) {
    return std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
}

/// Never waits: a pipe is opened without a writer, and then refused.
Result<RegularFile> open_regular(const std::string& path) {
    HEADLIGHT_CHECK(check_not_special(path));
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        return fail(
            make_error(ErrorKind::Missing, "cannot open the file: {}", std::strerror(errno)).in_file(path));
    }
    struct stat info {};
    if (::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode))
        return RegularFile{descriptor, static_cast<std::size_t>(info.st_size), modified_ns(info)};
    ::close(descriptor);
    return fail(make_error(ErrorKind::Unsupported, "expected a regular file").in_file(path));
}

/// Fills `to` from the beginning of the file; the bytes that were there.
std::size_t read_up_to(int descriptor, std::span<char> to) {
    std::size_t count = 0;
    while (count < to.size()) {
        const ssize_t got = ::read(descriptor, to.data() + count, to.size() - count);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        count += static_cast<std::size_t>(got);
    }
    return count;
}

}  // namespace

Status check_not_special(const std::string& path) {
    struct stat info {};
    const char* kind = ::stat(path.c_str(), &info) == 0 ? special_kind(info.st_mode) : nullptr;
    if (kind == nullptr) return {};
    return fail(
        make_error(ErrorKind::Unsupported,
                   "expected a file or folder, found {}; write what comes out of it to a file and name that",
                   kind)
            .in_file(path));
}

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
    std::shared_ptr<MappedFile> file(new MappedFile);
    file->path_ = path;
    HEADLIGHT_TRY(const RegularFile opened, open_regular(path));
    file->descriptor_ = opened.descriptor;
    if (opened.size_bytes == 0) {
        return fail(make_error(ErrorKind::Corrupt, "the file is empty (0 bytes)").in_file(path));
    }
    file->size_bytes_ = opened.size_bytes;
    file->modified_ns_ = opened.modified_ns;
    void* data = ::mmap(nullptr, file->size_bytes_, PROT_READ, MAP_PRIVATE, file->descriptor_, 0);
    if (data == MAP_FAILED) {
        return fail(make_error(ErrorKind::OutOfMemory, "cannot map {} bytes: {}", file->size_bytes_,
                               std::strerror(errno))
                        .in_file(path));
    }
    file->data_ = static_cast<const std::byte*>(data);
    file->guard_.emplace(data, file->size_bytes_);
    return std::shared_ptr<const MappedFile>(std::move(file));
}

Status MappedFile::check_unchanged() const {
    struct stat now {};
    const bool is_known = ::fstat(descriptor_, &now) == 0;
    const auto size_now = static_cast<std::size_t>(now.st_size);
    std::string what;
    if (is_known && size_now < size_bytes_)
        what = fmt::format("became shorter while it was open: {} bytes, now {}", size_bytes_, size_now);
    else if (is_known && (size_now != size_bytes_ || modified_ns(now) != modified_ns_))
        what = "was written to while it was open";
    else if (!is_known || guard_->is_damaged())
        what = "could not be read to its end: the disk or the network did not give it";
    else
        return {};
    return fail(
        make_error(ErrorKind::Corrupt,
                   "the file {}. Nothing that was read from it is shown; open it again when it is whole",
                   what)
            .in_file(path_));
}

namespace {

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22  // Linux 5.14; older headers lack the name, older systems say EINVAL
#endif

/// [begin, end) are whole pages of a mapping. Old systems fetch a page when it is touched.
void fetch_pages(std::uintptr_t begin, std::uintptr_t end, std::uintptr_t page_bytes) {
    while (::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_READ) != 0) {
        if (errno == EINTR || errno == EAGAIN) continue;
        if (errno != EINVAL)
            return;  // the file became shorter, or its disk is gone: check_unchanged() says it
        for (; begin < end; begin += page_bytes)
            static_cast<void>(*reinterpret_cast<const volatile char*>(begin));
        return;
    }
}

}  // namespace

void MappedFile::populate(std::span<const std::byte> part,
                          const std::function<bool(std::size_t)>& go_on) const {
    constexpr std::uintptr_t kStepBytes = std::uintptr_t{4} << 20;  // others that map memory wait for a step
    if (part.empty()) return;
    const auto page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto begin = reinterpret_cast<std::uintptr_t>(part.data()), end = begin + part.size();
    for (std::uintptr_t at = begin; at < end;) {
        const std::uintptr_t next = std::min(end, (at / kStepBytes + 1) * kStepBytes);
        fetch_pages(at / page_bytes * page_bytes, (next + page_bytes - 1) / page_bytes * page_bytes,
                    page_bytes);
        if (!go_on(next - at)) return;
        at = next;
    }
}

MappedFile::~MappedFile() {
    guard_.reset();
    if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_bytes_);
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes) {
    HEADLIGHT_TRY(const RegularFile file, open_regular(path));
    const bool fits = file.size_bytes <= max_bytes;
    std::string text(fits ? file.size_bytes : 0, '\0');
    const std::size_t count = read_up_to(file.descriptor, text);
    ::close(file.descriptor);
    if (!fits) {
        return fail(make_error(ErrorKind::InvalidInput, "the file has {} bytes, at most {} are read",
                               file.size_bytes, max_bytes)
                        .in_file(path));
    }
    if (count < text.size())
        return fail(make_error(ErrorKind::Corrupt, "the file ended early").in_file(path));
    return text;
}

std::string first_bytes(const std::string& path, std::size_t count) {
    const auto file = open_regular(path);
    if (!file) return {};
    std::string bytes(std::min(count, file->size_bytes), '\0');
    bytes.resize(read_up_to(file->descriptor, bytes));
    ::close(file->descriptor);
    return bytes;
}

}  // namespace headlight
