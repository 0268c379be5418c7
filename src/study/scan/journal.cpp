#include "study/scan/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/atomic_file.h"
#include "study/scan/bytes.h"
#include "study/scan/random.h"

namespace headlight {
namespace {

constexpr std::string_view kMagic = "HLSCAN1\n";
constexpr std::uint32_t kMostHeaderBytes = 64u << 20, kMostRecordBytes = 1u << 30;

/// Length, checksum, bytes.
std::string framed(std::string_view payload) {
    ByteWriter out;
    out.put(static_cast<std::uint32_t>(payload.size()));
    out.put(hash_bytes(payload));
    return out.take() + std::string(payload);
}
constexpr std::uint64_t kFrameBytes = 12;

/// The next framed payload; false at the end or where it is not whole.
bool read_frame(std::istream& in, std::uint64_t num_left, std::uint32_t most, std::string& payload) {
    char head[kFrameBytes];
    if (num_left < kFrameBytes || !in.read(head, kFrameBytes)) return false;
    ByteReader reader({head, sizeof head});
    const auto size = reader.get<std::uint32_t>();
    const auto checksum = reader.get<std::uint64_t>();
    if (size > most || size > num_left - kFrameBytes) return false;
    payload.resize(size);
    if (!in.read(payload.data(), size)) return false;
    return hash_bytes(payload) == checksum;
}

tl::unexpected<Error> system_failure(const char* what, const std::string& path) {
    return fail(make_error(ErrorKind::Internal, "the journal cannot be {}: {}", what, std::strerror(errno))
                    .in_file(path));
}

Status write_all(int descriptor, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return system_failure("written", path);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::fdatasync(descriptor) != 0 && errno != EINVAL) return system_failure("written to the disk", path);
    return {};
}

}  // namespace

std::string journal_name(int shard, int num_shards) {
    return fmt::format("journal-{}-of-{}.bin", shard, num_shards);
}

std::vector<std::string> find_journals(const std::string& folder) {
    std::vector<std::string> found;
    std::error_code problem;
    for (auto entry = std::filesystem::directory_iterator(folder, problem);
         !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with("journal-") && name.ends_with(".bin")) found.push_back(entry->path().string());
    }
    std::sort(found.begin(), found.end());
    return found;
}

Result<JournalContents> read_journal(const std::string& path,
                                     const std::function<Status(std::string_view record)>& on_record) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) return fail(make_error(ErrorKind::Missing, "the journal cannot be read").in_file(path));
    JournalContents contents;
    contents.size_bytes = static_cast<std::uint64_t>(in.tellg());
    in.seekg(0);
    std::string magic(kMagic.size(), '\0');
    in.read(magic.data(), static_cast<std::streamsize>(magic.size()));
    contents.sound_bytes = kMagic.size();
    if (!in || magic != kMagic ||
        !read_frame(in, contents.size_bytes - contents.sound_bytes, kMostHeaderBytes, contents.header)) {
        return fail(
            make_error(ErrorKind::Corrupt,
                       "this is no journal of a scan, or its beginning is broken; remove it to start over")
                .in_file(path));
    }
    contents.sound_bytes += kFrameBytes + contents.header.size();
    std::string record;
    while (read_frame(in, contents.size_bytes - contents.sound_bytes, kMostRecordBytes, record)) {
        HEADLIGHT_CHECK(on_record(record));
        contents.sound_bytes += kFrameBytes + record.size();
    }
    return contents;
}

JournalWriter::~JournalWriter() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

JournalWriter::JournalWriter(JournalWriter&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

Result<JournalWriter> JournalWriter::create(const std::string& path, std::string_view header) {
    // The header appears whole or not at all; a kill in the middle leaves no journal.
    const std::string start = std::string(kMagic) + framed(header);
    HEADLIGHT_CHECK(write_file_atomic(path, start));
    return resume(path, start.size());
}

Result<JournalWriter> JournalWriter::resume(const std::string& path, std::uint64_t sound_bytes) {
    JournalWriter writer;
    writer.path_ = path;
    writer.descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (writer.descriptor_ < 0) return system_failure("opened", path);
    if (::flock(writer.descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return fail(
            make_error(ErrorKind::InvalidInput,
                       "another process is writing this journal; wait for it, or use another --output-dir")
                .in_file(path));
    }
    if (::ftruncate(writer.descriptor_, static_cast<off_t>(sound_bytes)) != 0)
        return system_failure("cut to its whole records", path);
    if (::lseek(writer.descriptor_, 0, SEEK_END) < 0) return system_failure("positioned", path);
    return writer;
}

Status JournalWriter::append(std::string_view record) {
    return write_all(descriptor_, framed(record), path_);
}

}  // namespace headlight
