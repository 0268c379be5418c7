#include "io/training/tensorboard_events.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>

#include "io/training/crc32c.h"

namespace headlight {
namespace {

// Field numbers and wire types of the messages.
enum class Wire : std::uint32_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };
constexpr std::uint32_t kEventWallTime = 1, kEventStep = 2, kEventFileVersion = 3, kEventSummary = 5,
                        kEventSessionLog = 7;
constexpr std::uint32_t kSummaryValue = 1, kValueTag = 1, kValueSimple = 2;
constexpr std::uint32_t kSessionStatus = 1, kSessionStarts = 1;
constexpr int kMostNames = 1000;

template <class Unsigned>
void append_little_endian(std::string& out, Unsigned value) {
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
        out += static_cast<char>((value >> (8 * i)) & 0xFFU);
}

void append_varint(std::string& out, std::uint64_t value) {
    for (; value >= 0x80U; value >>= 7)
        out += static_cast<char>((value & 0x7FU) | 0x80U);
    out += static_cast<char>(value);
}

void append_tag(std::string& out, std::uint32_t field, Wire wire) {
    append_varint(out, (field << 3) | static_cast<std::uint32_t>(wire));
}

void append_bytes(std::string& out, std::uint32_t field, std::string_view bytes) {
    append_tag(out, field, Wire::Bytes);
    append_varint(out, bytes.size());
    out += bytes;
}

/// What every event begins with.
std::string event_head(double wall_time, std::int64_t step) {
    std::string event;
    append_tag(event, kEventWallTime, Wire::Fixed64);
    append_little_endian(event, std::bit_cast<std::uint64_t>(wall_time));
    if (step != 0) {  // zero is what an absent field reads as
        append_tag(event, kEventStep, Wire::Varint);
        append_varint(event, static_cast<std::uint64_t>(step));
    }
    return event;
}

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
    return name.data();
}

}  // namespace

std::string tfrecord(std::string_view payload) {
    std::string record;
    append_little_endian(record, static_cast<std::uint64_t>(payload.size()));
    append_little_endian(record, masked_crc32c(record));
    record += payload;
    append_little_endian(record, masked_crc32c(payload));
    return record;
}

std::string file_version_event(double wall_time) {
    std::string event = event_head(wall_time, 0);
    append_bytes(event, kEventFileVersion, "brain.Event:2");
    return event;
}

std::string session_start_event(double wall_time, std::int64_t step) {
    std::string session;
    append_tag(session, kSessionStatus, Wire::Varint);
    append_varint(session, kSessionStarts);
    std::string event = event_head(wall_time, step);
    append_bytes(event, kEventSessionLog, session);
    return event;
}

std::string scalar_event(double wall_time, std::int64_t step, std::span<const EventScalar> scalars) {
    std::string summary;
    for (const auto& [name, value] : scalars) {
        std::string entry;
        append_bytes(entry, kValueTag, name);
        append_tag(entry, kValueSimple, Wire::Fixed32);
        append_little_endian(entry, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
        append_bytes(summary, kSummaryValue, entry);
    }
    std::string event = event_head(wall_time, step);
    append_bytes(event, kEventSummary, summary);
    return event;
}

double wall_clock_seconds() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Result<std::string> create_event_file(const std::string& folder) {
    const double now = wall_clock_seconds();
    const std::string base = fmt::format("{}/events.out.tfevents.{:010}.{}.{}", folder,
                                         static_cast<std::int64_t>(now), host_name(), ::getpid());
    for (int number = 0; number < kMostNames; ++number) {
        const std::string path = fmt::format("{}.{}", base, number);
        const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (descriptor < 0 && errno == EEXIST) continue;
        const std::string record = tfrecord(file_version_event(now));
        const bool is_written = descriptor >= 0 && ::write(descriptor, record.data(), record.size()) ==
                                                       static_cast<ssize_t>(record.size());
        const int code = errno;
        if (descriptor >= 0) ::close(descriptor);
        if (is_written) return path;
        return fail(make_error(ErrorKind::Internal, "cannot start an event file for TensorBoard: {}",
                               std::strerror(code))
                        .in_file(path));
    }
    return fail(
        make_error(ErrorKind::Internal, "the folder is full of event files of this second").in_file(folder));
}

}  // namespace headlight
