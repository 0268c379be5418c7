#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace headlight {

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
    std::shared_ptr<MappedFile> file(new MappedFile);
    file->path_ = path;
    file->descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file->descriptor_ < 0) {
        return fail(make_error(ErrorKind::Missing, "cannot open the file: {}", std::strerror(errno)).in_file(path));
    }
    struct stat info {};
    if (::fstat(file->descriptor_, &info) != 0 || !S_ISREG(info.st_mode)) {
        return fail(make_error(ErrorKind::Unsupported, "expected a regular file").in_file(path));
    }
    if (info.st_size == 0) {
        return fail(make_error(ErrorKind::Corrupt, "the file is empty (0 bytes)").in_file(path));
    }
    file->size_bytes_ = static_cast<std::size_t>(info.st_size);
    void* data = ::mmap(nullptr, file->size_bytes_, PROT_READ, MAP_PRIVATE, file->descriptor_, 0);
    if (data == MAP_FAILED) {
        return fail(make_error(ErrorKind::OutOfMemory, "cannot map {} bytes: {}", file->size_bytes_,
                               std::strerror(errno))
                        .in_file(path));
    }
    file->data_ = static_cast<const std::byte*>(data);
    return std::shared_ptr<const MappedFile>(std::move(file));
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_bytes_);
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    struct stat info {};
    if (!in || ::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return fail(make_error(ErrorKind::Missing, "cannot read the file").in_file(path));
    }
    const auto size = static_cast<std::size_t>(in.tellg());
    if (size > max_bytes) {
        return fail(make_error(ErrorKind::InvalidInput, "the file has {} bytes, at most {} are read", size, max_bytes)
                        .in_file(path));
    }
    std::string text(size, '\0');
    in.seekg(0);
    in.read(text.data(), static_cast<std::streamsize>(size));
    if (!in) return fail(make_error(ErrorKind::Corrupt, "the file ended early").in_file(path));
    return text;
}

}  // namespace headlight
